//! Compute systems.

use std::ptr::null_mut;

use winlab_shim::fault::HResult;
use winlab_shim::guard::{code, guarded};
use winlab_shim::hcs::v1::{self, Callback};
use winlab_shim::hcs::{listen, system};
use winlab_shim::memory::put;
use winlab_shim::text;

macro_rules! system_calls {
    ($($export:ident = $function:literal, $document:literal;)*) => {
        $(
            /// A call on a compute system.
            ///
            /// # Safety
            /// `document` is null or ends in NUL, `result` is null or can be written.
            #[no_mangle]
            pub unsafe extern "system" fn $export(
                system: usize,
                document: *const u16,
                result: *mut *mut u16,
            ) -> HResult {
                // SAFETY: as this function's.
                unsafe { v1::system_call($function, system, ($document, document), null_mut(), result) }
            }
        )*
    };
}

system_calls! {
    HcsStartComputeSystem = "HcsStartComputeSystem", "options_text";
    HcsShutdownComputeSystem = "HcsShutdownComputeSystem", "options_text";
    HcsTerminateComputeSystem = "HcsTerminateComputeSystem", "options_text";
    HcsPauseComputeSystem = "HcsPauseComputeSystem", "options_text";
    HcsResumeComputeSystem = "HcsResumeComputeSystem", "options_text";
    HcsSaveComputeSystem = "HcsSaveComputeSystem", "options_text";
    HcsModifyComputeSystem = "HcsModifyComputeSystem", "configuration_text";
}

/// Properties of the systems that match a query.
///
/// # Safety
/// `query` is null or ends in NUL; the others are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsEnumerateComputeSystems(
    query: *const u16,
    systems: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v1::service_call("HcsEnumerateComputeSystems", ("query_text", query), systems, result) }
}

/// A new compute system; under whose identity does not matter here.
///
/// # Safety
/// The strings are null or end in NUL; the outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsCreateComputeSystem(
    id: *const u16,
    configuration: *const u16,
    _identity: usize,
    system: *mut usize,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(system, 0);
        v1::resulted(result, || {
            let id = text::string(id);
            system::create(&id, &text::string(configuration))?;
            put(system, system::reserve(id));
            Ok(())
        })
    }
}

/// A handle for a compute system that is there.
///
/// # Safety
/// `id` is null or ends in NUL; the outs are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsOpenComputeSystem(
    id: *const u16,
    system: *mut usize,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(system, 0);
        v1::resulted(result, || {
            put(system, system::open(text::string(id))?);
            Ok(())
        })
    }
}

/// Closes a handle.
#[no_mangle]
pub extern "system" fn HcsCloseComputeSystem(system: usize) -> HResult {
    guarded(|| code(system::close(system)))
}

/// What a query asks of a compute system.
///
/// # Safety
/// `query` is null or ends in NUL; the others are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetComputeSystemProperties(
    system: usize,
    query: *const u16,
    properties: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        v1::system_call("HcsGetComputeSystemProperties", system, ("query_text", query), properties, result)
    }
}

/// Settings of the service.
///
/// # Safety
/// `settings` is null or ends in NUL, `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsModifyServiceSettings(
    settings: *const u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v1::service_call("HcsModifyServiceSettings", ("settings_text", settings), null_mut(), result) }
}

/// Properties of the service.
///
/// # Safety
/// `query` is null or ends in NUL; the others are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetServiceProperties(
    query: *const u16,
    properties: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v1::service_call("HcsGetServiceProperties", ("query_text", query), properties, result) }
}

/// Calls back with what happens to a compute system.
///
/// # Safety
/// `callback` can be called with `context` until it is unregistered; `handle` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsRegisterComputeSystemCallback(
    system: usize,
    callback: Callback,
    context: usize,
    handle: *mut usize,
) -> HResult {
    let listen = |listener| listen::to_system(system::id(system)?, listener);
    // SAFETY: as this function's.
    unsafe { v1::register(callback, context, handle, listen) }
}

/// Ends such a registration; no call is under way when it returns.
#[no_mangle]
pub extern "system" fn HcsUnregisterComputeSystemCallback(handle: usize) -> HResult {
    v1::unregister(handle)
}
