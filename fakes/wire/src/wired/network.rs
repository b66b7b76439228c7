//! HNS.

use winlab_document::Document;
use winlab_host::network::{Answer, Call, Network, Notification, NotificationKind};
use winlab_host::{Fault, Field as _, FieldError, Guid, HResult};

use super::{Wired, windows};
use crate::client::Trouble;
use crate::held::{Held, Hold};
use crate::outcome::FaultForm;

/// computenetwork.dll always has an error record.
fn record(fault: &Fault) -> Option<Document> {
    Some(Fault { detail: None, ..fault.clone() }.error_record())
}

impl Wired for Network {
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

    /// The failures of `HNSCall` are part of its response, so HNS is given the text as it is.
    fn unreadable(function: &str, text: &str) -> Result<Document, Fault> {
        if function == "HNSCall" {
            return Ok(Document::from(text));
        }
        Err(Fault::new(HResult::HCN_E_INVALID_JSON))
    }

    fn event_document(event: &Notification) -> Document {
        event.to_document()
    }

    fn event(document: &Document) -> Result<Notification, FieldError> {
        Notification::from_document(document)
    }

    fn disconnect() -> Option<Notification> {
        Some(Notification { kind: NotificationKind::ServiceDisconnect, id: Guid::NIL, data: Document::Null })
    }

    /// A reservation is a handle of computenetwork.dll: it ends with its process.
    fn hold(call: &Call) -> Hold {
        match call {
            Call::ReserveGuestNetworkServicePort(_) | Call::ReserveGuestNetworkServicePortRange(_) => {
                Hold::Takes
            }
            Call::ReleaseGuestNetworkServicePortReservation(call) => {
                Hold::Gives(Held::Reservation(call.reservation))
            }
            _ => Hold::Nothing,
        }
    }

    fn held(_call: &Call, answer: &Answer) -> Option<Held> {
        match answer {
            Answer::ReserveGuestNetworkServicePort(reservation) => Some(Held::Reservation(*reservation)),
            Answer::ReserveGuestNetworkServicePortRange(range) => Some(Held::Reservation(range.reservation)),
            _ => None,
        }
    }
}
