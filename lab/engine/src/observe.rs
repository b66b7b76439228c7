//! What a lab tells, as events.

use winlab_cluster::{KubeChange, LabObserver};
use winlab_component::Level;
use winlab_events::{BoundaryCall, Change, Code, ComponentLog, KubeObjectChanged, Name, ResultCode};
use winlab_host::{HResult, JournalEntry};

use crate::recorder::Recorder;

/// Longer arguments and answers are cut: an event is for reading.
const SHOWN: usize = 400;

impl LabObserver for Recorder {
    fn wants_everything(&self) -> bool {
        Self::wants_everything(self)
    }

    fn boundary_call(&self, node: &str, entry: &JournalEntry) {
        self.emit(boundary_call(node, entry, SHOWN));
    }

    fn log(&self, node: &str, component: &str, level: Level, text: &str) {
        self.emit(ComponentLog {
            node: (!node.is_empty()).then(|| Name::from(node.to_owned())),
            component: component.to_owned().into(),
            level: match level {
                Level::Debug => winlab_events::Level::Debug,
                Level::Info => winlab_events::Level::Info,
                Level::Warning => winlab_events::Level::Warning,
                Level::Error | Level::Fatal => winlab_events::Level::Error,
            },
            message: text.to_owned(),
        });
    }

    fn kube_change(&self, change: &KubeChange<'_>) {
        let by = format!("{} by {}", change.verb, change.actor);
        if change.code >= 400 {
            let object = format!("{} {}/{}", change.kind, change.namespace, change.name);
            return self.emit(ComponentLog {
                node: None,
                component: "kube-apiserver".into(),
                level: winlab_events::Level::Warning,
                message: format!("refused {by}: {object}: {} {}", change.code, change.message),
            });
        }
        self.emit(KubeObjectChanged {
            change: match change.verb {
                _ if change.removed => Change::Deleted,
                "create" => Change::Added,
                _ => Change::Modified,
            },
            kind: change.kind.to_owned().into(),
            namespace: Some(change.namespace).filter(|namespace| !namespace.is_empty()).map(str::to_owned),
            name: change.name.to_owned(),
            resource_version: String::new(),
            detail: Some(by),
        });
    }
}

/// A journal's entry as an event's data; arguments and answer have at most so many characters.
pub(crate) fn boundary_call(node: &str, entry: &JournalEntry, most: usize) -> BoundaryCall {
    let (error, answer) = match &entry.outcome {
        Ok(answer) if answer.is_null() => (None, String::new()),
        Ok(answer) => (None, shortened(&answer.to_string(), most)),
        Err(text) => (code_in(text), shortened(text, most)),
    };
    BoundaryCall {
        host: node.to_owned().into(),
        service: entry.service.into(),
        caller: None,
        call: entry.function.into(),
        arguments: shortened(&entry.arguments.to_string(), most),
        error,
        answer,
        latency_ns: entry.answered.since(entry.asked).as_nanos(),
    }
}

/// The HRESULT that a fault's text ends with, if it has one.
fn code_in(text: &str) -> Option<ResultCode> {
    let (_, digits) = text.rsplit_once("0x")?;
    let code = u32::from_str_radix(digits.get(..8)?, 16).ok()?;
    Some(ResultCode { code: Code(code), name: HResult(code).name().map(Name::from) })
}

/// At most so many characters, with an ellipsis where something was cut.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::code_in;

    #[test]
    fn codes_are_read_back_from_faults() {
        let found = code_in("The port already exists (HCN_E_PORT_ALREADY_EXISTS 0x803b0013)").unwrap();
        assert_eq!(found.to_string(), "HCN_E_PORT_ALREADY_EXISTS (0x803b0013)");
        assert_eq!(code_in("exit status 1"), None);
    }
}
