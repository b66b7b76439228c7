//! What creates, updates and patches do to the entries (structured-merge-diff, `merge/update.go`; apimachinery,
//! `managedfieldsupdater.go`, `capmanagers.go`).

use std::collections::BTreeMap;

use winlab_document::Document;

use super::compare::Comparison;
use super::conflict::Conflicts;
use super::field_set::field;
use super::managers::{Entry, ManagerId, Managers};
use super::reset;
use super::value_type::ValueType;
use crate::kinds::{Kind, Subresource};
use crate::schema::Schema;

/// So many who update have entries of their own (`DefaultMaxUpdateManagers`).
const MOST: usize = 10;
/// What the view `scale` is about.
const REPLICAS: [&str; 2] = ["spec", "replicas"];
/// Who has what the oldest of them had.
const OLDEST: &str = "ancient-changes";

/// Who writes, as far as fields are concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// `fieldManager`, or what the program is called.
    pub(crate) manager: String,
    /// Whether the request itself names its manager.
    pub(crate) named: bool,
    /// The subresource that is written, beside those that are parts of the object: `scale`.
    pub(crate) view: &'static str,
    /// Whether the entries are settled already, as those of an apply are.
    pub(crate) settled: bool,
}

/// A write of some part of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) part: Option<Subresource>,
    pub(crate) origin: &'a Origin,
    pub(crate) minor: u32,
    pub(crate) now: &'a str,
}

impl Sender<'_> {
    pub(super) fn value_type(&self) -> Option<ValueType> {
        Some(ValueType::of_definition(Schema::get().root_of(self.kind)?, self.minor))
    }

    /// The object before it is made.
    pub(super) fn nothing(&self) -> Document {
        let schema = Schema::get();
        schema.root_of(self.kind).map_or_else(Document::empty_object, |root| schema.zero(root))
    }

    pub(super) fn subresource(&self) -> &'static str {
        self.part.map_or(self.origin.view, Subresource::segment)
    }

    pub(super) fn id(&self, applied: bool) -> ManagerId {
        let version = self.kind.api_version();
        ManagerId::new(&self.origin.manager, applied, &version, self.subresource())
    }
}

/// Begins the entries of a new object, if somebody named themselves.
pub(crate) fn created(object: &mut Document, sender: Sender<'_>) {
    if !sender.origin.named || sender.origin.settled {
        return;
    }
    let mut managers = Managers::default();
    if let Some(value_type) = sender.value_type() {
        track(&sender.nothing(), object, &mut managers, &sender, &sender.id(false), value_type);
    }
    managers.encode(object);
}

/// Brings the entries of a changed object up to date; `sent` are those that came with it. An object without entries stays
/// without.
pub(crate) fn updated(object: &mut Document, old: &Document, sent: Option<&Document>, sender: Sender<'_>) {
    if sender.origin.settled {
        if let Some(sent) = sent {
            object.set_path(&["metadata", "managedFields"], sent);
        }
        return;
    }
    let kept = old.path(&["metadata", "managedFields"]);
    if kept.is_none() && sent.is_none() {
        return;
    }
    let mut managers = before(kept, sent.filter(|_| sender.part.is_none() && sender.origin.view.is_empty()));
    // A view of replicas that nobody manages is a view without entries.
    let in_view = sender.origin.view.is_empty() || managers.all_fields().has_path(&REPLICAS.map(field));
    if !managers.is_empty()
        && in_view
        && let Some(value_type) = sender.value_type()
    {
        track(old, object, &mut managers, &sender, &sender.id(false), value_type);
        cap(&mut managers);
    }
    managers.encode(object);
}

/// The entries before a write: those that it brings, unless they are no entries (`decodeLiveOrNew`).
fn before(kept: Option<&Document>, sent: Option<&Document>) -> Managers {
    let of_live = || Managers::decode(kept).unwrap_or_default();
    let Some(sent) = sent else { return of_live() };
    match sent.items() {
        // A client gives up all entries by an empty list or an empty entry.
        [] => return Managers::default(),
        [only] if only.is_object() && only.members().is_empty() => return Managers::default(),
        _ => {}
    }
    Managers::decode(Some(sent)).filter(|managers| !managers.is_empty()).unwrap_or_else(of_live)
}

/// Gives to `id` what differs between two versions, and takes it from all others.
pub(super) fn track(
    old: &Document,
    new: &Document,
    managers: &mut Managers,
    sender: &Sender<'_>,
    id: &ManagerId,
    value_type: ValueType,
) {
    let (old, new) = (without_entries(old), without_entries(new));
    let reset = reset::fields(sender.kind, sender.part);
    let changes = Comparison::of(&old, &new, value_type).without(&reset);
    take(managers, None, &changes);
    let own = changes.modified.union(&changes.added).difference(&reset::unmanaged());
    if own.is_empty() {
        return;
    }
    let before = managers.0.remove(id).map(|entry| entry.fields).unwrap_or_default();
    let entry = Entry {
        fields: before.union(&own),
        api_version: sender.kind.api_version(),
        time: Some(sender.now.to_owned()),
    };
    managers.0.insert(id.clone(), entry);
}

/// What others than `own` manage of what changed.
pub(super) fn conflicts(managers: &Managers, own: &ManagerId, changes: &Comparison) -> Conflicts {
    let changed = changes.modified.union(&changes.added);
    let others = managers.0.iter().filter(|(id, _)| *id != own);
    let lost = others.map(|(id, entry)| (id.clone(), entry.fields.intersection(&changed)));
    lost.filter(|(_, fields)| !fields.is_empty()).collect()
}

/// Takes what changed from all but one.
pub(super) fn take(managers: &mut Managers, own: Option<&ManagerId>, changes: &Comparison) {
    let changed = changes.modified.union(&changes.added);
    for (id, entry) in &mut managers.0 {
        if own != Some(id) {
            let lost = entry.fields.intersection(&changed);
            entry.fields = entry.fields.difference(&lost).difference(&changes.removed);
        }
    }
    managers.prune();
}

/// The object as it is compared.
pub(super) fn without_entries(object: &Document) -> Document {
    let mut object = object.clone();
    object.remove_path(&["metadata", "managedFields"]);
    object
}

/// Unites the oldest of too many entries.
fn cap(managers: &mut Managers) {
    let mut updaters: Vec<(Option<String>, ManagerId)> = managers
        .0
        .iter()
        .filter(|(id, _)| !id.applied)
        .map(|(id, entry)| (entry.time.clone(), id.clone()))
        .collect();
    updaters.sort();
    let mut left = updaters.len();
    let mut first_of: BTreeMap<String, ManagerId> = BTreeMap::new();
    for (_, id) in updaters {
        if left <= MOST {
            return;
        }
        let Some(entry) = managers.0.get(&id).cloned() else { continue };
        let bucket = ManagerId::new(OLDEST, false, &entry.api_version, "");
        let Some(first) = first_of.get(&entry.api_version) else {
            first_of.insert(entry.api_version.clone(), id);
            continue;
        };
        let known = managers.0.remove(&bucket).or_else(|| managers.0.remove(first));
        let known = known.map(|entry| entry.fields).unwrap_or_default();
        managers.0.remove(&id);
        managers.0.insert(bucket, Entry { fields: known.union(&entry.fields), ..entry });
        left -= 1;
    }
}
