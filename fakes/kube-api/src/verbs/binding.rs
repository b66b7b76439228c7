//! `binding`: a scheduler's word about where a pod runs (`pkg/registry/core/pod/storage`, `assignPod`).

use http::StatusCode;
use winlab_document::{Document, doc};

use super::{Done, Keep, commit};
use crate::config::Config;
use crate::failure::Failure;
use crate::meta;
use crate::request::Target;
use crate::server::State;
use crate::validate::{FieldErrors, FieldPath};

pub(super) fn bind(
    state: &mut State,
    config: &Config,
    target: &Target,
    binding: &Document,
    dry_run: bool,
) -> Result<Done, Failure> {
    let kind = target.kind();
    let node = binding.text(&["target", "name"]);
    check(binding, target)?;
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
    let old = &stored.document;
    let conflict = |why: String| Err(Failure::conflict_of(kind, "binding", &target.name, &why));
    let (uid, known) = (meta::text(binding, "uid"), meta::text(old, "uid"));
    if !uid.is_empty() && uid != known {
        return conflict(format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {known}"
        ));
    }
    if meta::is_deleting(old) {
        return conflict(format!("pod {} is being deleted, cannot be assigned to a host", target.name));
    }
    let bound = old.text(&["spec", "nodeName"]);
    if !bound.is_empty() {
        return conflict(format!("pod {} is already assigned to node {bound:?}", target.name));
    }
    if old.path(&["spec", "schedulingGates"]).is_some_and(|gates| !gates.items().is_empty()) {
        return conflict(format!("pod {} has non-empty .spec.schedulingGates", target.name));
    }
    let mut pod = old.clone();
    pod.set_path(&["spec", "nodeName"], node);
    for (name, value) in binding.path(&["metadata", "annotations"]).map(Document::members).unwrap_or_default()
    {
        pod.set_path(&["metadata", "annotations", name], value);
    }
    let now = meta::timestamp(config.clock.timestamp());
    set_condition(
        pod.member_mut("status"),
        doc!({"type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now}),
    );
    commit(state, config, target.kind, &target.key(), pod, Keep::from(dry_run));
    let status =
        doc!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Done::document(StatusCode::CREATED, &status))
}

fn check(binding: &Document, target: &Target) -> Result<(), Failure> {
    let path = FieldPath::new("target");
    let mut errors = FieldErrors::default();
    let found = binding.text(&["target", "kind"]);
    if !matches!(found, "" | "Node") {
        errors.not_supported(&path.child("kind"), found, &["Node", "<empty>"]);
    }
    if binding.text(&["target", "name"]).is_empty() {
        errors.required(&path.child("name"), "");
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(target.kind(), &target.name, &errors.into_vec()))
    }
}

/// Adds a condition or replaces the one of its type; the time of the last change stays if the status does.
pub(super) fn set_condition(status: &mut Document, condition: Document) {
    let mut conditions = status.get("conditions").cloned().unwrap_or_else(Document::empty_array);
    let wanted = condition.text(&["type"]).to_owned();
    let known = conditions.items_mut().iter_mut().find(|known| known.text(&["type"]) == wanted);
    match known {
        Some(known) if known.text(&["status"]) == condition.text(&["status"]) => {
            let since = known.get("lastTransitionTime").cloned().unwrap_or_default();
            *known = condition.with("lastTransitionTime", since);
        }
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
    status.set("conditions", conditions);
}
