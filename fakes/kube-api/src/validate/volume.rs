//! Volumes and their mounts.

use std::collections::BTreeSet;

use winlab_document::Document;

use super::name::dns_label_problem;
use super::{FieldErrors, FieldPath, items};

/// Checks the volumes of a pod and gives their names.
pub(super) fn volumes<'a>(
    spec: &'a Document,
    path: &FieldPath<'_>,
    errors: &mut FieldErrors,
) -> BTreeSet<&'a str> {
    let list = path.child("volumes");
    let mut names = BTreeSet::new();
    for (at, volume) in items(spec, "volumes").iter().enumerate() {
        let path = list.index(at);
        let name = volume.text(&["name"]);
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else if let Some(problem) = dns_label_problem(name) {
            errors.invalid(&path.child("name"), name, problem);
        } else if !names.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        sources(volume, &path, errors);
    }
    names
}

fn sources(volume: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let mut sources =
        volume.members().iter().filter(|(name, value)| name.as_str() != "name" && !value.is_null());
    if sources.next().is_none() {
        errors.required(path, "must specify a volume type");
    }
    for (name, _) in sources {
        errors.forbidden(&path.child(name), "may not specify more than 1 volume type");
    }
    for (source, field) in [
        ("hostPath", "path"),
        ("secret", "secretName"),
        ("configMap", "name"),
        ("persistentVolumeClaim", "claimName"),
        ("nfs", "server"),
        ("csi", "driver"),
    ] {
        if let Some(found) = volume.get(source)
            && found.text(&[field]).is_empty()
        {
            errors.required(&path.child(source).child(field), "");
        }
    }
    if volume.text(&["hostPath", "path"]).split('/').any(|part| part == "..") {
        let found = volume.text(&["hostPath", "path"]);
        errors.invalid(&path.child("hostPath").child("path"), found, "must not contain '..'");
    }
}

/// Checks the mounts of a container.
pub(super) fn mounts(
    container: &Document,
    volumes: &BTreeSet<&str>,
    path: &FieldPath<'_>,
    errors: &mut FieldErrors,
) {
    let mut places = BTreeSet::new();
    for (at, mount) in items(container, "volumeMounts").iter().enumerate() {
        let path = path.index(at);
        let (name, place) = (mount.text(&["name"]), mount.text(&["mountPath"]));
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        }
        if !volumes.contains(name) {
            errors.not_found(&path.child("name"), name);
        }
        if place.is_empty() {
            errors.required(&path.child("mountPath"), "");
        }
        if !places.insert(place) {
            errors.invalid(&path.child("mountPath"), place, "must be unique");
        }
        let (sub, expression) = (mount.text(&["subPath"]), mount.text(&["subPathExpr"]));
        if !sub.is_empty() && !expression.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(&path.child("subPathExpr"), expression, detail);
        }
        for (field, value) in [("subPath", sub), ("subPathExpr", expression)] {
            if value.starts_with('/') {
                errors.invalid(&path.child(field), value, "must be a relative path");
            }
            if value.split(['/', '\\']).any(|part| part == "..") {
                errors.invalid(&path.child(field), value, "must not contain '..'");
            }
        }
    }
}
