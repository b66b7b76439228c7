//! A pipe of which a client gets one end as a handle that takes overlapped I/O (go-winio wraps it in `NewOpenFile`),
//! and a thread of ours the other as a file.

use std::fs::File;
use std::io;

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The client reads.
    ToClient,
    /// The client writes.
    FromClient,
}

/// Our end, and the client's as a handle that is the client's to close.
pub(super) fn pair(direction: Direction) -> io::Result<(File, usize)> {
    system::pair(direction)
}

/// Closes a client's end that no client got.
pub(super) fn close(handle: usize) {
    system::close(handle);
}

#[cfg(windows)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::windows::io::FromRawHandle;
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Direction;

    const INBOUND: u32 = 1;
    const OUTBOUND: u32 = 2;
    const FIRST_INSTANCE: u32 = 0x0008_0000;
    const BUFFER: u32 = 64 * 1024;
    const GENERIC_READ: u32 = 0x8000_0000;
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const OPEN_EXISTING: u32 = 3;
    const OVERLAPPED: u32 = 0x4000_0000;
    const INVALID: usize = usize::MAX;

    #[link(name = "kernel32")]
    extern "system" {
        fn CreateNamedPipeW(
            name: *const u16,
            open_mode: u32,
            pipe_mode: u32,
            instances: u32,
            out_buffer: u32,
            in_buffer: u32,
            timeout: u32,
            security: *const u8,
        ) -> usize;
        fn CreateFileW(
            name: *const u16,
            access: u32,
            share: u32,
            security: *const u8,
            disposition: u32,
            flags: u32,
            template: *mut u8,
        ) -> usize;
        fn CloseHandle(handle: usize) -> i32;
    }

    static COUNT: AtomicU32 = AtomicU32::new(0);

    pub(super) fn pair(direction: Direction) -> io::Result<(File, usize)> {
        let here: *const AtomicU32 = &COUNT;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!(r"\\.\pipe\winlab-{}-{:x}-{}", std::process::id(), here as usize, count);
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let (mode, access) = match direction {
            Direction::ToClient => (OUTBOUND, GENERIC_READ),
            Direction::FromClient => (INBOUND, GENERIC_WRITE),
        };
        // SAFETY: the name ends in NUL, the rest are values.
        let ours = unsafe {
            CreateNamedPipeW(name.as_ptr(), mode | FIRST_INSTANCE, 0, 1, BUFFER, BUFFER, 0, null())
        };
        if ours == INVALID {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made and is nobody else's.
        let ours = unsafe { File::from_raw_handle(ours as _) };
        // SAFETY: as above.
        let theirs =
            unsafe { CreateFileW(name.as_ptr(), access, 0, null(), OPEN_EXISTING, OVERLAPPED, null_mut()) };
        if theirs == INVALID {
            return Err(io::Error::last_os_error());
        }
        Ok((ours, theirs))
    }

    pub(super) fn close(handle: usize) {
        // SAFETY: the handle was made by `pair` and given to nobody.
        unsafe { CloseHandle(handle) };
    }
}

/// Where there is no Windows, for the tests.
#[cfg(not(windows))]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::unix::io::{FromRawFd, IntoRawFd};
    use std::os::unix::net::UnixStream;

    use super::Direction;

    pub(super) fn pair(_direction: Direction) -> io::Result<(File, usize)> {
        let (ours, theirs) = UnixStream::pair()?;
        // SAFETY: the descriptor is open and nobody else's.
        let ours = unsafe { File::from_raw_fd(ours.into_raw_fd()) };
        Ok((ours, usize::try_from(theirs.into_raw_fd()).unwrap_or_default()))
    }

    pub(super) fn close(handle: usize) {
        // SAFETY: the descriptor was made by `pair` and given to nobody.
        drop(unsafe { File::from_raw_fd(i32::try_from(handle).unwrap_or(-1)) });
    }
}
