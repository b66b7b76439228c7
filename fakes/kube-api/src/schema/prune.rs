//! Makes an object what a server of a minor would have decoded: unknown and disabled fields are gone, types are right.

use winlab_document::{Document, Key};

use super::{Definition, Field, Schema, Shape};
use crate::config::Profile;
use crate::failure::Failure;
use crate::kinds::{KINDS, KindId};
use crate::quantity::Quantity;
use crate::server::State;

/// Lists that are written though they are empty: those whose Go tag lacks `omitempty` (`k8s.io/api`). All others, and all
/// maps, vanish when they are empty.
const WRITTEN_EMPTY: [&str; 17] = [
    "addresses",
    "admissionReviewVersions",
    "command",
    "containers",
    "currentMetrics",
    "drivers",
    "endpoints",
    "limits",
    "monitors",
    "names",
    "nodeSelectorTerms",
    "paths",
    "rules",
    "sources",
    "topologyKeys",
    "values",
    "verbs",
];

/// What becomes of fields that nobody knows (`fieldValidation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum FieldValidation {
    /// They are dropped.
    Ignore,
    /// They are dropped with a warning in the response.
    #[default]
    Warn,
    /// They are an error.
    Strict,
}

impl FieldValidation {
    /// Reads the query parameter.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "" | "Warn" => Ok(Self::Warn),
            "Ignore" => Ok(Self::Ignore),
            "Strict" => Ok(Self::Strict),
            other => Err(Failure::unprocessable(format!(
                "fieldValidation: Unsupported value: {other:?}: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
            ))),
        }
    }
}

/// Prunes an object that a client sent, and does with unknown fields what the client asked for.
pub(crate) fn admit(
    state: &mut State,
    object: &mut Document,
    kind: KindId,
    profile: &Profile,
) -> Result<(), Failure> {
    let unknown = prune(object, kind, profile)?;
    let told = unknown.iter().map(|path| format!("unknown field {path:?}"));
    match state.field_validation {
        _ if unknown.is_empty() => {}
        FieldValidation::Ignore => {}
        FieldValidation::Warn => state.warnings.extend(told),
        FieldValidation::Strict => {
            let (kind, list) = (&KINDS[kind], told.collect::<Vec<_>>().join(", "));
            return Err(Failure::bad_request(format!(
                "{} in version {:?} cannot be handled as a {}: strict decoding error: {list}",
                kind.kind, kind.version, kind.kind
            )));
        }
    }
    Ok(())
}

/// Prunes an object and gives the paths of the fields that nobody knows.
pub(crate) fn prune(object: &mut Document, kind: KindId, profile: &Profile) -> Result<Vec<String>, Failure> {
    let schema = Schema::get();
    let mut walk = Walk { schema, profile, unknown: Vec::new(), path: Vec::new() };
    match walk.members(object, schema.definition(schema.root(kind))) {
        Ok(Some(pruned)) => *object = pruned,
        Ok(None) => {}
        Err(mismatch) => {
            let kind = &KINDS[kind];
            return Err(Failure::bad_request(format!(
                "{} in version {:?} cannot be handled as a {}: {mismatch}",
                kind.kind, kind.version, kind.kind
            )));
        }
    }
    Ok(walk.unknown)
}

/// Go's words for what is no quantity (apimachinery, `pkg/api/resource`).
const NO_QUANTITY: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Whether an empty map or list is not written.
fn vanishes(value: &Document, field: &Field, definition: &Definition) -> bool {
    match (&field.shape, value) {
        (Shape::Map(_), Document::Object(members)) => members.is_empty(),
        (Shape::Array(_), Document::Array(items)) if items.is_empty() => {
            let written = WRITTEN_EMPTY.contains(&field.name)
                || (field.name == "ports" && definition.name == "discovery.EndpointSlice");
            !written
        }
        _ => false,
    }
}

/// A path's part: a member, a key or an item.
enum Part {
    Member(Key),
    /// A map's key, which Go's decoder leaves out of its paths.
    Key(Key),
    Item(usize),
}

struct Walk<'a> {
    schema: &'static Schema,
    profile: &'a Profile,
    unknown: Vec<String>,
    path: Vec<Part>,
}

impl Walk<'_> {
    /// The struct as it should be; `None` if it is that already, which is the common case and copies nothing.
    fn members(&mut self, object: &Document, definition: &Definition) -> Result<Option<Document>, String> {
        let Document::Object(members) = object else {
            return Err(self.mismatch(
                object,
                definition.short_name(),
                &format!("v1.{}", definition.short_name()),
            ));
        };
        let mut changed: Option<Vec<(Key, Document)>> = None;
        for (at, (name, value)) in members.iter().enumerate() {
            let keep = match definition.field(name) {
                Some(field) if field.since <= self.profile.minor && self.profile.minor < field.until => {
                    let enabled = field.gate.is_none_or(|gate| self.profile.gate(gate.name, gate.on_since));
                    if enabled && !value.is_null() && !vanishes(value, field, definition) {
                        self.path.push(Part::Member(name.clone()));
                        let value = self.value(value, &field.shape, definition)?;
                        self.path.pop();
                        Some(value)
                    } else {
                        None
                    }
                }
                _ => {
                    self.path.push(Part::Member(name.clone()));
                    let path = self.path_text(true);
                    self.unknown.push(path);
                    self.path.pop();
                    None
                }
            };
            match keep {
                Some(None) => {
                    if let Some(changed) = &mut changed {
                        changed.push((name.clone(), value.clone()));
                    }
                }
                other => {
                    let changed = changed.get_or_insert_with(|| members[..at].to_vec());
                    changed.extend(other.flatten().map(|value| (name.clone(), value)));
                }
            }
        }
        Ok(changed.map(|members| Document::Object(members.into())))
    }

    /// The value as it should be; `None` if it is that already.
    fn value(
        &mut self,
        value: &Document,
        shape: &Shape,
        owner: &Definition,
    ) -> Result<Option<Document>, String> {
        match (shape, value) {
            (Shape::Struct(id), Document::Object(_)) => self.members(value, self.schema.definition(*id)),
            (Shape::Array(item), Document::Array(items)) => self.items(items, item, owner),
            (Shape::Map(of), Document::Object(members)) => self.map(members, of, owner),
            (Shape::Anything, _)
            | (Shape::Text | Shape::Time, Document::String(_))
            | (Shape::Boolean, Document::Bool(_))
            | (Shape::Number, Document::Number(_))
            | (Shape::IntegerOrText, Document::String(_) | Document::Number(_))
            | (Shape::Quantity, Document::Number(_)) => Ok(None),
            (Shape::Quantity, Document::String(text)) => match Quantity::parse(text) {
                Some(_) => Ok(None),
                None => Err(NO_QUANTITY.to_owned()),
            },
            (Shape::Integer, Document::Number(_)) if value.as_i64().is_some() => Ok(None),
            _ => Err(self.mismatch(value, owner.short_name(), &self.go_type(shape))),
        }
    }

    fn items(
        &mut self,
        items: &[Document],
        shape: &Shape,
        owner: &Definition,
    ) -> Result<Option<Document>, String> {
        let mut changed: Option<Vec<Document>> = None;
        for (at, item) in items.iter().enumerate() {
            self.path.push(Part::Item(at));
            let pruned = self.value(item, shape, owner)?;
            self.path.pop();
            if let Some(pruned) = pruned {
                changed.get_or_insert_with(|| items.to_vec())[at] = pruned;
            }
        }
        Ok(changed.map(Document::from))
    }

    fn map(
        &mut self,
        members: &[(Key, Document)],
        shape: &Shape,
        owner: &Definition,
    ) -> Result<Option<Document>, String> {
        let mut changed: Option<Vec<(Key, Document)>> = None;
        for (at, (name, value)) in members.iter().enumerate() {
            self.path.push(Part::Key(name.clone()));
            // Go decodes a null value of a map as the type's zero value.
            let zero = matches!((shape, value), (Shape::Text, Document::Null)).then(|| Document::from(""));
            let pruned = if zero.is_some() { zero } else { self.value(value, shape, owner)? };
            self.path.pop();
            if let Some(pruned) = pruned {
                changed.get_or_insert_with(|| members.to_vec())[at].1 = pruned;
            }
        }
        Ok(changed.map(|members| Document::Object(members.into())))
    }

    fn path_text(&self, with_items: bool) -> String {
        let mut text = String::new();
        for part in &self.path {
            match part {
                Part::Key(_) if !with_items => {}
                Part::Member(name) | Part::Key(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
                Part::Item(at) if with_items => text.push_str(&format!("[{at}]")),
                Part::Item(_) => {}
            }
        }
        text
    }

    /// The words of Go's decoder.
    fn mismatch(&self, value: &Document, owner: &str, go_type: &str) -> String {
        let found = match value {
            Document::Bool(_) => "bool",
            other => other.kind(),
        };
        format!(
            "json: cannot unmarshal {found} into Go struct field {owner}.{} of type {go_type}",
            self.path_text(false)
        )
    }

    fn go_type(&self, shape: &Shape) -> String {
        match shape {
            Shape::Text => "string".to_owned(),
            Shape::Boolean => "bool".to_owned(),
            Shape::Integer => "int32".to_owned(),
            Shape::Number => "float64".to_owned(),
            Shape::Time => "v1.Time".to_owned(),
            Shape::Quantity => "resource.Quantity".to_owned(),
            Shape::IntegerOrText => "intstr.IntOrString".to_owned(),
            Shape::Anything => "runtime.RawExtension".to_owned(),
            Shape::Struct(id) => format!("v1.{}", self.schema.definition(*id).short_name()),
            Shape::Array(item) => format!("[]{}", self.go_type(item)),
            Shape::Map(value) => format!("map[string]{}", self.go_type(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::prune;
    use crate::config::Profile;
    use crate::kinds::by_name;

    fn pruned(mut pod: Document, minor: u32) -> (Document, Vec<String>) {
        let unknown = prune(&mut pod, by_name("", "Pod"), &Profile::of_minor(minor)).unwrap();
        (pod, unknown)
    }

    #[test]
    fn what_is_right_stays_the_same_value() {
        let pod = doc!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}]}});
        let (after, unknown) = pruned(pod.clone(), 34);
        assert!(after.same(&pod) && unknown.is_empty());
    }

    #[test]
    fn unknown_fields_go_and_are_named() {
        let pod = doc!({"spec": {"contaners": [], "containers": [{"name": "c", "img": 1, "image": null}]}});
        let (after, unknown) = pruned(pod, 34);
        assert_eq!(after, doc!({"spec": {"containers": [{"name": "c"}]}}));
        assert_eq!(unknown, ["spec.contaners", "spec.containers[0].img"]);
    }

    #[test]
    fn a_minor_knows_its_own_fields_only() {
        let pod = || doc!({"spec": {"os": {"name": "windows"}, "nodeName": "n"}});
        let without = doc!({"spec": {"nodeName": "n"}});
        assert_eq!(pruned(pod(), 22), (without.clone(), vec!["spec.os".to_owned()]));
        assert_eq!(pruned(pod(), 23), (without, vec![]), "known in 1.23, but its gate is off");
        assert_eq!(pruned(pod(), 24).0, pod());
    }

    #[test]
    fn a_wrong_type_is_told_in_gos_words() {
        let mut pod = doc!({"spec": {"containers": [{"env": [{"name": "A", "value": 1}]}]}});
        let failure = prune(&mut pod, by_name("", "Pod"), &Profile::of_minor(34)).unwrap_err();
        assert_eq!(
            failure.message,
            "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field \
             EnvVar.spec.containers.env.value of type string"
        );
    }
}
