//! Processes of compute systems.

use std::ptr::null_mut;

use winlab_shim::fault::HResult;
use winlab_shim::guard::{code, guarded};
use winlab_shim::hcs::process::{self, Process, ProcessInformation};
use winlab_shim::hcs::v1::{self, Callback};
use winlab_shim::hcs::{listen, system};
use winlab_shim::memory::put;
use winlab_shim::text;

/// Starts a process.
///
/// # Safety
/// `parameters` is null or ends in NUL; the outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsCreateProcess(
    system: usize,
    parameters: *const u16,
    information: *mut ProcessInformation,
    process: *mut usize,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(process, 0);
        put(information, ProcessInformation::default());
        v1::resulted(result, || {
            let started = Process::starting(system::id(system)?);
            put(information, started.start(&text::string(parameters))?);
            put(process, process::hand_out(started));
            Ok(())
        })
    }
}

/// A handle for a process that is there.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsOpenProcess(
    system: usize,
    pid: u32,
    process: *mut usize,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(process, 0);
        v1::resulted(result, || {
            put(process, process::hand_out(Process::open(system::id(system)?, pid)?));
            Ok(())
        })
    }
}

/// Closes a handle.
#[no_mangle]
pub extern "system" fn HcsCloseProcess(process: usize) -> HResult {
    guarded(|| code(process::close(process)))
}

/// Ends a process.
///
/// # Safety
/// `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsTerminateProcess(process: usize, result: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { v1::process_call("HcsTerminateProcess", process, None, null_mut(), result) }
}

/// Sends a process a signal.
///
/// # Safety
/// `options` is null or ends in NUL, `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsSignalProcess(
    process: usize,
    options: *const u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        v1::process_call("HcsSignalProcess", process, Some(("options_text", options)), null_mut(), result)
    }
}

/// A process's number, and its pipes where nobody has them yet.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetProcessInfo(
    process: usize,
    information: *mut ProcessInformation,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(information, ProcessInformation::default());
        v1::resulted(result, || {
            put(information, process::opened(process)?.information()?);
            Ok(())
        })
    }
}

/// Whether and how a process has ended.
///
/// # Safety
/// The outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetProcessProperties(
    process: usize,
    properties: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v1::process_call("HcsGetProcessProperties", process, None, properties, result) }
}

/// Changes a process's console, or closes a stream.
///
/// # Safety
/// `settings` is null or ends in NUL, `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsModifyProcess(
    process: usize,
    settings: *const u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        v1::process_call("HcsModifyProcess", process, Some(("settings_text", settings)), null_mut(), result)
    }
}

/// Calls back when a process ends.
///
/// # Safety
/// `callback` can be called with `context` until it is unregistered; `handle` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsRegisterProcessCallback(
    process: usize,
    callback: Callback,
    context: usize,
    handle: *mut usize,
) -> HResult {
    let listen = |listener| listen::to_process(&process::opened(process)?, listener);
    // SAFETY: as this function's.
    unsafe { v1::register(callback, context, handle, listen) }
}

/// Ends such a registration; no call is under way when it returns.
#[no_mangle]
pub extern "system" fn HcsUnregisterProcessCallback(handle: usize) -> HResult {
    v1::unregister(handle)
}
