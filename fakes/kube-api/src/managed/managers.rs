//! The entries of `metadata.managedFields` (apimachinery, `pkg/util/managedfields/internal/managedfields.go`).

use std::collections::BTreeMap;

use winlab_document::{Document, ObjectBuilder};

use super::field_set::FieldSet;

/// Who manages fields: one who applies is the same whatever version they apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ManagerId {
    pub(super) manager: String,
    pub(super) applied: bool,
    /// Of one who updates.
    pub(super) api_version: String,
    pub(super) subresource: String,
}

/// What a manager manages.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) fields: FieldSet,
    pub(super) api_version: String,
    pub(super) time: Option<String>,
}

/// All managers of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Managers(pub(super) BTreeMap<ManagerId, Entry>);

impl ManagerId {
    pub(super) fn new(manager: &str, applied: bool, api_version: &str, subresource: &str) -> Self {
        let manager = if manager.is_empty() { "unknown" } else { manager }.to_owned();
        let api_version = if applied { String::new() } else { api_version.to_owned() };
        Self { manager, applied, api_version, subresource: subresource.to_owned() }
    }
}

impl Managers {
    /// From an object's metadata; none from what is malformed.
    pub(super) fn decode(entries: Option<&Document>) -> Option<Self> {
        let mut managers = Self::default();
        for entry in entries.map(Document::items).unwrap_or_default() {
            let applied = match entry.text(&["operation"]) {
                "Apply" => true,
                "Update" => false,
                _ => return None,
            };
            let api_version = entry.text(&["apiVersion"]);
            if api_version.is_empty() || entry.text(&["fieldsType"]) != "FieldsV1" {
                return None;
            }
            let id =
                ManagerId::new(entry.text(&["manager"]), applied, api_version, entry.text(&["subresource"]));
            let fields = entry.get("fieldsV1").map(FieldSet::from_document).unwrap_or_default();
            let time = entry.get("time").and_then(Document::as_str).map(str::to_owned);
            managers.0.insert(id, Entry { fields, api_version: api_version.to_owned(), time });
        }
        Some(managers)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops the entries of those who manage nothing.
    pub(super) fn prune(&mut self) {
        self.0.retain(|_, entry| !entry.fields.is_empty());
    }

    /// All fields that anybody manages.
    pub(super) fn all_fields(&self) -> FieldSet {
        self.0.values().fold(FieldSet::default(), |all, entry| all.union(&entry.fields))
    }

    /// Writes the entries into an object.
    pub(super) fn encode(&self, object: &mut Document) {
        if self.is_empty() {
            object.remove_path(&["metadata", "managedFields"]);
            return;
        }
        let mut entries: Vec<(&ManagerId, &Entry)> = self.0.iter().collect();
        entries.sort_by_key(|(id, entry)| {
            (!id.applied, &entry.time, &id.manager, &entry.api_version, &id.subresource)
        });
        let encode = |(id, entry): (&ManagerId, &Entry)| {
            let mut out = ObjectBuilder::new();
            out.set("manager", id.manager.as_str());
            out.set("operation", if id.applied { "Apply" } else { "Update" });
            out.set("apiVersion", entry.api_version.as_str());
            out.set_some("time", entry.time.as_deref());
            out.set("fieldsType", "FieldsV1");
            out.set("fieldsV1", entry.fields.to_document());
            if !id.subresource.is_empty() {
                out.set("subresource", id.subresource.as_str());
            }
            out.build()
        };
        let entries: Vec<Document> = entries.into_iter().map(encode).collect();
        object.set_path(&["metadata", "managedFields"], entries);
    }
}
