//! What every kind of object has: enumerate, create, open, modify, query, delete, close.
//!
//! Each function takes the pointers of the export of the same shape and follows its rules (Microsoft's HCN reference,
//! `HcnCreateEndpoint.md`): an error record only on failure and NULL otherwise, no handle on failure, strings that the
//! caller frees.

use crate::fault::{Fault, HResult, S_OK};
use crate::guard::guarded;
use crate::guid::Guid;
use crate::handle::Handles;
use crate::json::{Json, Object};
use crate::memory::{give, put};
use crate::text;
use crate::wire::Service;

/// The kinds of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `HCN_NETWORK`
    Network,
    /// `HCN_ENDPOINT`
    Endpoint,
    /// `HCN_NAMESPACE`
    Namespace,
    /// `HCN_LOADBALANCER`
    LoadBalancer,
    /// Routes of the software-defined network.
    SdnRoute,
    /// `HCN_GUESTNETWORKSERVICE`
    GuestNetworkService,
}

/// What a handle stands for. It stays after the object is deleted; HNS answers then that there is none.
type Open = (Kind, Guid);

static OPEN: Handles<Open> = Handles::new();

/// The object that a handle of that kind stands for.
pub(super) fn opened(kind: Kind, handle: usize) -> Result<Guid, Fault> {
    OPEN.get(handle).filter(|(open, _)| *open == kind).map(|(_, id)| id).ok_or_else(Fault::no_handle)
}

/// A call whose failure goes to the client as code and record; `work` hands out what there is on success.
///
/// # Safety
/// `record` is null or can be written.
pub(super) unsafe fn recorded(record: *mut *mut u16, work: impl FnOnce() -> Result<(), Fault>) -> HResult {
    guarded(|| {
        let outcome = work();
        let text = outcome.as_ref().err().map(Fault::error_record);
        // SAFETY: as this function's.
        unsafe { give(record, text.as_deref()) };
        outcome.map_or_else(|fault| fault.code, |()| S_OK)
    })
}

/// # Safety
/// `id` is null, which means nil, or points to a GUID.
unsafe fn given(id: *const Guid) -> Guid {
    // SAFETY: as this function's.
    unsafe { id.as_ref() }.copied().unwrap_or_default()
}

fn guid(result: &str) -> Result<Guid, Fault> {
    let text = Json::parse(result).and_then(Json::as_str);
    text.and_then(|text| text.parse().ok()).ok_or_else(Fault::protocol)
}

/// `HcnEnumerateNetworks` and its like: a JSON array of GUIDs.
///
/// # Safety
/// As the export's: strings end in NUL, the others can be written or are null.
pub unsafe fn enumerate(
    function: &str,
    query: *const u16,
    ids: *mut *mut u16,
    record: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        give(ids, None);
        recorded(record, || {
            let arguments = Object::new().string("query_text", &text::string(query));
            give(ids, Some(&Service::Hns.call(function, arguments)?));
            Ok(())
        })
    }
}

/// `HcnCreateNetwork` and its like. `network` is the handle that `HcnCreateEndpoint` has besides.
///
/// # Safety
/// As the export's.
pub unsafe fn create(
    (function, kind): (&str, Kind),
    network: Option<usize>,
    id: *const Guid,
    settings: *const u16,
    handle: *mut usize,
    record: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(handle, 0);
        recorded(record, || {
            let mut arguments = Object::new();
            if let Some(network) = network {
                arguments = arguments.string("network", &opened(Kind::Network, network)?.to_string());
            }
            arguments = arguments.string("id", &given(id).to_string());
            arguments = arguments.string("settings_text", &text::string(settings));
            let id = guid(&Service::Hns.call(function, arguments)?)?;
            hand_out(handle, (kind, id));
            Ok(())
        })
    }
}

/// `HcnOpenNetwork` and its like.
///
/// # Safety
/// As the export's.
pub unsafe fn open(
    (function, kind): (&str, Kind),
    id: *const Guid,
    handle: *mut usize,
    record: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        put(handle, 0);
        recorded(record, || {
            let id = given(id);
            Service::Hns.call(function, Object::new().string("id", &id.to_string()))?;
            hand_out(handle, (kind, id));
            Ok(())
        })
    }
}

/// A client that takes no handle gets none: it could not close it.
///
/// # Safety
/// `handle` is null or can be written.
unsafe fn hand_out(handle: *mut usize, open: Open) {
    if !handle.is_null() {
        // SAFETY: as this function's.
        unsafe { put(handle, OPEN.open(open)) };
    }
}

/// `HcnModifyNetwork` and its like.
///
/// # Safety
/// As the export's.
pub unsafe fn modify(
    (function, kind): (&str, Kind),
    handle: usize,
    settings: *const u16,
    record: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        recorded(record, || {
            let arguments = Object::new().string("id", &opened(kind, handle)?.to_string());
            Service::Hns.call(function, arguments.string("settings_text", &text::string(settings)))?;
            Ok(())
        })
    }
}

/// `HcnQueryNetworkProperties` and its like, `HcnQueryEndpointStats` too.
///
/// # Safety
/// As the export's.
pub unsafe fn query(
    (function, kind): (&str, Kind),
    handle: usize,
    query: *const u16,
    properties: *mut *mut u16,
    record: *mut *mut u16,
) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        give(properties, None);
        recorded(record, || {
            let arguments = Object::new().string("id", &opened(kind, handle)?.to_string());
            let arguments = arguments.string("query_text", &text::string(query));
            give(properties, Some(&Service::Hns.call(function, arguments)?));
            Ok(())
        })
    }
}

/// `HcnDeleteNetwork` and its like.
///
/// # Safety
/// As the export's.
pub unsafe fn delete(function: &str, id: *const Guid, record: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe {
        recorded(record, || {
            Service::Hns.call(function, Object::new().string("id", &given(id).to_string()))?;
            Ok(())
        })
    }
}

/// `HcnCloseNetwork` and its like. It does not travel.
pub fn close(kind: Kind, handle: usize) -> HResult {
    guarded(|| match opened(kind, handle) {
        Ok(_) => {
            OPEN.close(handle);
            S_OK
        }
        Err(fault) => fault.code,
    })
}
