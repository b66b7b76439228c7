//! Compute systems, and the service as a whole.

use winlab_shim::fault::{HResult, E_INVALIDARG};
use winlab_shim::guard::{code, guarded, or_else};
use winlab_shim::hcs::operation::Kind;
use winlab_shim::hcs::v2::{self, EventCallback};
use winlab_shim::hcs::{listen, system};
use winlab_shim::memory::{give, put};
use winlab_shim::text;

macro_rules! system_calls {
    ($($export:ident = $function:literal, $kind:ident, $document:literal;)*) => {
        $(
            /// Starts a call on a compute system.
            ///
            /// # Safety
            /// `document` is null or ends in NUL.
            #[no_mangle]
            pub unsafe extern "system" fn $export(
                system: usize,
                operation: usize,
                document: *const u16,
            ) -> HResult {
                // SAFETY: as this function's.
                unsafe { v2::on_system(($function, Kind::$kind), system, operation, ($document, document)) }
            }
        )*
    };
}

system_calls! {
    HcsStartComputeSystem = "HcsStartComputeSystem", Start, "options_text";
    HcsShutDownComputeSystem = "HcsShutdownComputeSystem", Shutdown, "options_text";
    HcsTerminateComputeSystem = "HcsTerminateComputeSystem", Terminate, "options_text";
    HcsCrashComputeSystem = "HcsCrashComputeSystem", Crash, "options_text";
    HcsPauseComputeSystem = "HcsPauseComputeSystem", Pause, "options_text";
    HcsResumeComputeSystem = "HcsResumeComputeSystem", Resume, "options_text";
    HcsSaveComputeSystem = "HcsSaveComputeSystem", Save, "options_text";
    HcsGetComputeSystemProperties = "HcsGetComputeSystemProperties", GetProperties, "query_text";
}

/// Changes a compute system; under whose identity does not matter here.
///
/// # Safety
/// `configuration` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsModifyComputeSystem(
    system: usize,
    operation: usize,
    configuration: *const u16,
    _identity: usize,
) -> HResult {
    let name = ("HcsModifyComputeSystem", Kind::Modify);
    // SAFETY: as this function's.
    unsafe { v2::on_system(name, system, operation, ("configuration_text", configuration)) }
}

/// Properties of the systems that match a query.
///
/// # Safety
/// `query` is null or ends in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsEnumerateComputeSystems(query: *const u16, operation: usize) -> HResult {
    // SAFETY: as this function's.
    unsafe { v2::enumerate(query, operation) }
}

/// The same in a namespace, of which there is the one without a name.
///
/// # Safety
/// The strings are null or end in NUL.
#[no_mangle]
pub unsafe extern "system" fn HcsEnumerateComputeSystemsInNamespace(
    namespace: *const u16,
    query: *const u16,
    operation: usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { v2::default_namespace(namespace).map_or_else(|code| code, |()| v2::enumerate(query, operation)) }
}

/// A new compute system. A security descriptor is refused, as Windows does (`HcsCreateComputeSystem.md`).
///
/// # Safety
/// The strings are null or end in NUL, `system` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsCreateComputeSystem(
    id: *const u16,
    configuration: *const u16,
    operation: usize,
    security: usize,
    system: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(system, 0);
        if security != 0 {
            return E_INVALIDARG;
        }
        v2::create(id, configuration, operation, system)
    }
}

/// The same in a namespace, of which there is the one without a name.
///
/// # Safety
/// The strings are null or end in NUL, `system` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsCreateComputeSystemInNamespace(
    namespace: *const u16,
    id: *const u16,
    configuration: *const u16,
    operation: usize,
    options: usize,
    system: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(system, 0);
        let create = |()| HcsCreateComputeSystem(id, configuration, operation, options, system);
        v2::default_namespace(namespace).map_or_else(|code| code, create)
    }
}

/// A handle for a compute system that is there. Access is always all of it.
///
/// # Safety
/// `id` is null or ends in NUL, `system` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsOpenComputeSystem(
    id: *const u16,
    _access: u32,
    system: *mut usize,
) -> HResult {
    guarded(|| {
        // SAFETY: as this function's.
        code((|| unsafe {
            put(system, 0);
            put(system, system::open(text::string(id))?);
            Ok(())
        })())
    })
}

/// The same in a namespace, of which there is the one without a name.
///
/// # Safety
/// The strings are null or end in NUL, `system` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsOpenComputeSystemInNamespace(
    namespace: *const u16,
    id: *const u16,
    access: u32,
    system: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        let open = |()| HcsOpenComputeSystem(id, access, system);
        v2::default_namespace(namespace).map_or_else(|code| code, open)
    }
}

/// Closes a handle, and takes its callback away.
#[no_mangle]
pub extern "system" fn HcsCloseComputeSystem(system: usize) {
    or_else((), || {
        v2::unset_callback(system);
        // There is nobody to tell that it was none.
        let _ = system::close(system);
    });
}

/// Calls back with what happens to a compute system.
///
/// # Safety
/// `callback` can be called with `context` until the handle is closed.
#[no_mangle]
pub unsafe extern "system" fn HcsSetComputeSystemCallback(
    system: usize,
    options: u32,
    context: usize,
    callback: Option<EventCallback>,
) -> HResult {
    let listen = |listener| listen::to_system(system::id(system)?, listener);
    // SAFETY: as this function's.
    unsafe { v2::set_callback(system, options, context, callback, listen) }
}

/// Waits until a compute system has ended.
///
/// # Safety
/// `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsWaitForComputeSystemExit(
    system: usize,
    ms: u32,
    result: *mut *mut u16,
) -> HResult {
    let listen = |listener| listen::to_system(system::id(system)?, listener);
    // SAFETY: as this function's.
    unsafe { v2::wait_for_exit(ms, result, listen) }
}

/// Properties of the service.
///
/// # Safety
/// `query` is null or ends in NUL, `result` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcsGetServiceProperties(query: *const u16, result: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { service_call("HcsGetServiceProperties", ("query_text", query), result) }
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
    unsafe { service_call("HcsModifyServiceSettings", ("settings_text", settings), result) }
}

/// # Safety
/// As the exports'.
unsafe fn service_call(
    function: &str,
    (name, document): (&str, *const u16),
    result: *mut *mut u16,
) -> HResult {
    guarded(|| {
        // SAFETY: as this function's.
        let text = unsafe { text::string(document) };
        let answer = system::call_service(function, (name, &text));
        let document = match &answer {
            Ok(document) => Some(document.clone()).filter(|document| document != "null"),
            Err(fault) => Some(fault.result_error()),
        };
        // SAFETY: as this function's.
        unsafe { give(result, document.as_deref()) };
        code(answer)
    })
}
