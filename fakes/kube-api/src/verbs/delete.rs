//! Delete: at once, after a grace period, or after finalizers are done.

use std::sync::Arc;

use http::StatusCode;
use winlab_document::{Document, doc};

use super::read::wanted;
use super::{Done, Keep, commit, purge};
use crate::admission;
use crate::config::Config;
use crate::failure::{Failure, success};
use crate::kinds::{Admit, Kind};
use crate::meta;
use crate::request::{Answer, Target, acceptable};
use crate::server::State;
use crate::service::Call;
use crate::store::{EventObject, Query};
use crate::validate::{FieldErrors, FieldPath};

/// What the client said about how.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    grace: Option<i64>,
    uid: Option<String>,
    resource_version: Option<String>,
    propagation: Option<Propagation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Propagation {
    Background,
    Foreground,
    Orphan,
}

impl Options {
    pub(super) fn from_document(options: &Document) -> Result<Self, Failure> {
        let text = |names: &[&str]| options.path(names).and_then(Document::as_str).map(str::to_owned);
        let orphan = options.get("orphanDependents").and_then(Document::as_bool);
        let policy = text(&["propagationPolicy"]);
        if orphan.is_some() && policy.is_some() {
            return Err(Failure::unprocessable(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"\": orphanDependents and deletionPropagation cannot be both set",
            ));
        }
        Ok(Self {
            grace: options.get("gracePeriodSeconds").and_then(Document::as_i64),
            uid: text(&["preconditions", "uid"]),
            resource_version: text(&["preconditions", "resourceVersion"]),
            propagation: match policy.as_deref() {
                None => {
                    orphan.map(|orphan| if orphan { Propagation::Orphan } else { Propagation::Background })
                }
                Some("Background") => Some(Propagation::Background),
                Some("Foreground") => Some(Propagation::Foreground),
                Some("Orphan") => Some(Propagation::Orphan),
                Some(other) => {
                    let mut errors = FieldErrors::default();
                    let known = ["Foreground", "Background", "Orphan", "nil"];
                    errors.not_supported(&FieldPath::new("propagationPolicy"), other, &known);
                    return Err(Failure::invalid_form(
                        "meta.k8s.io",
                        "DeleteOptions",
                        "",
                        &errors.into_vec(),
                    ));
                }
            },
        })
    }

    /// Options come in the body, or as query parameters if there is none.
    fn of_call(call: &Call) -> Result<Self, Failure> {
        if !call.body.is_empty() {
            return Self::from_document(&super::body(call)?);
        }
        let mut options = Document::empty_object();
        if let Some(grace) = call.params.number("gracePeriodSeconds")? {
            options.set("gracePeriodSeconds", grace);
        }
        let policy = call.params.text("propagationPolicy");
        if !policy.is_empty() {
            options.set("propagationPolicy", policy);
        }
        Self::from_document(&options)
    }
}

/// Answers a DELETE of an object or of a collection.
pub(super) fn delete(
    state: &mut State,
    config: &Config,
    target: &Target,
    call: &Call,
    dry_run: bool,
) -> Result<Done, Failure> {
    let options = Options::of_call(call)?;
    let keep = Keep::from(dry_run);
    if target.name.is_empty() {
        return collection(state, config, target, call, &options, keep);
    }
    let kind = target.kind();
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
    let removal = remove(state, config, target, &stored.document, &options, keep)?;
    Ok(match removal {
        Removal::Gone(_) if !kind.returns_deleted => {
            let status = success(kind, &target.name, meta::text(&stored.document, "uid"));
            Done::document(StatusCode::OK, &status)
        }
        Removal::Gone(object) | Removal::Going(object) => {
            Done::object(StatusCode::OK, &object, acceptable(&call.parts.headers)?)
        }
    })
}

fn collection(
    state: &mut State,
    config: &Config,
    target: &Target,
    call: &Call,
    options: &Options,
    keep: Keep,
) -> Result<Done, Failure> {
    if target.kind().rules.admit == Admit::Namespace {
        return Err(Failure::method_not_allowed());
    }
    let selected = wanted(target, call)?;
    let query = Query { wanted: &selected, after: None, limit: None };
    let (objects, _) = state.store.kind(target.kind).list(&query);
    let mut items = Vec::new();
    for stored in objects {
        let one = Target {
            namespace: meta::text(&stored.document, "namespace").to_owned(),
            name: meta::text(&stored.document, "name").to_owned(),
            ..target.clone()
        };
        let removal = remove(state, config, &one, &stored.document, options, keep)?;
        let (Removal::Gone(object) | Removal::Going(object)) = removal;
        // Items of a typed list do not repeat their kind and API version.
        let mut item = object.stored.document.clone();
        item.remove("kind");
        item.remove("apiVersion");
        items.push(item);
    }
    if acceptable(&call.parts.headers)? == Answer::Metadata {
        items = items.iter().map(super::read::metadata_only).collect();
    }
    let kind = target.kind();
    let list = doc!({
        "kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(),
        "metadata": {"resourceVersion": state.store.revision().to_string()}, "items": items
    });
    Ok(Done::document(StatusCode::OK, &list))
}

/// What became of an object that was to be deleted.
pub(super) enum Removal {
    /// It is gone; this is how it last was.
    Gone(Arc<EventObject>),
    /// It goes when its time or its finalizers are over.
    Going(Arc<EventObject>),
}

/// Deletes an object as far as it can be now.
pub(super) fn remove(
    state: &mut State,
    config: &Config,
    target: &Target,
    old: &Document,
    options: &Options,
    keep: Keep,
) -> Result<Removal, Failure> {
    let kind = target.kind();
    check_preconditions(kind, target, old, options)?;
    admission::delete(kind, target)?;
    let mut object = old.clone();
    let finalized = set_finalizers(&mut object, kind, options);
    if kind.rules.admit == Admit::Namespace {
        object.set_path(&["status", "phase"], "Terminating");
    }
    let held = meta::finalizers(&object).next().is_some()
        || (kind.rules.admit == Admit::Namespace
            && object.path(&["spec", "finalizers"]).is_some_and(|held| !held.items().is_empty()));
    if kind.rules.admit == Admit::Namespace && meta::is_deleting(old) && held {
        return Err(Failure::conflict(
            kind,
            &target.name,
            "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.",
        ));
    }
    let grace =
        if kind.rules.admit == Admit::Pod { pod_grace(config, &mut object, options) } else { Grace::Now };
    match grace {
        Grace::Set => Ok(Removal::Going(commit(state, config, target.kind, &target.key(), object, keep))),
        Grace::Pending if !finalized => {
            let stored = state.store.kind(target.kind).get(&target.key()).cloned();
            let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
            Ok(Removal::Going(EventObject::new(stored)))
        }
        Grace::Pending => Ok(Removal::Going(commit(state, config, target.kind, &target.key(), object, keep))),
        Grace::Now if held => {
            mark(config, &mut object, 0);
            if kind.rules.admit == Admit::Namespace {
                // A namespace has a strategy of its own (`pkg/registry/core/namespace/storage`), which sets no grace.
                object.remove_path(&["metadata", "deletionGracePeriodSeconds"]);
            }
            if object == *old {
                let stored = state.store.kind(target.kind).get(&target.key()).cloned();
                let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
                return Ok(Removal::Going(EventObject::new(stored)));
            }
            Ok(Removal::Going(commit(state, config, target.kind, &target.key(), object, keep)))
        }
        Grace::Now => Ok(Removal::Gone(purge(state, config, target.kind, &target.key(), object, keep))),
    }
}

fn check_preconditions(
    kind: &Kind,
    target: &Target,
    old: &Document,
    options: &Options,
) -> Result<(), Failure> {
    let uid = meta::text(old, "uid");
    if let Some(wanted) = options.uid.as_deref().filter(|wanted| *wanted != uid) {
        let why = format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). The object might have been deleted and then recreated"
        );
        return Err(Failure::precondition(kind, &target.name, &why));
    }
    let version = meta::text(old, "resourceVersion");
    if let Some(wanted) = options.resource_version.as_deref().filter(|wanted| *wanted != version) {
        let why = format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({version}). The object might have been modified"
        );
        return Err(Failure::precondition(kind, &target.name, &why));
    }
    Ok(())
}

/// Adds and removes the garbage collector's finalizers as the propagation policy says; whether that changed anything.
fn set_finalizers(object: &mut Document, kind: &Kind, options: &Options) -> bool {
    const ORPHAN: &str = "orphan";
    const FOREGROUND: &str = "foregroundDeletion";
    let held = |name: &str| meta::finalizers(object).any(|finalizer| finalizer == name);
    let (was_orphan, was_foreground) = (held(ORPHAN), held(FOREGROUND));
    let (orphan, foreground) = match options.propagation {
        Some(Propagation::Orphan) => (true, false),
        Some(Propagation::Foreground) => (false, true),
        Some(Propagation::Background) => (false, false),
        // What was said before stands; else the kind decides.
        None if was_orphan || was_foreground => (was_orphan, was_foreground),
        None => (kind.orphans, false),
    };
    if (orphan, foreground) == (was_orphan, was_foreground) {
        return false;
    }
    let others = meta::finalizers(object).filter(|name| !matches!(*name, ORPHAN | FOREGROUND));
    let mut finalizers: Vec<String> = others.map(str::to_owned).collect();
    finalizers.extend(orphan.then(|| ORPHAN.to_owned()));
    finalizers.extend(foreground.then(|| FOREGROUND.to_owned()));
    if finalizers.is_empty() {
        object.remove_path(&["metadata", "finalizers"]);
    } else {
        object.set_path(&["metadata", "finalizers"], finalizers);
    }
    true
}

/// When a pod may go.
enum Grace {
    /// Now, as far as its grace period is concerned.
    Now,
    /// Its time has just been set or shortened.
    Set,
    /// Its time was set before and stays.
    Pending,
}

/// Sets or shortens a pod's grace period (`pkg/registry/core/pod/strategy.go`, `CheckGracefulDelete`; apiserver,
/// `registry/rest/delete.go`, `BeforeDelete`).
fn pod_grace(config: &Config, pod: &mut Document, options: &Options) -> Grace {
    let asked = options.grace.map(|grace| if grace < 0 { 1 } else { grace });
    if meta::is_deleting(pod) {
        let set =
            pod.path(&["metadata", "deletionGracePeriodSeconds"]).and_then(Document::as_i64).unwrap_or(0);
        return match asked {
            _ if set == 0 => Grace::Now,
            Some(0) => {
                pod.set_path(&["metadata", "deletionGracePeriodSeconds"], 0);
                Grace::Now
            }
            Some(asked) if asked < set => {
                shorten(config, pod, set, asked);
                Grace::Set
            }
            _ => Grace::Pending,
        };
    }
    let own = pod.path(&["spec", "terminationGracePeriodSeconds"]).and_then(Document::as_i64);
    let finished = matches!(pod.text(&["status", "phase"]), "Succeeded" | "Failed");
    let grace = match asked.or(own).unwrap_or(0) {
        _ if finished || pod.text(&["spec", "nodeName"]).is_empty() => 0,
        negative if negative < 0 => 1,
        grace => grace,
    };
    mark(config, pod, grace);
    if grace == 0 { Grace::Now } else { Grace::Set }
}

/// Marks an object as being deleted, unless it is already.
fn mark(config: &Config, object: &mut Document, grace: i64) {
    if meta::is_deleting(object) {
        return;
    }
    let at = meta::timestamp_after(config.clock.timestamp(), grace);
    object.set_path(&["metadata", "deletionTimestamp"], at);
    object.set_path(&["metadata", "deletionGracePeriodSeconds"], grace);
    let generation = object.path(&["metadata", "generation"]).and_then(Document::as_i64).unwrap_or(0);
    if generation > 0 {
        object.set_path(&["metadata", "generation"], generation + 1);
    }
}

/// Moves the moment of deletion forward, but not into the past.
fn shorten(config: &Config, pod: &mut Document, set: i64, asked: i64) {
    let now = config.clock.timestamp();
    let old: jiff::Timestamp = meta::text(pod, "deletionTimestamp").parse().unwrap_or(now);
    let moved = old.checked_add(jiff::SignedDuration::from_secs(asked - set)).unwrap_or(now);
    let (at, grace) = if moved < now { (now, 1) } else { (moved, asked) };
    pod.set_path(&["metadata", "deletionTimestamp"], meta::timestamp(at));
    pod.set_path(&["metadata", "deletionGracePeriodSeconds"], grace);
}
