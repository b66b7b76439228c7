//! What vmcompute.dll's exports are made of. Every call is done when it returns, so none is pending; exits come to
//! callbacks, from a thread of ours.

use crate::callback::Listener;
use crate::event::Event;
use crate::fault::{Fault, HResult, E_POINTER};
use crate::guard::{code, guarded};
use crate::hcs::{listen, process, system};
use crate::memory::{give, put};
use crate::text;

/// `HCS_NOTIFICATION_CALLBACK`: kind, context, status, data.
pub type Callback = Option<unsafe extern "system" fn(u32, usize, HResult, *const u16)>;

/// A call whose failure goes to the client as code and `ResultError`; `work` hands out what there is on success.
///
/// # Safety
/// `result` is null or can be written.
pub unsafe fn resulted(result: *mut *mut u16, work: impl FnOnce() -> Result<(), Fault>) -> HResult {
    guarded(|| {
        let outcome = work();
        let text = outcome.as_ref().err().map(Fault::result_error);
        // SAFETY: as this function's.
        unsafe { give(result, text.as_deref()) };
        code(outcome)
    })
}

/// A function that takes a system and a document. `name` is the document's on the wire.
///
/// # Safety
/// As the export's.
pub unsafe fn system_call(
    function: &str,
    handle: usize,
    (name, document): (&str, *const u16),
    properties: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        give(properties, None);
        resulted(result, || {
            let text = text::string(document);
            give(properties, Some(&system::call(&system::id(handle)?, function, (name, &text))?));
            Ok(())
        })
    }
}

/// A function that takes a process and a document, or none.
///
/// # Safety
/// As the export's.
pub unsafe fn process_call(
    function: &str,
    handle: usize,
    document: Option<(&str, *const u16)>,
    properties: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        give(properties, None);
        resulted(result, || {
            let text = document.map(|(name, text)| (name, text::string(text)));
            let document = text.as_ref().map(|(name, text)| (*name, text.as_str()));
            give(properties, Some(&process::opened(handle)?.call(function, document)?));
            Ok(())
        })
    }
}

/// A function of the service as a whole.
///
/// # Safety
/// As the export's.
pub unsafe fn service_call(
    function: &str,
    (name, document): (&str, *const u16),
    answer: *mut *mut u16,
    result: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        give(answer, None);
        resulted(result, || {
            give(answer, Some(&system::call_service(function, (name, &text::string(document)))?));
            Ok(())
        })
    }
}

/// Registers a callback with what `listen` says.
///
/// # Safety
/// `callback` can be called with `context` until it is unregistered; `handle` is null or can be written.
pub unsafe fn register(
    callback: Callback,
    context: usize,
    handle: *mut usize,
    listen: impl FnOnce(Listener) -> Result<usize, Fault>,
) -> HResult {
    guarded(|| {
        code((|| {
            // SAFETY: as this function's.
            unsafe { put(handle, 0) };
            let callback = callback.ok_or_else(|| Fault::new(E_POINTER, "Invalid pointer"))?;
            let registered = listen(Box::new(move |event: &Event| {
                if let Some(kind) = notification(&event.kind) {
                    let data: Vec<u16> = event.data.encode_utf16().chain([0]).collect();
                    // SAFETY: whoever registered says that it can be called; the data lives until it returns.
                    unsafe { callback(kind, context, event.status, data.as_ptr()) };
                }
            }))?;
            // SAFETY: as this function's.
            unsafe { put(handle, registered) };
            Ok(())
        })())
    })
}

/// Ends a registration.
pub fn unregister(handle: usize) -> HResult {
    guarded(|| code(listen::stop(handle)))
}

/// `HCS_NOTIFICATIONS` (hcsshim `internal/hcs/callback.go`).
fn notification(kind: &str) -> Option<u32> {
    Some(match kind {
        "SystemExited" => 1,
        "CrashReport" => 6,
        "SiloJobCreated" => 7,
        "CrashInitiated" => 0xd,
        "GuestConnectionClosed" => 0xe,
        "ProcessExited" => 0x1_0000,
        "ServiceDisconnect" => 0x0100_0000,
        _ => return None,
    })
}
