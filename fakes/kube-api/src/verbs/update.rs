//! Update: a whole object takes the place of the old one, or a part of it does.

use std::sync::Arc;

use http::StatusCode;
use winlab_document::Document;

use super::{Keep, commit, purge};
use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::{Admit, Kind, Subresource};
use crate::managed::{self, Sender};
use crate::request::Target;
use crate::server::State;
use crate::store::EventObject;
use crate::validate::FieldErrors;
use crate::{admission, certificates, meta, schema, validate};

/// How an update is meant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// Which part is written; the rest stays as it is. `None` for all but the status.
    pub(super) part: Option<Subresource>,
    pub(super) dry_run: bool,
    /// Whether the object is the result of a patch, which is always based on the newest version.
    pub(super) patched: bool,
}

/// Answers a PUT.
pub(super) fn put(
    state: &mut State,
    config: &Config,
    target: &Target,
    object: Document,
    change: Change,
) -> Result<(StatusCode, Arc<EventObject>), Failure> {
    let kind = target.kind();
    let Some(stored) = state.store.kind(target.kind).get(&target.key()).cloned() else {
        if kind.upsert && change.part.is_none() && meta::text(&object, "uid").is_empty() {
            let created = super::create(state, config, target, object, change.dry_run)?;
            return Ok((StatusCode::CREATED, created));
        }
        return Err(Failure::not_found(kind, &target.name));
    };
    Ok((StatusCode::OK, replace(state, config, target, &stored.document, object, change)?))
}

/// Puts `object` in the place of `old`.
pub(super) fn replace(
    state: &mut State,
    config: &Config,
    target: &Target,
    old: &Document,
    mut object: Document,
    change: Change,
) -> Result<Arc<EventObject>, Failure> {
    let (kind, profile) = (target.kind(), &config.profile);
    let sent = object.path(&["metadata", "managedFields"]).filter(|sent| sent.is_array()).cloned();
    meta::set_type(&mut object, kind)?;
    schema::admit(state, &mut object, target.kind, profile)?;
    meta::set_namespace(&mut object, kind, &target.namespace)?;
    check_preconditions(kind, target, old, &object, change)?;
    meta::keep_system_fields(&mut object, old);
    if kind.rules.admit == Admit::SigningRequest {
        let now = meta::timestamp(config.clock.timestamp());
        certificates::keep_other_parts(change.part, &mut object, old, &now);
    } else {
        keep_other_parts(kind, change.part, &mut object, old);
    }
    // Decoding fills in defaults whatever part is written. Those of a pod's status are none, and it is written often.
    if change.part != Some(Subresource::Status) || kind.rules.admit != Admit::Pod {
        (kind.rules.default)(&mut object, profile);
    }
    if sent.is_some() || old.path(&["metadata", "managedFields"]).is_some() {
        let now = meta::timestamp(config.clock.timestamp());
        let (part, origin) = (change.part, &state.origin);
        let sender = Sender { kind, part, origin, minor: profile.minor, now: &now };
        managed::updated(&mut object, old, sent.as_ref(), sender);
    }
    if matches!(change.part, None | Some(Subresource::EphemeralContainers)) {
        admission::update(state, config, target, &mut object)?;
    }
    (kind.rules.prepare)(&mut object, Some(old), profile);
    if kind.generation_since.is_some_and(|since| profile.minor >= since) && counts(kind, &object, old) {
        let generation = old.path(&["metadata", "generation"]).and_then(Document::as_i64).unwrap_or_default();
        object.set_path(&["metadata", "generation"], generation + 1);
    }
    let mut errors = FieldErrors::default();
    validate::metadata_update(&object, old, &mut errors);
    if change.part != Some(Subresource::Status) {
        validate::metadata(&object, kind, &mut errors);
        (kind.rules.validate)(&object, profile, &mut errors);
        if change.part == Some(Subresource::EphemeralContainers) {
            validate::ephemeral_containers_update(&object, old, &mut errors);
        } else {
            (kind.rules.validate_update)(&object, old, profile, &mut errors);
        }
    }
    if kind.rules.admit == Admit::SigningRequest {
        if change.part == Some(Subresource::Status) {
            (kind.rules.validate)(&object, profile, &mut errors);
        }
        validate::signing_request_update(&object, old, change.part, &mut errors);
    }
    if change.part == Some(Subresource::Status) {
        validate::status(&object, kind, &mut errors);
    }
    if !errors.is_empty() {
        return Err(Failure::invalid(kind, &target.name, &errors.into_vec()));
    }
    let keep = Keep::from(change.dry_run);
    state.allocators.update(kind, profile, &mut object, old, keep)?;
    finish(state, config, target, old, object, keep)
}

/// Whether the generation counts a change. A deployment's counts those of annotations as well
/// (`pkg/registry/apps/deployment/strategy.go`).
fn counts(kind: &Kind, object: &Document, old: &Document) -> bool {
    let annotations = ["metadata", "annotations"];
    let annotated = (kind.group, kind.kind) == ("apps", "Deployment")
        && object.path(&annotations) != old.path(&annotations);
    annotated || meta::spec_changed(object, old)
}

/// Stores the new version, unless nothing changed or it was only waited for to let go of.
fn finish(
    state: &mut State,
    config: &Config,
    target: &Target,
    old: &Document,
    mut object: Document,
    keep: Keep,
) -> Result<Arc<EventObject>, Failure> {
    let key = target.key();
    let version = meta::text(old, "resourceVersion").to_owned();
    object.set_path(&["metadata", "resourceVersion"], version);
    if object == *old {
        // A write that changes nothing leaves the version as it is (`etcd3` store, `GuaranteedUpdate`).
        let stored = state.store.kind(target.kind).get(&key).cloned();
        return stored.map(EventObject::new).ok_or_else(|| Failure::not_found(target.kind(), &target.name));
    }
    let grace = old.path(&["metadata", "deletionGracePeriodSeconds"]).and_then(Document::as_i64).unwrap_or(0);
    let held = meta::finalizers(&object).next().is_some()
        || object.path(&["spec", "finalizers"]).is_some_and(|held| !held.items().is_empty());
    if meta::is_deleting(&object) && !held && grace == 0 {
        return Ok(purge(state, config, target.kind, &key, object, keep));
    }
    Ok(commit(state, config, target.kind, &key, object, keep))
}

fn check_preconditions(
    kind: &Kind,
    target: &Target,
    old: &Document,
    object: &Document,
    change: Change,
) -> Result<(), Failure> {
    let name = meta::text(object, "name");
    if name != target.name {
        return Err(Failure::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            target.name
        )));
    }
    let (uid, known) = (meta::text(object, "uid"), meta::text(old, "uid"));
    if !uid.is_empty() && uid != known {
        if change.patched {
            // It is found twice: by the metadata's own checks, and by those of the kind.
            let metadata = validate::FieldPath::new("metadata");
            let mut errors = FieldErrors::default();
            for _ in 0..2 {
                errors.invalid(&metadata.child("uid"), uid, "field is immutable");
            }
            return Err(Failure::invalid(kind, &target.name, &errors.into_vec()));
        }
        let key = format!("/registry/{}/{}", kind.plural, target.key());
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {known}"
        );
        return Err(Failure::conflict(kind, &target.name, &why));
    }
    let version = meta::text(object, "resourceVersion");
    if version.is_empty() && kind.conditional && !change.patched {
        let mut errors = FieldErrors::default();
        let metadata = validate::FieldPath::new("metadata");
        errors.invalid(&metadata.child("resourceVersion"), 0, "must be specified for an update");
        // The store knows the resource, not the kind (`registry/generic/registry/store.go`, `Update`).
        return Err(Failure::invalid_resource(kind, &target.name, &errors.into_vec()));
    }
    if !version.is_empty() && version != meta::text(old, "resourceVersion") {
        return Err(Failure::modified(kind, &target.name));
    }
    Ok(())
}

/// Puts back what the write is not about.
fn keep_other_parts(kind: &Kind, part: Option<Subresource>, object: &mut Document, old: &Document) {
    let restore = |object: &mut Document, name: &str| match old.get(name) {
        Some(value) => object.set(name, value),
        None => {
            object.remove(name);
        }
    };
    match part {
        None if kind.has(Subresource::Status) => restore(object, "status"),
        None => {}
        Some(Subresource::Status) => {
            let others: Vec<_> =
                object.members().iter().chain(old.members()).map(|(name, _)| name.clone()).collect();
            for name in others.iter().filter(|name| !matches!(name.as_str(), "metadata" | "status")) {
                restore(object, name);
            }
            let owners = old.path(&["metadata", "ownerReferences"]);
            match owners {
                Some(owners) => object.set_path(&["metadata", "ownerReferences"], owners),
                None => {
                    object.remove_path(&["metadata", "ownerReferences"]);
                }
            }
        }
        Some(Subresource::Finalize) => {
            let finalizers = object.path(&["spec", "finalizers"]).cloned();
            for name in ["spec", "status"] {
                restore(object, name);
            }
            match finalizers {
                Some(finalizers) => object.set_path(&["spec", "finalizers"], finalizers),
                None => {
                    object.remove_path(&["spec", "finalizers"]);
                }
            }
        }
        Some(Subresource::EphemeralContainers) => {
            let containers = object.path(&["spec", "ephemeralContainers"]).cloned();
            for name in ["spec", "status"] {
                restore(object, name);
            }
            if let Some(containers) = containers {
                object.set_path(&["spec", "ephemeralContainers"], containers);
            }
        }
        Some(_) => {}
    }
}
