//! What an apply is refused with that would take fields from others
//! (apimachinery, `pkg/util/managedfields/internal/conflict.go`).

use winlab_document::{Document, Key};

use super::field_set::{Element, FieldSet};
use super::managers::ManagerId;
use crate::failure::{Cause, Failure};

/// The fields that each other manager would lose.
pub(super) type Conflicts = Vec<(ManagerId, FieldSet)>;

/// 409 with all of them.
pub(super) fn refusal(conflicts: &Conflicts) -> Failure {
    let mut causes = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for (manager, fields) in conflicts {
        let who = name(manager);
        lines.push(format!("conflicts with {who}:"));
        for path in fields.paths() {
            let path = shown(&path);
            lines.push(format!("- {path}"));
            causes.push(Cause {
                reason: "FieldManagerConflict",
                message: format!("conflict with {who}"),
                field: path,
            });
        }
    }
    let message = match causes.as_slice() {
        [one] => format!("Apply failed with 1 conflict: {}: {}", one.message, one.field),
        several => format!("Apply failed with {} conflicts: {}", several.len(), lines.join("\n")),
    };
    Failure::apply_conflict(message, causes)
}

fn name(manager: &ManagerId) -> String {
    let mut text = format!("{:?}", manager.manager);
    if !manager.subresource.is_empty() {
        text.push_str(&format!(" with subresource {:?}", manager.subresource));
    }
    if !manager.applied {
        text.push_str(&format!(" using {}", manager.api_version));
    }
    text
}

/// A path as people read it: `.spec.containers[name="c"].image`.
pub(super) fn shown(path: &[Element]) -> String {
    path.iter().map(|element| part(element)).collect()
}

fn part(element: &str) -> String {
    match element.split_at_checked(2) {
        Some(("f:", name)) => format!(".{name}"),
        Some(("k:", keys)) => {
            let keys = Document::parse(keys).unwrap_or_default();
            let one = |(key, value): &(Key, Document)| format!("{key}={value}");
            format!("[{}]", keys.members().iter().map(one).collect::<Vec<_>>().join(","))
        }
        Some(("v:", value)) => format!("[={value}]"),
        Some(("i:", index)) => format!("[{index}]"),
        _ => element.to_owned(),
    }
}
