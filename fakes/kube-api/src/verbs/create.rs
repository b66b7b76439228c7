//! Create.

use std::sync::Arc;

use winlab_document::Document;

use super::{Keep, commit};
use crate::config::Config;
use crate::failure::Failure;
use crate::managed::{self, Sender};
use crate::request::{Target, key};
use crate::server::State;
use crate::store::EventObject;
use crate::validate::FieldErrors;
use crate::{admission, defaults, meta, schema, validate};

/// Creates an object; `target` names the collection.
pub(crate) fn create(
    state: &mut State,
    config: &Config,
    target: &Target,
    mut object: Document,
    dry_run: bool,
) -> Result<Arc<EventObject>, Failure> {
    let (kind, profile) = (target.kind(), &config.profile);
    meta::set_type(&mut object, kind)?;
    schema::admit(state, &mut object, target.kind, profile)?;
    let namespace = if kind.namespaced && target.namespace.is_empty() {
        // A create through the collection of all namespaces is refused by a real server's router.
        return Err(Failure::method_not_allowed());
    } else {
        target.namespace.as_str()
    };
    meta::set_namespace(&mut object, kind, namespace)?;
    if !meta::text(&object, "resourceVersion").is_empty() {
        return Err(Failure::unnamed("resourceVersion should not be set on objects to be created"));
    }
    let entries =
        state.origin.settled.then(|| object.path(&["metadata", "managedFields"]).cloned()).flatten();
    set_system_fields(state, config, &mut object);
    (kind.rules.default)(&mut object, profile);
    match entries {
        Some(entries) => object.set_path(&["metadata", "managedFields"], entries),
        None => {
            let now = meta::timestamp(config.clock.timestamp());
            let origin = &state.origin;
            let sender = Sender { kind, part: None, origin, minor: profile.minor, now: &now };
            managed::created(&mut object, sender);
        }
    }
    admission::create(state, config, target, &mut object)?;
    if kind.has(crate::kinds::Subresource::Status) && !kind.keeps_status {
        match defaults::zero_status(kind) {
            Some(status) => object.set("status", status),
            None => {
                object.remove("status");
            }
        }
    }
    (kind.rules.prepare)(&mut object, None, profile);
    if kind.generation_since.is_some_and(|since| profile.minor >= since) {
        object.set_path(&["metadata", "generation"], 1);
    } else {
        object.remove_path(&["metadata", "generation"]);
    }
    let mut errors = FieldErrors::default();
    validate::metadata(&object, kind, &mut errors);
    (kind.rules.validate)(&object, profile, &mut errors);
    let name = meta::text(&object, "name").to_owned();
    if !errors.is_empty() {
        return Err(Failure::invalid(kind, &name, &errors.into_vec()));
    }
    let key = key(namespace, &name);
    if state.store.kind(target.kind).get(&key).is_some() {
        return Err(Failure::already_exists(kind, &name));
    }
    let keep = Keep::from(dry_run);
    state.allocators.create(kind, profile, &mut object, keep)?;
    Ok(commit(state, config, target.kind, &key, object, keep))
}

/// Name, uid, creation time; nothing of what only a stored object has.
fn set_system_fields(state: &mut State, config: &Config, object: &mut Document) {
    let metadata = object.member_mut("metadata");
    for name in
        ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "resourceVersion"]
    {
        metadata.remove(name);
    }
    let prefix = metadata.text(&["generateName"]);
    if metadata.text(&["name"]).is_empty() && !prefix.is_empty() {
        let name = meta::generate_name(prefix, &mut state.names);
        metadata.set("name", name);
    }
    metadata.set("uid", meta::uid(&mut state.uids));
    metadata.set("creationTimestamp", meta::timestamp(config.clock.timestamp()));
}
