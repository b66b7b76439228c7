//! Kinds by the names that authors write.

use winlab_kube_api::kinds::{KINDS, Kind};

/// The kind of this name: singular, plural or short, as kubectl takes it.
pub(crate) fn by_word(word: &str) -> Option<&'static Kind> {
    let word = word.to_lowercase();
    KINDS.iter().find(|kind| {
        kind.plural == word || kind.kind.to_lowercase() == word || kind.short.contains(&word.as_str())
    })
}

/// The kind that a manifest names.
pub(crate) fn by_manifest(api_version: &str, name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind == name && kind.api_version() == api_version)
}

/// The kind Event.
pub(crate) fn event_kind() -> &'static Kind {
    by_manifest("v1", "Event").expect("events are a built-in kind")
}

/// The path of a kind's objects, of one of them, or of a subresource of it.
pub(crate) fn path(kind: &Kind, namespace: &str, name: &str, subresource: &str) -> String {
    let mut path = match kind.group {
        "" => format!("/api/{}", kind.version),
        group => format!("/apis/{group}/{}", kind.version),
    };
    if kind.namespaced {
        path.push_str(&format!("/namespaces/{namespace}"));
    }
    for part in [kind.plural, name, subresource].into_iter().filter(|part| !part.is_empty()) {
        path.push('/');
        path.push_str(part);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_kubectl_takes_them() {
        for (word, kind) in [
            ("pods", "Pod"),
            ("svc", "Service"),
            ("Deployment", "Deployment"),
            ("ds", "DaemonSet"),
            ("endpoints", "Endpoints"),
        ] {
            assert_eq!(by_word(word).map(|kind| kind.kind), Some(kind), "{word}");
        }
        assert!(by_word("widgets").is_none());
    }

    #[test]
    fn paths() {
        let path_of = |word, name, sub| path(by_word(word).unwrap(), "shop", name, sub);
        assert_eq!(path_of("deploy", "web", "scale"), "/apis/apps/v1/namespaces/shop/deployments/web/scale");
        assert_eq!(path_of("nodes", "win1", ""), "/api/v1/nodes/win1");
        assert_eq!(path_of("pods", "", ""), "/api/v1/namespaces/shop/pods");
    }
}
