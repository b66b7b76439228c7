//! Patch: what is stored, changed as the patch says, goes the way of an update.

use std::sync::Arc;

use winlab_document::Document;

use super::update::{Change, replace};
use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::Subresource;
use crate::patch::apply;
use crate::request::{Target, patch_type};
use crate::server::State;
use crate::service::Call;
use crate::store::EventObject;

pub(super) fn patch(
    state: &mut State,
    config: &Config,
    target: &Target,
    part: Option<Subresource>,
    call: &Call,
    dry_run: bool,
) -> Result<Arc<EventObject>, Failure> {
    let form = patch_type(&call.parts.headers)?;
    let kind = target.kind();
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
    let patched = apply(form, &stored.document, &patch_body(call)?, target.kind)?;
    let change = Change { part, dry_run, patched: true };
    replace(state, config, target, &stored.document, patched, change)
}

pub(super) fn patch_body(call: &Call) -> Result<Document, Failure> {
    Document::from_slice(&call.body)
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))
}
