//! Listening to compute systems and processes. What ended before anybody listened is told at once: hcsshim registers
//! only after its create call has returned (`internal/hcs/system.go`).

use super::process::Process;
use super::system;
use crate::callback::{Listener, Registrations, Target};
use crate::event::Event;
use crate::fault::Fault;
use crate::json::Json;
use crate::wire::Service;

static LISTENERS: Registrations = Registrations::new(Service::Hcs);

/// Calls `listener` with a system's events, each kind once.
///
/// # Errors
/// HCS's fault.
pub fn to_system(id: String, listener: Listener) -> Result<usize, Fault> {
    let handle = LISTENERS.register(Target::System(id.clone()), true, listener)?;
    // A system that has ended is not there any more, for whoever has it open too.
    if let Err(fault) = system::call(&id, "HcsGetComputeSystemProperties", ("query_text", "{}")) {
        if is_gone(fault.code) {
            let data = r#"{"Status":0}"#.to_owned();
            LISTENERS.tell_late(
                handle,
                Event { kind: "SystemExited".into(), object: id, pid: 0, status: 0, data },
            );
        }
    }
    Ok(handle)
}

/// Calls `listener` with a process's events, each kind once.
///
/// # Errors
/// HCS's fault.
pub fn to_process(process: &Process, listener: Listener) -> Result<usize, Fault> {
    let (object, pid) = (process.system.clone(), process.pid()?);
    let handle = LISTENERS.register(Target::Process(object.clone(), pid), true, listener)?;
    let status = match process.call("HcsGetProcessProperties", None) {
        Ok(status) => status,
        Err(fault) if is_gone(fault.code) => r#"{"Exited":true}"#.to_owned(),
        Err(_) => return Ok(handle),
    };
    let exited = Json::parse(&status).and_then(|json| json.get("Exited")).and_then(Json::as_bool);
    if exited == Some(true) {
        let kind = "ProcessExited".to_owned();
        LISTENERS.tell_late(handle, Event { kind, object, pid, status: 0, data: status });
    }
    Ok(handle)
}

/// Ends a registration; no call is under way when it returns.
///
/// # Errors
/// `E_HANDLE` where there is no such registration.
pub fn stop(handle: usize) -> Result<(), Fault> {
    LISTENERS.unregister(handle)
}

/// The codes of what is not there, in both forms (hcsshim `internal/hcs/errors.go`).
fn is_gone(code: u32) -> bool {
    matches!(code, 0x8037_010e | 0xc037_010e | 0x8037_0110 | 0xc037_0110 | 0x8037_011f | 0x8007_0490)
}
