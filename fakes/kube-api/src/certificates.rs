//! What is written of a certificate signing request, and through which path
//! (`pkg/registry/certificates/certificates/strategy.go`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use winlab_document::{Document, doc};
use winlab_pki::{RequestError, SigningRequest};

use crate::caller::Caller;
use crate::kinds::Subresource;

/// The request that an object carries.
pub(crate) fn request(object: &Document) -> Result<SigningRequest, RequestError> {
    let bytes = STANDARD.decode(object.text(&["spec", "request"])).unwrap_or_default();
    SigningRequest::from_pem(&String::from_utf8_lossy(&bytes))
}

/// Writes into a new object who asks; nothing of it is decided yet.
pub(crate) fn prepare(object: &mut Document, caller: &Caller) {
    object.set_path(&["spec", "username"], caller.identity.user.as_str());
    object.set_path(&["spec", "groups"], caller.groups.iter().map(String::as_str).collect::<Document>());
    for name in ["uid", "extra"] {
        object.remove_path(&["spec", name]);
    }
    object.set("status", Document::empty_object());
}

/// Puts back what a write through this path may not change, and sets the times of conditions.
pub(crate) fn keep_other_parts(part: Option<Subresource>, object: &mut Document, old: &Document, now: &str) {
    if let Some(spec) = old.get("spec") {
        object.set("spec", spec);
    }
    match part {
        Some(Subresource::Status) => {
            for kind in ["Approved", "Denied"] {
                keep_conditions(object, old, kind);
            }
            set_times(object, old, now);
        }
        Some(Subresource::Approval) => {
            let conditions = object.path(&["status", "conditions"]).cloned();
            object.set("status", old.get("status").cloned().unwrap_or_else(|| doc!({})));
            match conditions {
                Some(conditions) => object.set_path(&["status", "conditions"], conditions),
                None => {
                    object.remove_path(&["status", "conditions"]);
                }
            }
            set_times(object, old, now);
        }
        _ => match old.get("status") {
            Some(status) => object.set("status", status),
            None => {
                object.remove("status");
            }
        },
    }
}

/// The conditions of an object.
pub(crate) fn conditions(object: &Document) -> &[Document] {
    object.path(&["status", "conditions"]).map(Document::items).unwrap_or_default()
}

/// Conditions of this type stay as they were, unless their number changed, which validation will refuse.
fn keep_conditions(object: &mut Document, old: &Document, kind: &str) {
    let is = |condition: &&Document| condition.text(&["type"]) == kind;
    let before: Vec<&Document> = conditions(old).iter().filter(is).collect();
    let mut after = conditions(object).to_vec();
    if after.iter().filter(is).count() != before.len() || before.is_empty() {
        return;
    }
    let kept = after.iter_mut().filter(|condition| condition.text(&["type"]) == kind);
    for (place, condition) in kept.zip(before) {
        *place = condition.clone();
    }
    object.set_path(&["status", "conditions"], after);
}

/// `populateConditionTimestamps`
fn set_times(object: &mut Document, old: &Document, now: &str) {
    let unset = |condition: &Document, name: &str| condition.text(&[name]).is_empty();
    let mut after = conditions(object).to_vec();
    if after.is_empty() {
        return;
    }
    for condition in &mut after {
        if unset(condition, "lastUpdateTime") {
            condition.set("lastUpdateTime", now);
        }
        if unset(condition, "lastTransitionTime") {
            let same = |other: &&Document| {
                ["type", "status"].iter().all(|name| other.text(&[name]) == condition.text(&[name]))
            };
            let mut since =
                conditions(old).iter().filter(same).map(|other| other.text(&["lastTransitionTime"]));
            let since = since.find(|time| !time.is_empty()).unwrap_or(now).to_owned();
            condition.set("lastTransitionTime", since);
        }
    }
    object.set_path(&["status", "conditions"], after);
}
