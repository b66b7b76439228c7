//! What a server says of an object by itself, for whoever has the object and no server yet.
//!
//! It is the create's own path, without what depends on other objects: decoding as strictly as kubectl asks for it, then
//! defaults and validation. The words of a refusal are the server's; a place in a file is not its business.

use winlab_document::Document;

use crate::config::Profile;
use crate::kinds::{KINDS, KindId, Subresource};
use crate::schema;
use crate::validate::{self, FieldErrors};

/// Something that a server would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where in the object; may lead to what is not there.
    pub path: Vec<Part>,
    /// What is wrong.
    pub fault: Fault,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A member of an object.
    Member(String),
    /// An item of a list.
    Item(usize),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The object has no field of this name.
    UnknownField {
        /// `PodSpec`
        owner: &'static str,
        /// The names it has.
        known: Vec<&'static str>,
        /// The minor that brings the field.
        since: Option<u32>,
        /// The minor that dropped it.
        until: Option<u32>,
    },
    /// The value cannot be decoded.
    WrongType {
        /// What it has to be: `an integer`.
        expected: &'static str,
    },
    /// Validation refuses it.
    Invalid {
        /// The field as the server spells it: `spec.ports[0].port`.
        field: String,
        /// The server's words without the field.
        message: String,
        /// That something has to be there and is not.
        missing: bool,
    },
}

/// What a server of this profile would say to the creation of the object; nothing if it would take it. An object that does not
/// decode is not validated.
#[must_use]
pub fn check(kind: KindId, object: &Document, profile: &Profile) -> Vec<Finding> {
    let findings = schema::decode(kind, object, profile.minor);
    if findings.is_empty() { invalid(kind, object.clone(), profile) } else { findings }
}

/// The same of a strategic merge patch: what of it no object of the kind could have. What an object becomes by it is known
/// only once there is one.
#[must_use]
pub fn check_patch(kind: KindId, patch: &Document, profile: &Profile) -> Vec<Finding> {
    schema::decode_patch(kind, patch, profile.minor)
}

fn invalid(kind: KindId, mut object: Document, profile: &Profile) -> Vec<Finding> {
    if schema::prune(&mut object, kind, profile).is_err() {
        // What `decode` lets pass and pruning does not would be a bug of one of them: the server itself will tell.
        return Vec::new();
    }
    let kind = &KINDS[kind];
    let prefix = object.text(&["metadata", "generateName"]).to_owned();
    if object.text(&["metadata", "name"]).is_empty() && !prefix.is_empty() {
        // As the server completes it, with five characters.
        object.set_path(&["metadata", "name"], format!("{prefix}xxxxx"));
    }
    (kind.rules.default)(&mut object, profile);
    if kind.has(Subresource::Status) && !kind.keeps_status {
        object.remove("status");
    }
    (kind.rules.prepare)(&mut object, None, profile);
    let mut errors = FieldErrors::default();
    validate::metadata(&object, kind, &mut errors);
    (kind.rules.validate)(&object, profile, &mut errors);
    let finding = |error: validate::FieldError| Finding {
        path: parts(&error.field),
        fault: Fault::Invalid {
            message: error.body(),
            missing: error.reason() == "FieldValueRequired",
            field: error.field,
        },
    };
    errors.into_vec().into_iter().map(finding).collect()
}

/// The parts of `spec.containers[0].resources.limits[memory]`.
fn parts(field: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        if let Some((inner, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            parts.push(inner.parse().map_or_else(|_| Part::Member(inner.to_owned()), Part::Item));
            rest = behind;
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            parts.push(Part::Member(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::*;
    use crate::kinds::by_kind;

    fn found(kind: (&str, &str), object: &Document, minor: u32) -> Vec<String> {
        let kind = by_kind(kind.0, kind.1).unwrap();
        let path = |path: &[Part]| {
            let part = |part: &Part| match part {
                Part::Member(name) => format!(".{name}"),
                Part::Item(at) => format!("[{at}]"),
            };
            path.iter().map(part).collect::<String>()
        };
        let text = |finding: Finding| match finding.fault {
            Fault::UnknownField { owner, since, .. } => {
                format!("{}: no field of {owner}, since {since:?}", path(&finding.path))
            }
            Fault::WrongType { expected } => format!("{}: {expected}", path(&finding.path)),
            Fault::Invalid { message, .. } => format!("{}: {message}", path(&finding.path)),
        };
        check(kind, object, &Profile::of_minor(minor)).into_iter().map(text).collect()
    }

    #[test]
    fn everything_that_does_not_decode_is_found_at_once() {
        let pod = doc!({"metadata": {"name": "a"}, "spec": {"os": {"name": "windows"}, "hostNetwork": "yes",
            "containers": [{"name": "c", "img": "x", "resources": {"limits": {"cpu": "lots"}}}]}});
        assert_eq!(
            found(("v1", "Pod"), &pod, 22),
            [
                ".spec.os: no field of PodSpec, since Some(23)",
                ".spec.hostNetwork: a boolean",
                ".spec.containers[0].img: no field of Container, since None",
                ".spec.containers[0].resources.limits.cpu: a quantity such as `500m` or `1Gi`",
            ]
        );
    }

    #[test]
    fn what_decodes_is_validated_with_its_defaults() {
        let service = doc!({"metadata": {"generateName": "web-", "labels": {"a": "b c"}},
            "spec": {"ports": [{"port": 0}]}});
        let found = found(("v1", "Service"), &service, 36);
        assert!(found[0].starts_with(".metadata.labels: Invalid value: \"b c\""), "{found:?}");
        assert!(found[1].starts_with(".spec.ports[0].port: Invalid value: 0"), "{found:?}");
    }

    #[test]
    fn a_patch_may_have_directives_and_holes() {
        let patch = doc!({"spec": {"replicas": null, "template": {"spec": {
            "$setElementOrder/containers": [{"name": "c"}], "$setElementOrder/boxes": [],
            "containers": [{"name": "old", "$patch": "delete"}, {"name": "c", "image": 1}]}}}});
        let kind = by_kind("apps/v1", "Deployment").unwrap();
        let paths: Vec<Vec<Part>> = check_patch(kind, &patch, &Profile::of_minor(34))
            .into_iter()
            .map(|finding| finding.path[3..].to_vec())
            .collect();
        let member = |name: &str| Part::Member(name.to_owned());
        assert_eq!(
            paths,
            [
                vec![member("$setElementOrder/boxes")],
                vec![member("containers"), Part::Item(1), member("image")]
            ]
        );
    }

    #[test]
    fn paths_are_read_as_they_are_written() {
        let member = |name: &str| Part::Member(name.to_owned());
        let path = "spec.containers[0].resources.limits[nvidia.com/gpu]";
        let expected = ["spec", "containers", "resources", "limits", "nvidia.com/gpu"].map(member);
        let [spec, containers, resources, limits, gpu] = expected;
        assert_eq!(parts(path), [spec, containers, Part::Item(0), resources, limits, gpu]);
    }
}
