//! `BackupWrite`, which Wine's kernel32.dll only refuses: containerd's snapshotter lays image layers with it.
//!
//! What comes is a sequence of streams, each a header (`WIN32_STREAM_ID`), its name and its bytes, cut into calls at any
//! place (Microsoft, "BackupWrite function"). The data stream and its sparse blocks are written, a reparse point is set
//! as the file system allows, and security descriptors are passed over, since Wine's files have none of their own. Any
//! other stream is refused with `ERROR_NOT_SUPPORTED`: nothing of a layer is lost without a word.

use core::ptr::null_mut;

use crate::export_table::{extend, Export};
use crate::win32::{
    DeviceIoControl, GetProcessHeap, HeapAlloc, HeapFree, SetFilePointerEx, SetLastError, WriteFile,
};

const DATA: u32 = 1;
const SECURITY: u32 = 3;
const REPARSE: u32 = 8;
const SPARSE_BLOCK: u32 = 9;

const NOT_ENOUGH_MEMORY: u32 = 8;
const NOT_SUPPORTED: u32 = 50;
const INVALID_PARAMETER: u32 = 87;
const INVALID_DATA: u32 = 13;

/// A header without its name: id, attributes, size in 8 bytes, size of the name.
const HEADER: usize = 20;
/// `MAXIMUM_REPARSE_DATA_BUFFER_SIZE`
const REPARSE_BYTES: usize = 16 * 1024;

/// What is kept between calls: `*context` points to it.
#[repr(C)]
struct State {
    header: [u8; HEADER],
    /// Bytes of the header that have come.
    header_has: usize,
    name_left: u64,
    left: u64,
    /// The start of a sparse block's bytes: where in the file it belongs.
    offset: [u8; 8],
    offset_has: usize,
    reparse_has: usize,
    reparse: [u8; REPARSE_BYTES],
}

/// Puts it into kernel32.dll.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let export = Export { name: b"BackupWrite\0", function: backup_write as *const () as usize };
    // SAFETY: as this function's.
    unsafe { extend(module, &[export]) };
}

fn fail(code: u32) -> i32 {
    // SAFETY: sets a number of this thread's.
    unsafe { SetLastError(code) };
    0
}

/// `BackupWrite`
unsafe extern "system" fn backup_write(
    file: usize,
    buffer: *const u8,
    length: u32,
    written: *mut u32,
    abort: i32,
    _process_security: i32,
    context: *mut *mut State,
) -> i32 {
    if context.is_null() {
        return fail(INVALID_PARAMETER);
    }
    // SAFETY: as the caller's: the context is NULL or what an earlier call made of it.
    unsafe {
        if abort != 0 {
            if !(*context).is_null() {
                HeapFree(GetProcessHeap(), 0, (*context).cast());
                *context = null_mut();
            }
            return 1;
        }
        if buffer.is_null() || written.is_null() {
            return fail(INVALID_PARAMETER);
        }
        if (*context).is_null() {
            const ZEROED: u32 = 8;
            let state = HeapAlloc(GetProcessHeap(), ZEROED, core::mem::size_of::<State>()).cast::<State>();
            if state.is_null() {
                return fail(NOT_ENOUGH_MEMORY);
            }
            *context = state;
        }
        let bytes = core::slice::from_raw_parts(buffer, length as usize);
        match (**context).take(file, bytes) {
            Ok(()) => {
                *written = length;
                1
            }
            // A Win32 function of ours has set its own code already.
            Err(0) => 0,
            Err(code) => fail(code),
        }
    }
}

impl State {
    fn id(&self) -> u32 {
        u32::from_le_bytes([self.header[0], self.header[1], self.header[2], self.header[3]])
    }

    /// Carries out what these bytes say. The error is a code, or 0 where the system has set one.
    unsafe fn take(&mut self, file: usize, mut bytes: &[u8]) -> Result<(), u32> {
        while !bytes.is_empty() {
            if self.header_has < HEADER {
                let used = copy(&mut self.header, &mut self.header_has, bytes);
                bytes = &bytes[used..];
                if self.header_has == HEADER {
                    self.begin()?;
                }
                continue;
            }
            if self.name_left > 0 {
                let used = smaller(self.name_left, bytes.len());
                self.name_left -= used as u64;
                bytes = &bytes[used..];
            } else {
                let part = &bytes[..smaller(self.left, bytes.len())];
                // SAFETY: as this function's caller's: the handle is a file's.
                unsafe { self.data(file, part)? };
                self.left -= part.len() as u64;
                bytes = &bytes[part.len()..];
            }
            if self.name_left == 0 && self.left == 0 {
                // SAFETY: as above.
                unsafe { self.end(file)? };
            }
        }
        Ok(())
    }

    /// A header is whole.
    fn begin(&mut self) -> Result<(), u32> {
        let h = &self.header;
        self.left = u64::from_le_bytes([h[8], h[9], h[10], h[11], h[12], h[13], h[14], h[15]]);
        self.name_left = u32::from_le_bytes([h[16], h[17], h[18], h[19]]).into();
        self.offset_has = 0;
        self.reparse_has = 0;
        match self.id() {
            DATA | SECURITY | SPARSE_BLOCK => {}
            REPARSE if self.left <= REPARSE_BYTES as u64 => {}
            REPARSE => return Err(INVALID_DATA),
            _ => return Err(NOT_SUPPORTED),
        }
        if self.left == 0 && self.name_left == 0 {
            self.header_has = 0;
        }
        Ok(())
    }

    unsafe fn data(&mut self, file: usize, mut part: &[u8]) -> Result<(), u32> {
        match self.id() {
            REPARSE => {
                copy(&mut self.reparse, &mut self.reparse_has, part);
                return Ok(());
            }
            SPARSE_BLOCK if self.offset_has < 8 => {
                let used = copy(&mut self.offset, &mut self.offset_has, part);
                part = &part[used..];
                const FROM_START: u32 = 0;
                let offset = i64::from_le_bytes(self.offset);
                // SAFETY: the handle is the caller's.
                if self.offset_has == 8
                    && unsafe { SetFilePointerEx(file, offset, null_mut(), FROM_START) } == 0
                {
                    return Err(0);
                }
            }
            SECURITY => return Ok(()),
            _ => {}
        }
        while !part.is_empty() {
            let mut written = 0;
            // SAFETY: so many bytes are there; the handle is the caller's.
            if unsafe { WriteFile(file, part.as_ptr(), part.len() as u32, &mut written, null_mut()) } == 0 {
                return Err(0);
            }
            part = &part[written as usize..];
        }
        Ok(())
    }

    /// A stream is whole.
    unsafe fn end(&mut self, file: usize) -> Result<(), u32> {
        const FSCTL_SET_REPARSE_POINT: u32 = 0x0009_00a4;
        self.header_has = 0;
        if self.id() != REPARSE {
            return Ok(());
        }
        let (mut returned, length) = (0, self.reparse_has as u32);
        let data = self.reparse.as_ptr();
        // SAFETY: so many bytes are there; the handle is the caller's.
        let set = unsafe {
            DeviceIoControl(
                file,
                FSCTL_SET_REPARSE_POINT,
                data,
                length,
                null_mut(),
                0,
                &mut returned,
                null_mut(),
            )
        };
        if set == 0 {
            Err(0)
        } else {
            Ok(())
        }
    }
}

/// Fills up a buffer of which so many bytes are there, and gives back how many it took.
fn copy(to: &mut [u8], has: &mut usize, from: &[u8]) -> usize {
    let used = from.len().min(to.len() - *has);
    to[*has..*has + used].copy_from_slice(&from[..used]);
    *has += used;
    used
}

fn smaller(left: u64, length: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(length)
}
