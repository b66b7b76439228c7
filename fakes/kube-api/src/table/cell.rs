//! What cells are made of.

use winlab_document::Document;

use super::Row;
use super::age::since;

impl<'a> Row<'a> {
    /// The object's name.
    pub(super) fn name(&self) -> Document {
        self.object.text(&["metadata", "name"]).into()
    }

    /// The object's age.
    pub(super) fn age(&self) -> Document {
        since(self.object.path(&["metadata", "creationTimestamp"]), self.now).into()
    }

    /// Whether the object is being deleted.
    pub(super) fn is_leaving(&self) -> bool {
        crate::meta::is_deleting(self.object)
    }

    pub(super) fn text(&self, path: &[&str]) -> &'a str {
        self.object.text(path)
    }

    /// A text, or another one if there is none.
    pub(super) fn text_or(&self, path: &[&str], other: &str) -> Document {
        or(self.object.text(path), other).into()
    }

    pub(super) fn number(&self, path: &[&str]) -> i64 {
        self.object.path(path).and_then(Document::as_i64).unwrap_or(0)
    }

    pub(super) fn flag(&self, path: &[&str], other: bool) -> bool {
        self.object.path(path).and_then(Document::as_bool).unwrap_or(other)
    }

    pub(super) fn items(&self, path: &[&str]) -> &'a [Document] {
        self.object.path(path).map(Document::items).unwrap_or_default()
    }

    /// Names and images of the containers of a pod spec.
    pub(super) fn containers(&self, path: &[&str]) -> [Document; 2] {
        let containers = self.items(path);
        ["name", "image"].map(|member| {
            let all: Vec<&str> = containers.iter().map(|container| container.text(&[member])).collect();
            all.join(",").into()
        })
    }

    /// Labels as `key=value`, between commas.
    pub(super) fn labels(&self, path: &[&str]) -> Document {
        labels(self.object.path(path)).into()
    }

    /// A label selector in the form of `--selector`.
    pub(super) fn selector(&self, path: &[&str]) -> Document {
        let Some(selector) = self.object.path(path) else { return "<none>".into() };
        let mut parts: Vec<String> = Vec::new();
        for (key, value) in selector.get("matchLabels").map(Document::members).unwrap_or_default() {
            parts.push(format!("{key}={}", value.as_str().unwrap_or_default()));
        }
        parts.sort();
        for one in selector.get("matchExpressions").map(Document::items).unwrap_or_default() {
            let values: Vec<&str> = one
                .get("values")
                .map(Document::items)
                .unwrap_or_default()
                .iter()
                .filter_map(Document::as_str)
                .collect();
            let (key, values) = (one.text(&["key"]), values.join(","));
            parts.push(match one.text(&["operator"]) {
                "In" => format!("{key} in ({values})"),
                "NotIn" => format!("{key} notin ({values})"),
                "DoesNotExist" => format!("!{key}"),
                _ => key.to_owned(),
            });
        }
        or(&parts.join(","), "<none>").into()
    }

    /// Whether a condition of the object's status is true.
    pub(super) fn has_condition(&self, kind: &str) -> bool {
        condition(self.items(&["status", "conditions"]), kind)
            .is_some_and(|one| one.text(&["status"]) == "True")
    }
}

/// A condition by its type.
pub(super) fn condition<'a>(conditions: &'a [Document], kind: &str) -> Option<&'a Document> {
    conditions.iter().find(|one| one.text(&["type"]) == kind)
}

/// A text, or another one if it is empty.
pub(super) fn or(text: &str, other: &str) -> String {
    if text.is_empty() { other } else { text }.to_owned()
}

fn labels(map: Option<&Document>) -> String {
    let mut parts: Vec<String> = map
        .map(Document::members)
        .unwrap_or_default()
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    parts.sort();
    or(&parts.join(","), "<none>")
}

/// The first three, and how many more there are.
pub(super) fn first_three(all: &[String], none: &str) -> String {
    let shown = all.iter().take(3).cloned().collect::<Vec<_>>().join(",");
    match all.len() {
        0 => none.to_owned(),
        1..=3 => shown,
        more => format!("{shown} + {} more...", more - 3),
    }
}

/// A number or a text, as text.
pub(super) fn bare(value: &Document) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
