//! Paths: `/api/v1/namespaces/{namespace}/{plural}/{name}/{subresource}` and the like.

use crate::kinds::{self, KINDS, Kind, KindId};

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Objects of a kind.
    Resource(Target),
    /// `/version`, `/healthz`, `/api…` and `/apis…` for discovery.
    Other,
    /// Nothing.
    Unknown,
}

/// Objects of a kind, or one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: KindId,
    /// Empty for all namespaces, and for kinds without.
    pub(crate) namespace: String,
    /// Empty for the collection.
    pub(crate) name: String,
    /// Empty for the object itself.
    pub(crate) subresource: String,
}

impl Target {
    pub(crate) fn kind(&self) -> &'static Kind {
        &KINDS[self.kind]
    }

    /// The object's key in the store.
    pub(crate) fn key(&self) -> String {
        key(&self.namespace, &self.name)
    }

    /// The start of the keys of the collection.
    pub(crate) fn prefix(&self) -> String {
        if self.namespace.is_empty() { String::new() } else { format!("{}/", self.namespace) }
    }
}

/// A key in the store.
pub(crate) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// Finds what a path leads to.
pub(crate) fn route(path: &str) -> Route {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, version, rest) = match segments.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        ["api" | "apis" | "version" | "healthz" | "readyz" | "livez" | "openapi", ..] => {
            return Route::Other;
        }
        _ => return Route::Unknown,
    };
    // `namespaces/{name}/status` is a namespace's subresource, `namespaces/{name}/pods` a collection in it.
    let (namespace, rest) = match rest {
        ["namespaces", _, "status" | "finalize"] if group.is_empty() => ("", rest),
        ["namespaces", namespace, tail @ ..] if !tail.is_empty() => (*namespace, tail),
        _ => ("", rest),
    };
    let (plural, name, subresource) = match rest {
        [plural] => (*plural, "", ""),
        [plural, name] => (*plural, *name, ""),
        [plural, name, subresource] => (*plural, *name, *subresource),
        _ => return Route::Unknown,
    };
    let Some(kind) = kinds::by_resource(group, version, plural) else { return Route::Unknown };
    let fits = KINDS[kind].namespaced || namespace.is_empty();
    let named_needs_namespace = KINDS[kind].namespaced && !name.is_empty() && namespace.is_empty();
    if !fits || named_needs_namespace {
        return Route::Unknown;
    }
    Route::Resource(Target {
        kind,
        namespace: namespace.to_owned(),
        name: decode(name),
        subresource: subresource.to_owned(),
    })
}

/// Undoes percent-encoding; names of RBAC objects hold colons, which some clients encode.
fn decode(segment: &str) -> String {
    super::query::percent_decode(segment, false)
}

#[cfg(test)]
mod tests {
    use super::{Route, route};

    fn target(path: &str) -> Option<(&'static str, String, String, String)> {
        match route(path) {
            Route::Resource(t) => {
                Some((t.kind().plural, t.namespace.clone(), t.name.clone(), t.subresource.clone()))
            }
            Route::Other | Route::Unknown => None,
        }
    }

    #[test]
    fn paths() {
        let found = |plural, namespace: &str, name: &str, sub: &str| {
            Some((plural, namespace.to_owned(), name.to_owned(), sub.to_owned()))
        };
        assert_eq!(target("/api/v1/pods"), found("pods", "", "", ""));
        assert_eq!(target("/api/v1/namespaces/a/pods"), found("pods", "a", "", ""));
        assert_eq!(target("/api/v1/namespaces/a/pods/p/status"), found("pods", "a", "p", "status"));
        assert_eq!(target("/api/v1/namespaces/a"), found("namespaces", "", "a", ""));
        assert_eq!(target("/api/v1/namespaces/a/finalize"), found("namespaces", "", "a", "finalize"));
        assert_eq!(
            target("/apis/apps/v1/namespaces/a/deployments/d/scale"),
            found("deployments", "a", "d", "scale")
        );
        assert_eq!(
            target("/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"),
            found("clusterroles", "", "system:node", "")
        );
    }

    #[test]
    fn paths_to_nowhere() {
        for path in
            ["/api/v1/pods/p", "/api/v1/namespaces/a/nodes", "/api/v2/pods", "/apis/apps/v1/pods", "/x"]
        {
            assert_eq!(route(path), Route::Unknown, "{path}");
        }
        for path in ["/api", "/apis", "/apis/apps/v1", "/version", "/healthz"] {
            assert_eq!(route(path), Route::Other, "{path}");
        }
    }
}
