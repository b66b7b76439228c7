//! What may be asked of the server: one file for each verb.

mod apply;
mod binding;
mod create;
mod delete;
mod eviction;
mod patch;
mod read;
mod scale;
mod token;
mod update;
mod watch;

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use winlab_document::Document;

pub(crate) use create::create;
pub(crate) use read::read;
pub(crate) use token::standing as standing_token;
pub(crate) use watch::WatchBody;

use crate::allocate::follow_addresses;
use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::{KindId, Subresource};
use crate::managed::Origin;
use crate::observe::ObjectChange;
use crate::request::{Answer, PatchType, Target, acceptable, check_manager, patch_type, require_json};
use crate::schema::FieldValidation;
use crate::server::State;
use crate::service::Call;
use crate::store::EventObject;

/// An answer to a write.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: StatusCode,
    pub(crate) text: Bytes,
}

impl Done {
    fn object(code: StatusCode, object: &EventObject, answer: Answer) -> Self {
        match answer {
            Answer::Whole => Self { code, text: object.text() },
            Answer::Metadata => Self::document(code, &read::metadata_only(&object.stored.document)),
            // Who writes and asks for a table gets the object: kubectl writes with plain JSON only.
            Answer::Table => Self { code, text: object.text() },
        }
    }

    fn document(code: StatusCode, document: &Document) -> Self {
        Self { code, text: document.to_bytes().into() }
    }
}

/// Does what a request that is no GET asks for.
pub(crate) fn write(
    state: &mut State,
    config: &Config,
    target: &Target,
    call: &Call,
) -> Result<Done, Failure> {
    let answer = acceptable(&call.parts.headers)?;
    let dry_run = call.params.dry_run()?;
    state.field_validation = FieldValidation::parse(call.params.text("fieldValidation"))?;
    state.origin = origin(call)?;
    match (call.parts.method.as_str(), subresource(target)?) {
        ("POST", None) if target.name.is_empty() => {
            let object = create(state, config, target, body(call)?, dry_run)?;
            Ok(Done::object(StatusCode::CREATED, &object, answer))
        }
        ("POST", Some(Subresource::Binding)) => binding::bind(state, config, target, &body(call)?, dry_run),
        ("POST", Some(Subresource::Eviction)) => {
            eviction::evict(state, config, target, &body(call)?, dry_run)
        }
        ("POST", Some(Subresource::Token)) => token::request(state, config, target, body(call)?),
        ("PUT", Some(Subresource::Scale)) => scale::update(state, config, target, &body(call)?, dry_run),
        ("PATCH", Some(Subresource::Scale)) => scale::patch(state, config, target, call, dry_run),
        ("PUT", Some(part)) if !part.is_part() => Err(Failure::method_not_allowed()),
        ("PATCH", Some(part)) if !part.is_part() || part == Subresource::Finalize => {
            Err(Failure::method_not_allowed())
        }
        ("PUT", part) => {
            let change = update::Change { part, dry_run, patched: false };
            let (code, object) = update::put(state, config, target, body(call)?, change)?;
            Ok(Done::object(code, &object, answer))
        }
        ("PATCH", part) if patch_type(&call.parts.headers)? == PatchType::Apply => {
            let (code, object) = apply::apply(state, config, target, part, call, dry_run)?;
            Ok(Done::object(code, &object, answer))
        }
        ("PATCH", part) => {
            let object = patch::patch(state, config, target, part, call, dry_run)?;
            Ok(Done::object(StatusCode::OK, &object, answer))
        }
        ("DELETE", None) => delete::delete(state, config, target, call, dry_run),
        _ => Err(Failure::method_not_allowed()),
    }
}

/// Who writes: whom the request names, or the program that sends it (apiserver, `managerOrUserAgent`).
fn origin(call: &Call) -> Result<Origin, Failure> {
    let named = call.params.text("fieldManager");
    check_manager(&call.parts, &call.params, named)?;
    let agent = call.parts.headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let program = agent.unwrap_or_default().split('/').next().unwrap_or_default();
    let manager = if named.is_empty() { program } else { named }.to_owned();
    Ok(Origin { manager, named: !named.is_empty(), ..Origin::default() })
}

/// The subresource that the path names, if the kind has it.
fn subresource(target: &Target) -> Result<Option<Subresource>, Failure> {
    if target.subresource.is_empty() {
        return Ok(None);
    }
    let served = target.kind().subresources.iter().find(|known| known.segment() == target.subresource);
    served.copied().map(Some).ok_or_else(Failure::no_such_resource)
}

/// The request's body as a document.
pub(crate) fn body(call: &Call) -> Result<Document, Failure> {
    require_json(&call.parts.headers)?;
    body_of_any_type(call)
}

/// The same of a patch, whose type says how it is to be read.
pub(crate) fn body_of_any_type(call: &Call) -> Result<Document, Failure> {
    Document::from_slice(&call.body).map_err(|error| {
        Failure::bad_request(format!("couldn't get version/kind; json parse error: {error}"))
    })
}

/// Whether anything is to be kept of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Write,
    /// Goes through everything and leaves the store as it is.
    DryRun,
}

impl From<bool> for Keep {
    fn from(dry_run: bool) -> Self {
        if dry_run { Self::DryRun } else { Self::Write }
    }
}

/// Stores an object and notes the change.
pub(crate) fn commit(
    state: &mut State,
    config: &Config,
    kind: KindId,
    key: &str,
    object: Document,
    keep: Keep,
) -> Arc<EventObject> {
    let before = state.store.kind(kind).get(key).map(|stored| stored.document.clone());
    if keep == Keep::DryRun {
        let stored = crate::store::Stored::new(Arc::from(key), object, 0);
        return EventObject::new(stored);
    }
    let stored = state.store.put(kind, key, object, config.clock.now());
    let after = stored.stored.document.clone();
    follow_addresses(state, config, kind, before.as_ref(), Some(&after));
    let kind = &crate::kinds::KINDS[kind];
    state.changes.push(ObjectChange { kind, before, after, removed: false });
    stored
}

/// Removes an object and notes the change.
pub(crate) fn purge(
    state: &mut State,
    config: &Config,
    kind: KindId,
    key: &str,
    last: Document,
    keep: Keep,
) -> Arc<EventObject> {
    if keep == Keep::DryRun {
        return EventObject::new(crate::store::Stored::new(Arc::from(key), last, 0));
    }
    let before = state.store.kind(kind).get(key).map(|stored| stored.document.clone());
    let removed = state.store.remove(kind, key, last, config.clock.now());
    let kind_data = &crate::kinds::KINDS[kind];
    if let Some(gone) = &before {
        state.allocators.release(kind_data, gone);
    }
    follow_addresses(state, config, kind, before.as_ref(), None);
    let after = removed.stored.document.clone();
    state.changes.push(ObjectChange { kind: kind_data, before, after, removed: true });
    removed
}
