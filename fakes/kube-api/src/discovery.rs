//! What the server says about itself: `/version`, health, `/api` and `/apis`.

use winlab_document::{Document, doc};

use crate::config::Profile;
use crate::kinds::{KINDS, Kind};
use crate::service::Call;

/// Answers a path outside the resources; `None` if nothing is there.
pub(crate) fn answer(profile: &Profile, call: &Call) -> Option<Document> {
    let path = call.parts.uri.path().trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["version"] => Some(version(profile)),
        ["healthz" | "readyz" | "livez", ..] => Some("ok".into()),
        ["api"] => Some(doc!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": ""}]
        })),
        ["api", "v1"] => Some(resources("", "v1")),
        ["apis"] => Some(doc!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups()})),
        ["apis", name] => {
            groups().into_iter().find(|group| group.text(&["name"]) == *name).map(|mut group| {
                group.set("kind", "APIGroup");
                group.set("apiVersion", "v1");
                group
            })
        }
        ["apis", group, version] => {
            let served = KINDS.iter().any(|kind| kind.group == *group && kind.version == *version);
            served.then(|| resources(group, version))
        }
        _ => None,
    }
}

fn version(profile: &Profile) -> Document {
    doc!({
        "major": "1", "minor": profile.minor.to_string(), "gitVersion": profile.version.as_str(),
        "gitCommit": "", "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "gc",
        "platform": "linux/amd64"
    })
}

fn groups() -> Vec<Document> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in KINDS.iter().filter(|kind| !kind.group.is_empty()) {
        match groups.iter_mut().find(|(name, _)| *name == kind.group) {
            Some((_, versions)) if versions.contains(&kind.version) => {}
            Some((_, versions)) => versions.push(kind.version),
            None => groups.push((kind.group, vec![kind.version])),
        }
    }
    groups
        .into_iter()
        .map(|(name, versions)| {
            let versions: Vec<Document> = versions
                .iter()
                .map(|version| doc!({"groupVersion": format!("{name}/{version}"), "version": *version}))
                .collect();
            let preferred = versions.first().cloned().unwrap_or_default();
            doc!({"name": name, "versions": versions, "preferredVersion": preferred})
        })
        .collect()
}

fn resources(group: &str, version: &str) -> Document {
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let served = KINDS.iter().filter(|kind| kind.group == group && kind.version == version);
    let resources: Vec<Document> = served.flat_map(entries).collect();
    doc!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources})
}

/// A kind and its subresources.
fn entries(kind: &'static Kind) -> Vec<Document> {
    let mut main = doc!({
        "name": kind.plural, "singularName": kind.singular(), "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    });
    if !kind.short.is_empty() {
        main.set("shortNames", kind.short.iter().copied().collect::<Document>());
    }
    if !kind.categories.is_empty() {
        main.set("categories", kind.categories.iter().copied().collect::<Document>());
    }
    let mut entries = vec![main];
    for subresource in kind.subresources {
        use crate::kinds::Subresource;
        let name = format!("{}/{}", kind.plural, subresource.segment());
        let (group, version, shown, verbs) = match subresource {
            Subresource::Scale => ("autoscaling", "v1", "Scale", vec!["get", "patch", "update"]),
            Subresource::Binding => ("", "", "Binding", vec!["create"]),
            Subresource::Eviction => ("policy", "v1", "Eviction", vec!["create"]),
            Subresource::Token => ("authentication.k8s.io", "v1", "TokenRequest", vec!["create"]),
            Subresource::Finalize => ("", "", kind.kind, vec!["update"]),
            Subresource::Status | Subresource::EphemeralContainers => {
                ("", "", kind.kind, vec!["get", "patch", "update"])
            }
        };
        let mut entry = doc!({"name": name, "singularName": "", "namespaced": kind.namespaced});
        if !version.is_empty() {
            entry.set("group", group);
            entry.set("version", version);
        }
        entry.set("kind", shown);
        entry.set("verbs", verbs);
        entries.push(entry);
    }
    entries
}
