//! Apply: a patch that says what the sender wants of an object, which is made if it is not there.

use std::sync::Arc;

use http::StatusCode;
use winlab_document::Document;

use super::update::{Change, replace};
use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::Subresource;
use crate::managed::{self, Sender};
use crate::meta;
use crate::request::Target;
use crate::schema::FieldValidation;
use crate::server::State;
use crate::service::Call;
use crate::store::EventObject;

pub(super) fn apply(
    state: &mut State,
    config: &Config,
    target: &Target,
    part: Option<Subresource>,
    call: &Call,
    dry_run: bool,
) -> Result<(StatusCode, Arc<EventObject>), Failure> {
    let kind = target.kind();
    let wanted = read(&call.body)?;
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    if stored.is_none() && part.is_some() {
        return Err(Failure::not_found(kind, &target.name));
    }
    let now = meta::timestamp(config.clock.timestamp());
    let origin = state.origin.clone();
    let sender = Sender { kind, part, origin: &origin, minor: config.profile.minor, now: &now };
    let live = stored.as_ref().map(|stored| &stored.document);
    let applied = managed::apply(live, &wanted, sender, call.params.flag("force"))?;
    // What is left of unknown fields and nulls is the object's own affair: those of the configuration have been refused.
    state.field_validation = FieldValidation::Ignore;
    state.origin.settled = true;
    if let Some(stored) = stored {
        let change = Change { part, dry_run, patched: true };
        let object = replace(state, config, target, &stored.document, applied, change)?;
        return Ok((StatusCode::OK, object));
    }
    let uid = meta::text(&wanted, "uid");
    if !uid.is_empty() {
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        return Err(Failure::conflict(kind, &target.name, &why));
    }
    let name = meta::text(&applied, "name");
    if name != target.name {
        return Err(Failure::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            target.name
        )));
    }
    let collection = Target { name: String::new(), ..target.clone() };
    let object = super::create(state, config, &collection, applied, dry_run)?;
    Ok((StatusCode::CREATED, object))
}

/// The configuration: YAML, and so JSON as well.
fn read(body: &[u8]) -> Result<Document, Failure> {
    if let Ok(document) = Document::from_slice(body)
        && document.is_object()
    {
        return Ok(document);
    }
    let malformed = |why: &dyn std::fmt::Display| Failure::bad_request(format!("error decoding YAML: {why}"));
    let text = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
    let document: Document = serde_saphyr::from_str(text).map_err(|error| malformed(&error))?;
    if document.is_object() { Ok(document) } else { Err(malformed(&"not an object")) }
}
