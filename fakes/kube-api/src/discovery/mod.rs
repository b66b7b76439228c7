//! What the server says about itself: `/version`, health, `/api` and `/apis`.

mod aggregated;
mod openapi;

use http::{HeaderValue, Response, StatusCode, header};
use winlab_document::{Document, doc};

use crate::body::ApiBody;
use crate::config::Profile;
use crate::events_v1;
use crate::failure::Failure;
use crate::kinds::{self, Kind, Subresource};
use crate::reviews::REVIEWS;
use crate::service::{Call, json, refusal};

/// What may be done with the objects of every kind.
const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// Answers a path outside the resources; `None` if nothing is there.
pub(crate) fn answer(profile: &Profile, call: &Call) -> Option<Response<ApiBody>> {
    let path = call.parts.uri.path().trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    let aggregated = aggregated::wanted(&call.parts.headers);
    let document = match (segments.as_slice(), aggregated) {
        (["healthz" | "readyz" | "livez", ..], _) => return Some(plain("ok")),
        (["openapi", "v3", rest @ ..], _) => return openapi::answer(profile, rest).map(ok),
        (["openapi", ..], _) => {
            return Some(refusal(&Failure::not_acceptable("application/json")));
        }
        (["api" | "apis"], Some(media)) => {
            let mut response = ok(aggregated::list(profile.minor, path == "api"));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
            return Some(response);
        }
        (other, _) => unaggregated(profile, other)?,
    };
    Some(ok(document))
}

fn ok(document: Document) -> Response<ApiBody> {
    json(StatusCode::OK, &document)
}

fn plain(text: &'static str) -> Response<ApiBody> {
    let mut response = Response::new(ApiBody::whole(text));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn unaggregated(profile: &Profile, segments: &[&str]) -> Option<Document> {
    match segments {
        ["version"] => Some(version(profile)),
        ["api"] => Some(doc!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": ""}]
        })),
        ["api", "v1"] => Some(resources(profile.minor, "", "v1")),
        ["apis"] => {
            Some(doc!({"kind": "APIGroupList", "apiVersion": "v1", "groups": (groups(profile.minor))}))
        }
        ["apis", name] => {
            groups(profile.minor).into_iter().find(|group| group.text(&["name"]) == *name).map(|mut group| {
                group.set("kind", "APIGroup");
                group.set("apiVersion", "v1");
                group
            })
        }
        ["apis", group, version] => {
            versions(profile.minor, group).contains(version).then(|| resources(profile.minor, group, version))
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

/// The kinds that a minor serves, and those that are another kind in other words.
fn shown(minor: u32) -> impl Iterator<Item = &'static Kind> {
    kinds::served(minor).map(|(_, kind)| kind).chain([&events_v1::KIND])
}

/// Groups other than the core group, in the order of the tables.
fn group_names(minor: u32) -> Vec<&'static str> {
    let all = shown(minor).map(|kind| kind.group).chain(REVIEWS.iter().map(|review| review.group));
    let mut names: Vec<&str> = Vec::new();
    for name in all.filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The versions of a group, the preferred one first.
fn versions(minor: u32, group: &str) -> Vec<&'static str> {
    let mut versions: Vec<&str> = Vec::new();
    for kind in shown(minor).filter(|kind| kind.group == group) {
        if !versions.contains(&kind.version) {
            versions.push(kind.version);
        }
    }
    if versions.is_empty() && REVIEWS.iter().any(|review| review.group == group) {
        versions.push("v1");
    }
    versions
}

fn groups(minor: u32) -> Vec<Document> {
    let group = |name: &str| {
        let versions: Vec<Document> = versions(minor, name)
            .into_iter()
            .map(|version| doc!({"groupVersion": (format!("{name}/{version}")), "version": version}))
            .collect();
        let preferred = versions.first().cloned().unwrap_or_default();
        doc!({"name": name, "versions": versions, "preferredVersion": preferred})
    };
    group_names(minor).into_iter().map(group).collect()
}

fn resources(minor: u32, group: &str, version: &str) -> Document {
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let served = shown(minor).filter(|kind| kind.group == group && kind.version == version);
    let mut resources: Vec<Document> = served.flat_map(entries).collect();
    resources.extend(REVIEWS.iter().filter(|review| review.group == group && version == "v1").map(
        |review| {
            doc!({
                "name": (review.plural), "singularName": (review.kind.to_lowercase()),
                "namespaced": (review.namespaced), "kind": (review.kind), "verbs": ["create"]
            })
        },
    ));
    doc!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources})
}

/// A kind and its subresources.
fn entries(kind: &'static Kind) -> Vec<Document> {
    let mut main = doc!({
        "name": kind.plural, "singularName": kind.singular(), "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": (VERBS.iter().copied().collect::<Document>())
    });
    if !kind.short.is_empty() {
        main.set("shortNames", kind.short.iter().copied().collect::<Document>());
    }
    if !kind.categories.is_empty() {
        main.set("categories", kind.categories.iter().copied().collect::<Document>());
    }
    let mut entries = vec![main];
    for subresource in kind.subresources {
        let name = format!("{}/{}", kind.plural, subresource.segment());
        let (group, version, shown, verbs) = subresource_shape(kind, *subresource);
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

/// Group, version and kind of what a subresource takes and gives (its own kind's where there is no version), and the
/// verbs.
fn subresource_shape(
    kind: &Kind,
    subresource: Subresource,
) -> (&'static str, &'static str, &'static str, Vec<&'static str>) {
    match subresource {
        Subresource::Scale => ("autoscaling", "v1", "Scale", vec!["get", "patch", "update"]),
        Subresource::Binding => ("", "", "Binding", vec!["create"]),
        Subresource::Eviction => ("policy", "v1", "Eviction", vec!["create"]),
        Subresource::Token => ("authentication.k8s.io", "v1", "TokenRequest", vec!["create"]),
        Subresource::Log => ("", "", kind.kind, vec!["get"]),
        Subresource::Exec => ("", "", "PodExecOptions", vec!["create", "get"]),
        Subresource::Attach => ("", "", "PodAttachOptions", vec!["create", "get"]),
        Subresource::PortForward => ("", "", "PodPortForwardOptions", vec!["create", "get"]),
        Subresource::Finalize => ("", "", kind.kind, vec!["update"]),
        Subresource::Status | Subresource::Approval | Subresource::EphemeralContainers => {
            ("", "", kind.kind, vec!["get", "patch", "update"])
        }
    }
}
