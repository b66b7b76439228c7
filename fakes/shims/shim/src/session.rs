//! What this process holds of its host: the server takes it back when the session's connection ends, as Windows takes
//! a process's handles.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::fault::Fault;
use crate::http::Connection;
use crate::server::Place;
use crate::wire;

static SESSION: Mutex<Option<Session>> = Mutex::new(None);

struct Session {
    name: String,
    /// Open as long as the session is.
    _connection: Connection,
}

/// The name of this process's session, which is opened where it is not.
pub(crate) fn open(place: &Place) -> Result<String, Fault> {
    let mut session = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(session) = session.as_ref() {
        return Ok(session.name.clone());
    }
    let name = new_name();
    let connection = wire::session(place, &name)?;
    *session = Some(Session { name: name.clone(), _connection: connection });
    Ok(name)
}

/// The server does not know the session of that name any more.
pub(crate) fn forget(name: &str) {
    let mut session = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    if session.as_ref().map_or(false, |session| session.name == name) {
        *session = None;
    }
}

/// A name no other process has, and no other DLL of this one.
fn new_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let here: *const _ = &SESSION;
    format!("shim-{}-{:x}-{:x}", std::process::id(), here as usize, since.as_nanos())
}
