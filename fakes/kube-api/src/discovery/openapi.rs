//! `/openapi/v3`: the schema of each group and version, as far as kubectl reads it: `explain`, `apply` (how lists
//! merge, and that the server checks fields), `wait`. There are no descriptions in it.

use std::collections::BTreeSet;

use winlab_document::{Document, ObjectBuilder, doc};

use super::{group_names, shown, versions};
use crate::config::Profile;
use crate::kinds::Kind;
use crate::schema::{DefinitionId, Field, Merge, Schema, Shape, Topology};

/// Answers what stands behind `/openapi/v3`.
pub(super) fn answer(profile: &Profile, rest: &[&str]) -> Option<Document> {
    match rest {
        [] => Some(index(profile)),
        ["api", "v1"] => Some(document(profile, "", "v1")),
        ["apis", group, version] => {
            let served = shown(profile.minor).any(|kind| kind.group == *group && kind.version == *version);
            served.then(|| document(profile, group, version))
        }
        _ => None,
    }
}

fn index(profile: &Profile) -> Document {
    let mut paths = ObjectBuilder::new();
    let mut add = |path: String| {
        let url = format!("/openapi/v3/{path}?hash={}", profile.version);
        paths.set(path.as_str(), doc!({"serverRelativeURL": url}));
    };
    add("api/v1".to_owned());
    for group in group_names(profile.minor) {
        for version in versions(profile.minor, group) {
            if shown(profile.minor).any(|kind| kind.group == group && kind.version == version) {
                add(format!("apis/{group}/{version}"));
            }
        }
    }
    doc!({"paths": (paths.build())})
}

fn document(profile: &Profile, group: &str, version: &str) -> Document {
    let schema = Schema::get();
    let mut paths = ObjectBuilder::new();
    let mut wanted: Vec<DefinitionId> = Vec::new();
    let mut roots: Vec<(DefinitionId, &Kind)> = Vec::new();
    for kind in shown(profile.minor).filter(|kind| kind.group == group && kind.version == version) {
        paths.set(path_of(kind).as_str(), operations(kind));
        if let Some(root) = schema.root_of(kind) {
            wanted.push(root);
            roots.push((root, kind));
        }
    }
    let mut schemas = ObjectBuilder::new();
    let mut seen: BTreeSet<DefinitionId> = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id) {
            continue;
        }
        let definition = schema.definition(id);
        let mut properties = ObjectBuilder::new();
        for field in definition.fields_of(profile.minor) {
            properties.set(field.name, property(schema, field));
            wanted.extend(struct_of(&field.shape));
        }
        let mut shown = doc!({"type": "object", "properties": (properties.build())});
        if definition.atomic {
            shown.set("x-kubernetes-map-type", "atomic");
        }
        let own: Vec<Document> =
            roots.iter().filter(|(root, _)| *root == id).map(|(_, kind)| kind_of(kind)).collect();
        if !own.is_empty() {
            shown.set("x-kubernetes-group-version-kind", own);
        }
        schemas.set(name_of(definition.name).as_str(), shown);
    }
    doc!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": (profile.version.as_str())},
        "paths": (paths.build()), "components": {"schemas": (schemas.build())}
    })
}

fn path_of(kind: &Kind) -> String {
    let root = if kind.group.is_empty() { "/api" } else { "/apis" };
    let namespace = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    let group = if kind.group.is_empty() { String::new() } else { format!("/{}", kind.group) };
    format!("{root}{group}/{}{namespace}/{}/{{name}}", kind.version, kind.plural)
}

fn kind_of(kind: &Kind) -> Document {
    doc!({"group": (kind.group), "kind": (kind.kind), "version": (kind.version)})
}

/// What kubectl looks for: which parameters a patch may have.
fn operations(kind: &Kind) -> Document {
    let parameter =
        |name: &str| doc!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let content: Vec<&str> = vec![
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ];
    let mut body = ObjectBuilder::new();
    for media in content {
        body.set(media, doc!({"schema": {"type": "object"}}));
    }
    let parameters: Vec<Document> =
        ["dryRun", "fieldManager", "fieldValidation", "force"].into_iter().map(parameter).collect();
    doc!({
        "get": {"x-kubernetes-action": "get", "x-kubernetes-group-version-kind": (kind_of(kind))},
        "patch": {
            "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": (kind_of(kind)),
            "parameters": parameters, "requestBody": {"content": (body.build())}
        }
    })
}

fn property(schema: &Schema, field: &Field) -> Document {
    let mut out = shape(schema, &field.shape);
    match (&field.topology, &field.shape) {
        (Topology::Usual, Shape::Array(_)) => out.set("x-kubernetes-list-type", "atomic"),
        (Topology::Atomic, _) => out.set("x-kubernetes-map-type", "atomic"),
        (Topology::Set, _) => out.set("x-kubernetes-list-type", "set"),
        (Topology::Keys(keys), _) => {
            out.set("x-kubernetes-list-type", "map");
            out.set("x-kubernetes-list-map-keys", keys.iter().map(|key| key.name).collect::<Document>());
        }
        (Topology::Usual, _) => {}
    }
    match field.merge {
        Merge::Replace => {}
        Merge::Set => {
            out.set("x-kubernetes-patch-strategy", "merge");
        }
        Merge::Key(key) => {
            out.set("x-kubernetes-patch-merge-key", key);
            out.set(
                "x-kubernetes-patch-strategy",
                if field.retain_keys { "merge,retainKeys" } else { "merge" },
            );
        }
    }
    out
}

fn shape(schema: &Schema, shape_of: &Shape) -> Document {
    match shape_of {
        Shape::Text => doc!({"type": "string"}),
        Shape::Boolean => doc!({"type": "boolean"}),
        Shape::Integer => doc!({"type": "integer", "format": "int32"}),
        Shape::Number => doc!({"type": "number", "format": "double"}),
        Shape::Time => doc!({"type": "string", "format": "date-time"}),
        Shape::Quantity => doc!({"oneOf": [{"type": "string"}, {"type": "number"}]}),
        Shape::IntegerOrText => {
            doc!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]})
        }
        Shape::Anything => doc!({"type": "object"}),
        Shape::Struct(id) => {
            let reference = format!("#/components/schemas/{}", name_of(schema.definition(*id).name));
            doc!({"allOf": [{"$ref": reference}]})
        }
        Shape::Array(item) => doc!({"type": "array", "items": (shape(schema, item))}),
        Shape::Map(value) => doc!({"type": "object", "additionalProperties": (shape(schema, value))}),
    }
}

fn struct_of(shape: &Shape) -> Option<DefinitionId> {
    match shape {
        Shape::Struct(id) => Some(*id),
        Shape::Array(inner) | Shape::Map(inner) => struct_of(inner),
        _ => None,
    }
}

/// `core.PodSpec` as the API names it: `io.k8s.api.core.v1.PodSpec`.
fn name_of(definition: &str) -> String {
    let parts: Vec<&str> = definition.split('.').collect();
    match parts.as_slice() {
        ["meta", name] => format!("io.k8s.apimachinery.pkg.apis.meta.v1.{name}"),
        [group, name] => format!("io.k8s.api.{group}.v1.{name}"),
        _ => format!("io.k8s.api.{definition}"),
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::config::Profile;

    #[test]
    fn a_version_is_told_with_everything_its_kinds_refer_to() {
        let profile = Profile::of_minor(34);
        let apps = answer(&profile, &["apis", "apps", "v1"]).unwrap();
        let text = apps.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(apps.path(&["components", "schemas", name]).is_some(), "{name} is not there");
        }
        assert!(text.contains(r#""x-kubernetes-patch-merge-key":"name""#));
        assert!(apps.path(&["components", "schemas", "io.k8s.api.core.v1.PodSpec"]).is_some());
        assert!(answer(&profile, &[]).unwrap().path(&["paths", "apis/batch/v1"]).is_some());
        assert!(answer(&profile, &["apis", "apps", "v2"]).is_none());
    }
}
