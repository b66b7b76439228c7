//! Server-side apply: the fields of a configuration become the manager's own, and what it no longer names goes
//! (structured-merge-diff, `merge/update.go`).

use winlab_document::Document;

use super::check::check;
use super::compare::Comparison;
use super::conflict::{self, Conflicts};
use super::extract::fields_of;
use super::field_set::FieldSet;
use super::last_applied;
use super::managers::{Entry, ManagerId, Managers};
use super::merge::merged;
use super::remove::without;
use super::reset;
use super::update::{Sender, conflicts, take, track, without_entries};
use super::value_type::ValueType;
use crate::failure::Failure;
use crate::meta;
use crate::schema::Schema;

/// Who has what was there before anybody applied.
const BEFORE: &str = "before-first-apply";
/// The manager that takes over what client-side apply left.
const KUBECTL: &str = "kubectl";

/// What applying a configuration makes of an object, or of none: the object with its entries.
pub(crate) fn apply(
    live: Option<&Document>,
    config: &Document,
    sender: Sender<'_>,
    force: bool,
) -> Result<Document, Failure> {
    let kind = sender.kind;
    let definition = Schema::get().root_of(kind).ok_or_else(Failure::no_such_resource)?;
    let version = kind.api_version();
    if config.text(&["apiVersion"]) != version {
        // Every kind has one version here, so that another is one that no scheme knows.
        let found = match config.text(&["apiVersion"]) {
            text if text.contains('/') => text.to_owned(),
            text => format!("/{text}"),
        };
        let object = config.text(&["kind"]);
        return Err(Failure::bad_request(format!("invalid object type: {found}, Kind={object}")));
    }
    if config.path(&["metadata", "managedFields"]).is_some_and(|entries| !entries.is_null()) {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    check(config, definition, sender.minor).map_err(|problem| {
        let (namespace, name) = (meta::text(config, "namespace"), meta::text(config, "name"));
        let group = if kind.group.is_empty() { "/v1".to_owned() } else { version.clone() };
        Failure::unnamed(format!(
            "failed to create typed patch object ({namespace}/{name}; {group}, Kind={}): {problem}",
            kind.kind
        ))
    })?;
    let value_type = ValueType::of_definition(definition, sender.minor);
    let entries = live.and_then(|live| live.path(&["metadata", "managedFields"]));
    let managers = Managers::decode(entries)
        .ok_or_else(|| Failure::unnamed("failed to decode managed fields: an entry is malformed"))?;
    let bare = live.map_or_else(|| sender.nothing(), without_entries);
    let mut work = Work { live: bare, managers, sender, value_type };
    if work.managers.is_empty() && live.is_some() {
        let before = ManagerId::new(BEFORE, false, &version, sender.subresource());
        track(&sender.nothing(), &work.live, &mut work.managers, &sender, &before, value_type);
    }
    let done = match work.apply(config, force) {
        Err(found) if sender.origin.manager == KUBECTL => {
            let allowed = last_applied::fields(&work.live, sender.kind, value_type);
            let left = remaining(found, &allowed);
            if left.is_empty() { work.apply(config, true) } else { Err(left) }
        }
        other => other,
    };
    let (mut object, managers) = done.map_err(|conflicts| conflict::refusal(&conflicts))?;
    if sender.origin.manager == KUBECTL {
        last_applied::follow(&mut object, config);
    }
    managers.encode(&mut object);
    Ok(object)
}

/// Conflicts about fields that are not allowed to be taken over.
fn remaining(conflicts: Conflicts, allowed: &FieldSet) -> Conflicts {
    let left = |fields: FieldSet| {
        let mut left = FieldSet::default();
        for path in fields.paths().iter().filter(|path| !allowed.has_path(path)) {
            left.insert(path);
        }
        left
    };
    let conflicts = conflicts.into_iter().map(|(id, fields)| (id, left(fields)));
    conflicts.filter(|(_, fields)| !fields.is_empty()).collect()
}

struct Work<'a> {
    live: Document,
    managers: Managers,
    sender: Sender<'a>,
    value_type: ValueType,
}

impl Work<'_> {
    /// The object and its managers afterwards.
    fn apply(&self, config: &Document, force: bool) -> Result<(Document, Managers), Conflicts> {
        let own = self.sender.id(true);
        let mut managers = self.managers.clone();
        let reset = reset::fields(self.sender.kind, self.sender.part);
        let last = managers.0.remove(&own);
        let fields = fields_of(config, self.value_type).recursive_difference(&reset);
        let time = last.as_ref().and_then(|entry| entry.time.clone());
        let api_version = self.sender.kind.api_version();
        managers.0.insert(own.clone(), Entry { fields, api_version, time });
        let merged = merged(&self.live, config, self.value_type);
        let object = match last.filter(|entry| !entry.fields.is_empty()) {
            Some(last) => self.pruned(&merged, &managers, &last.fields),
            None => merged,
        };
        let changes = Comparison::of(&self.live, &object, self.value_type).without(&reset);
        let found = conflicts(&managers, &own, &changes);
        if !force && !found.is_empty() {
            return Err(found);
        }
        take(&mut managers, Some(&own), &changes);
        if let Some(entry) = managers.0.get_mut(&own) {
            entry.fields = entry.fields.difference(&reset::unmanaged());
            if object != self.live {
                entry.time = Some(self.sender.now.to_owned());
            }
        }
        managers.prune();
        Ok((object, managers))
    }

    /// What the manager applied last time and not this time goes, unless somebody else manages it.
    fn pruned(&self, merged: &Document, managers: &Managers, last: &FieldSet) -> Document {
        let value_type = self.value_type;
        let named = |set: &FieldSet| set.with_named_fields(value_type);
        let last = named(last);
        let pruned = without(merged, &last, value_type);
        let of_merged = named(&fields_of(merged, value_type));
        // Back comes what anybody manages, the applied configuration included.
        let kept = named(&fields_of(&pruned, value_type)).union(&named(&managers.all_fields()));
        let pruned = without(merged, &of_merged.difference(&kept), value_type);
        // And what was never the manager's own.
        let kept = named(&fields_of(&pruned, value_type));
        without(merged, &of_merged.difference(&kept).intersection(&last), value_type)
    }
}
