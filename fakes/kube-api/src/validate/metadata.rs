//! Metadata (apimachinery, `pkg/api/validation/objectmeta.go`).

use winlab_document::Document;

use super::name::{
    dns_label_problem, dns_subdomain_problem, label_key_problem, label_value_problem, path_segment_problem,
};
use super::{FieldErrors, FieldPath};
use crate::kinds::Kind;

/// All annotations together may have this many bytes.
const MOST_ANNOTATIONS: usize = 256 * 1024;

/// Finalizers without a domain (`pkg/apis/core/helper`, `IsStandardFinalizerName`).
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// Checks the metadata of an object.
pub(crate) fn metadata(object: &Document, kind: &Kind, errors: &mut FieldErrors) {
    let path = FieldPath::new("metadata");
    let metadata = object.get("metadata").unwrap_or(&Document::Null);
    let name = metadata.text(&["name"]);
    if name.is_empty() {
        errors.required(&path.child("name"), "name or generateName is required");
    } else if let Some(problem) = name_problem(kind, name) {
        errors.invalid(&path.child("name"), name, problem);
    }
    labels(metadata.get("labels"), &path.child("labels"), errors);
    annotations(metadata.get("annotations"), &path.child("annotations"), errors);
    owners(metadata.get("ownerReferences"), &path.child("ownerReferences"), errors);
    for (at, finalizer) in
        metadata.get("finalizers").map(Document::items).unwrap_or_default().iter().enumerate()
    {
        let text = finalizer.as_str().unwrap_or_default();
        let path = path.child("finalizers");
        if let Some(problem) = label_key_problem(text) {
            errors.invalid(&path.index(at), text, problem);
        } else if !text.contains('/') && !STANDARD_FINALIZERS.contains(&text) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path.index(at), text, detail);
        }
    }
}

fn name_problem(kind: &Kind, name: &str) -> Option<String> {
    match (kind.group, kind.kind) {
        ("", "Namespace") => dns_label_problem(name),
        ("", "Service") => super::service_name_problem(name),
        // Checked as an address.
        ("networking.k8s.io", "IPAddress") => None,
        // Nobody cares (`ValidateCertificateRequestName`).
        ("certificates.k8s.io", _) => None,
        ("rbac.authorization.k8s.io", _) => path_segment_problem(name),
        _ => dns_subdomain_problem(name),
    }
}

/// Checks a map of labels.
pub(crate) fn labels(labels: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    for (key, value) in labels.map(Document::members).unwrap_or_default() {
        if let Some(problem) = label_key_problem(key) {
            errors.invalid(path, key.as_str(), problem);
        }
        let value = value.as_str().unwrap_or_default();
        if let Some(problem) = label_value_problem(value) {
            errors.invalid(path, value, problem);
        }
    }
}

fn annotations(annotations: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let mut size = 0;
    for (key, value) in annotations.map(Document::members).unwrap_or_default() {
        if let Some(problem) = label_key_problem(&key.to_lowercase()) {
            errors.invalid(path, key.as_str(), problem);
        }
        size += key.len() + value.as_str().unwrap_or_default().len();
    }
    if size > MOST_ANNOTATIONS {
        errors.too_long(path, MOST_ANNOTATIONS);
    }
}

fn owners(owners: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let mut controller: Option<String> = None;
    for (at, owner) in owners.map(Document::items).unwrap_or_default().iter().enumerate() {
        let path = &path.index(at);
        for (field, detail) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            if owner.text(&[field]).is_empty() {
                errors.invalid(&path.child(field), owner.text(&[field]), detail);
            }
        }
        if owner.get("controller").and_then(Document::as_bool) == Some(true) {
            let shown = format!("{}/{}", owner.text(&["kind"]), owner.text(&["name"]));
            if let Some(first) = &controller {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {shown}"
                );
                errors.invalid(path, owner.clone(), detail);
            }
            controller = Some(shown);
        }
    }
}

/// Checks what an update may not do to metadata.
pub(crate) fn metadata_update(new: &Document, old: &Document, errors: &mut FieldErrors) {
    if !crate::meta::is_deleting(old) {
        return;
    }
    let known: Vec<&str> = crate::meta::finalizers(old).collect();
    let added: Vec<String> = crate::meta::finalizers(new)
        .filter(|name| !known.contains(name))
        .map(|name| format!("{name:?}"))
        .collect();
    if !added.is_empty() {
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            added.join(", ")
        );
        // The kind's own checks find it once more.
        for _ in 0..2 {
            errors.forbidden(&FieldPath::new("metadata").child("finalizers"), detail.as_str());
        }
    }
}
