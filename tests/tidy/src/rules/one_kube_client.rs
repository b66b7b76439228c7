//! Kubernetes' crates are named once.

use crate::lint::{Finding, Lint};
use crate::manifest::members;
use crate::tree::Tree;

const OWNER: &str = "lab/kube-client";

/// Only `lab/kube-client` depends on kube and k8s-openapi.
pub(super) struct OneKubeClient;

impl Lint for OneKubeClient {
    fn name(&self) -> &'static str {
        "one-kube-client"
    }

    fn why(&self) -> &'static str {
        "kube makes a new major version every few months, and one crate is enough to follow it."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let foreign = |name: &str| name == "k8s-openapi" || name == "kube" || name.starts_with("kube-");
        members(tree)
            .into_iter()
            .filter(|member| member.folder != OWNER)
            .flat_map(|member| {
                let path = member.manifest();
                let names =
                    member.needs.into_iter().chain(member.needs_for_tests).filter(|name| foreign(name));
                names
                    .map(|name| Finding::new(&path, 0, format!("take {name} from {OWNER}")))
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_crate_that_names_kube_is_found() {
        let tree = Tree::of([
            ("lab/kube-client/Cargo.toml", "[package]\nname = \"c\"\n[dependencies]\nkube = \"5\""),
            ("lab/node/Cargo.toml", "[package]\nname = \"n\"\n[dev-dependencies]\nk8s-openapi = \"1\""),
        ]);
        let findings = OneKubeClient.check(&tree);
        assert_eq!(
            findings,
            [Finding::new("lab/node/Cargo.toml", 0, "take k8s-openapi from lab/kube-client")]
        );
    }

    #[test]
    fn its_owner_may_name_it() {
        let manifest = "[package]\nname = \"c\"\n[dependencies]\nkube = \"5\"\nkube-core = \"5\"";
        assert_eq!(OneKubeClient.check(&Tree::of([("lab/kube-client/Cargo.toml", manifest)])), []);
    }
}
