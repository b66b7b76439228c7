//! V1's one function, and what listens to HNS.

use crate::callback::{Listener, Registrations, Target};
use crate::event::Event;
use crate::fault::{Fault, HResult, E_POINTER, S_OK};
use crate::guard::{code, guarded};
use crate::handle::Handles;
use crate::hcn::object::{opened, recorded, Kind};
use crate::json::Object;
use crate::memory::{give, put};
use crate::text;
use crate::wire::Service;

/// `HNSCall`: the response is the whole of it, `{"Success":true,"Output":…}` or one that says what failed.
///
/// # Safety
/// As the export's.
pub unsafe fn hns_call(
    method: *const u16,
    path: *const u16,
    body: *const u16,
    response: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    let work = || unsafe {
        give(response, None);
        let arguments =
            Object::new().string("method", &text::string(method)).string("path", &text::string(path));
        let arguments = arguments.string("body_text", &text::string(body));
        give(response, Some(&Service::Hns.call("HNSCall", arguments)?));
        Ok(())
    };
    guarded(|| code(work()))
}

static SERVICES: Handles<()> = Handles::new();

/// `HcnOpenService`: a handle that stands for HNS as a whole.
///
/// # Safety
/// As the export's.
pub unsafe fn open(service: *mut usize, record: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        recorded(record, || {
            put(service, SERVICES.open(()));
            Ok(())
        })
    }
}

/// `HcnCloseService`
pub fn close(service: usize) -> HResult {
    guarded(|| SERVICES.close(service).map_or_else(|| Fault::no_handle().code, |()| S_OK))
}

/// `HCN_NOTIFICATION_CALLBACK`: kind, context, status, data.
pub type Callback = Option<unsafe extern "system" fn(u32, usize, HResult, *const u16)>;

static CALLBACKS: Registrations = Registrations::new(Service::Hns);

/// `HcnRegisterServiceCallback`: everything HNS tells.
///
/// # Safety
/// As the export's: `callback` can be called with `context` until it is unregistered.
pub unsafe fn register(callback: Callback, context: usize, handle: *mut usize) -> HResult {
    // SAFETY: as this function's.
    unsafe { listen(|| Ok(Target::All), callback, context, handle) }
}

/// `HcnRegisterNetworkCallback` and `HcnRegisterGuestNetworkServiceCallback`: what HNS tells of one object.
///
/// # Safety
/// As [`register`]'s.
pub unsafe fn register_object(
    kind: Kind,
    object: usize,
    callback: Callback,
    context: usize,
    handle: *mut usize,
) -> HResult {
    let target = || opened(kind, object).map(|id| Target::Object(id.to_string()));
    // SAFETY: as this function's.
    unsafe { listen(target, callback, context, handle) }
}

/// # Safety
/// As [`register`]'s.
unsafe fn listen(
    target: impl FnOnce() -> Result<Target, Fault>,
    callback: Callback,
    context: usize,
    handle: *mut usize,
) -> HResult {
    let work = || {
        // SAFETY: as this function's.
        unsafe { put(handle, 0) };
        let callback = callback.ok_or_else(|| Fault::new(E_POINTER, "Invalid pointer"))?;
        let listener: Listener = Box::new(move |event: &Event| {
            let data: Vec<u16> = event.notification().encode_utf16().chain([0]).collect();
            // SAFETY: whoever registered says that it can be called; the data lives until it returns.
            unsafe { callback(code_of(&event.kind), context, event.status, data.as_ptr()) };
        });
        let registered = CALLBACKS.register(target()?, false, listener)?;
        // SAFETY: as this function's.
        unsafe { put(handle, registered) };
        Ok(())
    };
    guarded(|| code(work()))
}

/// `HcnUnregisterServiceCallback` and its like: afterwards the callback is not called, and none is under way.
pub fn unregister(handle: usize) -> HResult {
    guarded(|| code(CALLBACKS.unregister(handle)))
}

/// `HCN_NOTIFICATIONS`
fn code_of(kind: &str) -> u32 {
    match kind {
        "NetworkPreCreate" => 1,
        "NetworkCreate" => 2,
        "NetworkPreDelete" => 3,
        "NetworkDelete" => 4,
        "NamespaceCreate" => 5,
        "NamespaceDelete" => 6,
        "GuestNetworkServiceCreate" => 7,
        "GuestNetworkServiceDelete" => 8,
        "NetworkEndpointAttached" => 9,
        "NetworkEndpointDetached" => 0x10,
        "GuestNetworkServiceStateChanged" => 0x11,
        "GuestNetworkServiceInterfaceStateChanged" => 0x12,
        "ServiceDisconnect" => 0x0100_0000,
        _ => 0,
    }
}
