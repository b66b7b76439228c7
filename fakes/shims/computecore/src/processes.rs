//! Processes of compute systems.

use winlab_shim::fault::{HResult, E_INVALIDARG};
use winlab_shim::guard::{code, guarded, or_else};
use winlab_shim::hcs::operation::Kind;
use winlab_shim::hcs::process::{self, Process};
use winlab_shim::hcs::v2::{self, EventCallback};
use winlab_shim::hcs::{listen, system};
use winlab_shim::memory::put;

/// Starts a process. A security descriptor is refused, as Windows does.
///
/// # Safety
/// `parameters` is null or ends in NUL, `process` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsCreateProcess(
    system: usize,
    parameters: *const u16,
    operation: usize,
    security: usize,
    process: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(process, 0);
        if security != 0 {
            return E_INVALIDARG;
        }
        v2::create_process(system, parameters, operation, process)
    }
}

/// A handle for a process that is there. Access is always all of it.
///
/// # Safety
/// `process` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsOpenProcess(
    system: usize,
    pid: u32,
    _access: u32,
    process: *mut usize,
) -> HResult {
    guarded(|| {
        // SAFETY: as this function's.
        code((|| unsafe {
            put(process, 0);
            put(process, process::hand_out(Process::open(system::id(system)?, pid)?));
            Ok(())
        })())
    })
}

/// Closes a handle, and takes its callback away.
#[no_mangle]
pub extern "system" fn HcsCloseProcess(process: usize) {
    or_else((), || {
        v2::unset_callback(process);
        // There is nobody to tell that it was none.
        let _ = process::close(process);
    });
}

/// Ends a process; its options are for virtual machines.
///
/// # Safety
/// `options` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsTerminateProcess(
    process: usize,
    operation: usize,
    _options: *const u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v2::on_process(("HcsTerminateProcess", Kind::Terminate), process, operation, None) }
}

/// Sends a process a signal.
///
/// # Safety
/// `options` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsSignalProcess(
    process: usize,
    operation: usize,
    options: *const u16,
) -> HResult {
    let name = ("HcsSignalProcess", Kind::SignalProcess);
    // SAFETY: as this function's.
    unsafe { v2::on_process(name, process, operation, Some(("options_text", options))) }
}

/// Asks for a process's number, and its pipes where nobody has them yet.
#[no_mangle]
pub extern "system" fn HcsGetProcessInfo(process: usize, operation: usize) -> HResult {
    v2::process_information(process, operation)
}

/// Asks whether and how a process has ended; there is nothing else to ask.
///
/// # Safety
/// `query` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsGetProcessProperties(
    process: usize,
    operation: usize,
    _query: *const u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        v2::on_process(("HcsGetProcessProperties", Kind::GetProcessProperties), process, operation, None)
    }
}

/// Changes a process's console, or closes a stream.
///
/// # Safety
/// `settings` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsModifyProcess(
    process: usize,
    operation: usize,
    settings: *const u16,
) -> HResult {
    let name = ("HcsModifyProcess", Kind::ModifyProcess);
    // SAFETY: as this function's.
    unsafe { v2::on_process(name, process, operation, Some(("settings_text", settings))) }
}

/// Calls back when a process ends.
///
/// # Safety
/// `callback` can be called with `context` until the handle is closed.
#[no_mangle]
pub unsafe extern "system" fn HcsSetProcessCallback(
    process: usize,
    options: u32,
    context: usize,
    callback: Option<EventCallback>,
) -> HResult {
    let listen = |listener| listen::to_process(&process::opened(process)?, listener);
    // SAFETY: as this function's.
    unsafe { v2::set_callback(process, options, context, callback, listen) }
}

/// Waits until a process has ended.
///
/// # Safety
/// `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsWaitForProcessExit(
    process: usize,
    ms: u32,
    result: *mut *mut u16,
) -> HResult {
    let listen = |listener| listen::to_process(&process::opened(process)?, listener);
    // SAFETY: as this function's.
    unsafe { v2::wait_for_exit(ms, result, listen) }
}
