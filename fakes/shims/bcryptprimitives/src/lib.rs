//! bcryptprimitives.dll: `ProcessPrng`, which Wine 8 lacks, and what else Go programs miss there.
//!
//! Every Go program loads this DLL before anything else (`runtime/os_windows.go`), and since Rust 1.78 so does every
//! Rust one. That makes it the place to mend other DLLs of Wine in memory as they are loaded: see [`loader`],
//! [`export_table`], [`backup`], [`unix_sockets`], [`symbolic_links`], [`reparse_points`], [`named_pipes`],
//! [`dispositions`] and [`compartments`].
//!
//! It is `no_std`: std itself imports `ProcessPrng` from here.
#![no_std]
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod backup;
mod compartments;
mod dispositions;
mod export_table;
mod loader;
mod named_pipes;
mod reparse_points;
mod socket_table;
mod symbolic_links;
mod unix_sockets;
mod win32;

use core::panic::PanicInfo;

/// Fills a buffer with random bytes; it cannot fail in Windows, and says 1.
///
/// # Safety
/// `data` has room for `length` bytes.
#[no_mangle]
pub unsafe extern "system" fn ProcessPrng(data: *mut u8, length: usize) -> i32 {
    let mut at = 0;
    while at < length {
        let part = u32::try_from(length - at).unwrap_or(u32::MAX);
        // SAFETY: as this function's.
        if unsafe { win32::SystemFunction036(data.add(at), part) } == 0 {
            return 0;
        }
        at += part as usize;
    }
    1
}

/// Called by the loader.
///
/// # Safety
/// As the loader calls it.
#[no_mangle]
pub unsafe extern "system" fn DllMain(_module: usize, reason: u32, _reserved: usize) -> i32 {
    const PROCESS_ATTACH: u32 = 1;
    if reason == PROCESS_ATTACH {
        // SAFETY: the loader holds its lock.
        unsafe { loader::mend_what_is_loaded() };
    }
    1
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    // SAFETY: ends the process, with STATUS_FAIL_FAST_EXCEPTION.
    unsafe { win32::TerminateProcess(usize::MAX, 0xc000_0602) };
    loop {}
}

/// What unwinding would call; this DLL is built to abort.
#[no_mangle]
extern "C" fn rust_eh_personality() {}
