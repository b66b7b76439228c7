//! HCS.

use winlab_document::{Document, doc};
use winlab_host::compute::{Answer, Call, Compute, ComputeEvent, ComputeEventKind};
use winlab_host::{Fault, Field as _, FieldError, HResult};

use super::{Wired, windows};
use crate::client::Trouble;
use crate::held::{Held, Hold};
use crate::outcome::FaultForm;

/// vmcompute.dll's `result` and computecore.dll's result document: a `ResultError`, whose code is signed.
fn record(fault: &Fault) -> Option<Document> {
    let code = i32::from_ne_bytes(fault.code.0.to_ne_bytes());
    Some(doc!({"Error": code, "ErrorMessage": fault.message.as_str()}))
}

impl Wired for Compute {
    fn answer(function: &str, document: &Document) -> Result<Answer, FieldError> {
        Answer::from_document(function, document)
    }

    fn fault_form(fault: &Fault) -> FaultForm {
        windows::form(fault, record)
    }

    fn fault(form: FaultForm) -> Option<Fault> {
        windows::read(form, record)
    }

    fn trouble(trouble: &Trouble) -> Fault {
        windows::trouble(trouble)
    }

    /// hcsshim knows the `0xC037…` form of the code (`internal/hcs/errors.go`).
    fn unreadable(_function: &str, _text: &str) -> Result<Document, Fault> {
        Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON))
    }

    fn event_document(event: &ComputeEvent) -> Document {
        doc!({
            "kind": event.kind.to_document(),
            "system": event.system.as_str(),
            "pid": event.pid,
            "status": event.status.0,
            "data": event.data.clone(),
        })
    }

    fn event(document: &Document) -> Result<ComputeEvent, FieldError> {
        Ok(ComputeEvent {
            kind: ComputeEventKind::from_member(document, "kind")?,
            system: String::from_member(document, "system")?,
            pid: u32::from_member(document, "pid")?,
            status: HResult(u32::from_member(document, "status")?),
            data: Document::from_member(document, "data")?,
        })
    }

    fn disconnect() -> Option<ComputeEvent> {
        Some(ComputeEvent {
            kind: ComputeEventKind::ServiceDisconnect,
            system: String::new(),
            pid: 0,
            status: HResult::HCS_E_SERVICE_DISCONNECT,
            data: Document::Null,
        })
    }

    fn hold(call: &Call) -> Hold {
        match call {
            Call::CreateComputeSystem(_) | Call::OpenComputeSystem(_) => Hold::Takes,
            Call::CloseComputeSystem(call) => Hold::Gives(Held::System(call.id.clone())),
            _ => Hold::Nothing,
        }
    }

    fn held(call: &Call, _answer: &Answer) -> Option<Held> {
        match call {
            Call::CreateComputeSystem(call) => Some(Held::System(call.id.clone())),
            Call::OpenComputeSystem(call) => Some(Held::System(call.id.clone())),
            _ => None,
        }
    }
}
