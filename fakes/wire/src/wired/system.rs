//! The rest of Windows. Its events travel as `{"kind":"ServiceChanged",…}` with the event's own members.

use winlab_document::{Document, ObjectBuilder};
use winlab_host::system::{Answer, Call, ServiceControl, ServiceStatus, System, SystemEvent};
use winlab_host::{Fault, Field, FieldError, HResult};

use super::{Wired, windows};
use crate::client::Trouble;
use crate::held::{Held, Hold};
use crate::outcome::FaultForm;

/// Win32 functions hand back nothing but their code.
fn record(_fault: &Fault) -> Option<Document> {
    None
}

/// Both directions of an enumeration of events, from one list.
macro_rules! events {
    ($event:ident: $( $variant:ident { $($field:ident: $kind:ty),* } )*) => {
        fn write_event(event: &$event) -> Document {
            let mut object = ObjectBuilder::new();
            match event {
                $( $event::$variant { $($field),* } => {
                    object.set("kind", stringify!($variant));
                    $( object.set(stringify!($field), $field.to_document()); )*
                } )*
            }
            object.build()
        }

        fn read_event(document: &Document) -> Result<$event, FieldError> {
            match document.text(&["kind"]) {
                $( stringify!($variant) => Ok($event::$variant {
                    $( $field: <$kind>::from_member(document, stringify!($field))? ),*
                }), )*
                _ => Err(FieldError::expected("an event", document)),
            }
        }
    };
}
pub(super) use events;

events! { SystemEvent:
    ServiceStarting { name: String, command_line: String, arguments: Vec<String> }
    ServiceControlled { name: String, control: ServiceControl }
    ServiceChanged { status: ServiceStatus }
    ComponentStarted {
        job: String,
        pid: u32,
        component: String,
        version: String,
        command_line: String,
        environment: Document
    }
    ComponentStopped { job: String, pid: u32 }
    FileChanged { path: String }
    AdaptersChanged {}
    ProcessExited { job: String, pid: u32, exit_code: u32 }
    ProcessOutput { job: String, pid: u32 }
}

impl Wired for System {
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

    fn unreadable(_function: &str, _text: &str) -> Result<Document, Fault> {
        Err(Fault::new(HResult::E_INVALIDARG))
    }

    fn event_document(event: &SystemEvent) -> Document {
        write_event(event)
    }

    fn event(document: &Document) -> Result<SystemEvent, FieldError> {
        read_event(document)
    }

    fn disconnect() -> Option<SystemEvent> {
        None
    }

    /// Job objects of containers end their processes with their last handle (hcsshim `internal/jobobject`).
    fn hold(call: &Call) -> Hold {
        match call {
            Call::CreateJobObject(_) => Hold::Takes,
            Call::CloseJobObject(call) => Hold::Gives(Held::Job(call.name.clone())),
            _ => Hold::Nothing,
        }
    }

    fn held(call: &Call, _answer: &Answer) -> Option<Held> {
        match call {
            Call::CreateJobObject(call) => Some(Held::Job(call.name.clone())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::system::{ServiceState, ServiceStatus, SystemEvent};

    use super::{read_event, write_event};

    #[test]
    fn events_travel() {
        let status = ServiceStatus {
            name: "hns".into(),
            state: ServiceState::Running,
            exit_code: 0,
            specific_exit_code: 0,
            pid: 7,
        };
        for event in [SystemEvent::ServiceChanged { status }, SystemEvent::AdaptersChanged] {
            assert_eq!(read_event(&write_event(&event)), Ok(event));
        }
        assert!(read_event(&winlab_document::doc!({"kind": "Nothing"})).is_err());
    }
}
