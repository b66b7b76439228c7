//! Compute systems: handles and the calls on them.

use std::sync::{Mutex, PoisonError};

use crate::fault::Fault;
use crate::handle::Handles;
use crate::json::Object;
use crate::wire::Service;

static SYSTEMS: Handles<String> = Handles::new();

/// Held while a handle is opened or closed, so that the last one to be closed is known.
static ORDER: Mutex<()> = Mutex::new(());

/// The id of the system a handle stands for.
///
/// # Errors
/// `E_HANDLE` where it stands for none.
pub fn id(handle: usize) -> Result<String, Fault> {
    SYSTEMS.get(handle).ok_or_else(Fault::no_handle)
}

/// A handle for a system whose creation is under way.
#[must_use]
pub fn reserve(id: String) -> usize {
    SYSTEMS.open(id)
}

/// What stands behind a handle whose system could not be created. The handle is its client's to close, and must not
/// count for a system of that id that somebody else created.
const NONE: &str = "";

/// A handle whose system could not be created.
pub fn disown(handle: usize) {
    SYSTEMS.replace(handle, NONE.to_owned());
}

/// Creates a system.
///
/// # Errors
/// HCS's fault.
pub fn create(id: &str, configuration: &str) -> Result<(), Fault> {
    let arguments = Object::new().string("id", id).string("configuration_text", configuration);
    Service::Hcs.call_holding("HcsCreateComputeSystem", arguments).map(drop)
}

/// A handle for a system that is there.
///
/// # Errors
/// HCS's fault.
pub fn open(id: String) -> Result<usize, Fault> {
    let _in_order = ORDER.lock().unwrap_or_else(PoisonError::into_inner);
    Service::Hcs.call_holding("HcsOpenComputeSystem", Object::new().string("id", &id))?;
    Ok(SYSTEMS.open(id))
}

/// Closes a handle. HCS hears of the last one, as it may end the system; what it answers changes nothing.
///
/// # Errors
/// `E_HANDLE` where there is no such handle.
pub fn close(handle: usize) -> Result<(), Fault> {
    let _in_order = ORDER.lock().unwrap_or_else(PoisonError::into_inner);
    let id = SYSTEMS.close(handle).ok_or_else(Fault::no_handle)?;
    if id != NONE && SYSTEMS.count(|other| *other == id) == 0 {
        let _ = Service::Hcs.call_holding("HcsCloseComputeSystem", Object::new().string("id", &id));
    }
    Ok(())
}

/// A call on a system with one document: its name on the wire, and its text.
///
/// # Errors
/// HCS's fault.
pub fn call(id: &str, function: &str, (name, text): (&str, &str)) -> Result<String, Fault> {
    Service::Hcs.call(function, Object::new().string("id", id).string(name, text))
}

/// A call on no system in particular.
///
/// # Errors
/// HCS's fault.
pub fn call_service(function: &str, (name, text): (&str, &str)) -> Result<String, Fault> {
    Service::Hcs.call(function, Object::new().string(name, text))
}
