//! A Linux host. A fault's code is its errno.

use winlab_document::{Document, ObjectBuilder};
use winlab_host::linux::{Answer, Call, Errno, Linux, LinuxEvent, LinuxFault, UnitStatus};
use winlab_host::{Field, FieldError};

use super::Wired;
use super::system::events;
use crate::client::Trouble;
use crate::held::{Held, Hold};
use crate::outcome::FaultForm;

events! { LinuxEvent:
    UnitStarting { name: String, exec_start: String }
    UnitStopping { name: String }
    UnitChanged { status: UnitStatus }
    ContainerStarted { id: String, component: String, version: String, namespace: String, args: Vec<String>, environment: Document }
    ContainerExited { id: String, code: i32 }
    ContainerOutput { id: String }
    FileChanged { path: String }
}

impl Wired for Linux {
    fn answer(function: &str, document: &Document) -> Result<Answer, FieldError> {
        Answer::from_document(function, document)
    }

    fn fault_form(fault: &LinuxFault) -> FaultForm {
        FaultForm { code: fault.errno.0.to_string(), message: fault.message.clone(), record: None }
    }

    fn fault(form: FaultForm) -> Option<LinuxFault> {
        Some(LinuxFault::because(Errno(form.code.parse().ok()?), form.message))
    }

    fn trouble(trouble: &Trouble) -> LinuxFault {
        let errno = match trouble {
            Trouble::Unreachable(_) | Trouble::NoHost(_) => 113, // EHOSTUNREACH
            Trouble::Broken(_) => 104,                           // ECONNRESET
            Trouble::TimedOut(_) => 110,                         // ETIMEDOUT
            Trouble::Protocol(_) => 71,                          // EPROTO
            Trouble::Busy(_) => 11,                              // EAGAIN
            Trouble::Denied(_) => 13,                            // EACCES
            Trouble::TooLarge(_) => 90,                          // EMSGSIZE
            Trouble::NoService(_) | Trouble::NoFunction(_) => 38, // ENOSYS
        };
        LinuxFault::because(Errno(errno), trouble.to_string())
    }

    fn unreadable(_function: &str, _text: &str) -> Result<Document, LinuxFault> {
        Err(LinuxFault::new(Errno::EINVAL))
    }

    fn event_document(event: &LinuxEvent) -> Document {
        write_event(event)
    }

    fn event(document: &Document) -> Result<LinuxEvent, FieldError> {
        read_event(document)
    }

    fn disconnect() -> Option<LinuxEvent> {
        None
    }

    /// Nothing on a Linux host lives as long as a client's handle.
    fn hold(_call: &Call) -> Hold {
        Hold::Nothing
    }

    fn held(_call: &Call, _answer: &Answer) -> Option<Held> {
        None
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::linux::LinuxEvent;

    use super::{read_event, write_event};

    #[test]
    fn events_travel() {
        let event = LinuxEvent::ContainerExited { id: "web".into(), code: 137 };
        let document = write_event(&event);
        assert_eq!(document.to_string(), r#"{"kind":"ContainerExited","id":"web","code":137}"#);
        assert_eq!(read_event(&document), Ok(event));
    }
}
