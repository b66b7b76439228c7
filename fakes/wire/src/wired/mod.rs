//! What the wire has to know of a service beyond its table: the forms of its faults and events, and which of its calls
//! leave a client holding something.

mod compute;
mod linux;
mod network;
mod system;
mod windows;

use winlab_document::Document;
use winlab_host::{FieldError, Service};

use crate::client::Trouble;
use crate::held::{Held, Hold};
use crate::outcome::FaultForm;

/// A service that travels.
pub(crate) trait Wired: Service {
    /// The answer to `function` from its document.
    fn answer(function: &str, document: &Document) -> Result<Self::Answer, FieldError>;

    /// A fault as it travels.
    fn fault_form(fault: &Self::Fault) -> FaultForm;

    /// A fault that travelled; `None` where its code is no code.
    fn fault(form: FaultForm) -> Option<Self::Fault>;

    /// What a caller gets where the wire itself fails.
    fn trouble(trouble: &Trouble) -> Self::Fault;

    /// What becomes of a document's text that is not JSON: the service's own fault, or what the service is given to
    /// refuse it itself.
    fn unreadable(function: &str, text: &str) -> Result<Document, Self::Fault>;

    /// An event as it travels.
    fn event_document(event: &Self::Event) -> Document;

    /// An event that travelled.
    fn event(document: &Document) -> Result<Self::Event, FieldError>;

    /// What listeners hear when the server is gone, where the service has such an event.
    fn disconnect() -> Option<Self::Event>;

    /// What a call does about holding.
    fn hold(call: &Self::Call) -> Hold;

    /// What the client holds after a call that [`Hold::Takes`].
    fn held(call: &Self::Call, answer: &Self::Answer) -> Option<Held>;
}
