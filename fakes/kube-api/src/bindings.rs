//! Who is bound to the roles that approve certificates of kubelets.
//!
//! Whether a request is approved without a person is a question to the authorizer about two subresources that nothing
//! serves (`pkg/controller/certificates/approver`), and kubeadm answers it with cluster role bindings.

use winlab_document::Document;

use crate::kinds;
use crate::server::State;

const RBAC: &str = "rbac.authorization.k8s.io";
const MASTERS: &str = "system:masters";

/// The role that allows to have a certificate approved; none for any other question
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`).
pub(crate) fn approval_role(group: &str, resource: &str, subresource: &str) -> Option<&'static str> {
    match (group, resource, subresource) {
        ("certificates.k8s.io", "certificatesigningrequests", "nodeclient") => {
            Some("system:certificates.k8s.io:certificatesigningrequests:nodeclient")
        }
        ("certificates.k8s.io", "certificatesigningrequests", "selfnodeclient") => {
            Some("system:certificates.k8s.io:certificatesigningrequests:selfnodeclient")
        }
        _ => None,
    }
}

/// Whether a cluster role binding gives the role to the user.
pub(crate) fn bound(state: &State, role: &str, user: &str, groups: &[String]) -> bool {
    let is_group = |name: &str| groups.iter().any(|group| group == name);
    let is_subject = |subject: &Document| match subject.text(&["kind"]) {
        "User" => subject.text(&["name"]) == user,
        "Group" => is_group(subject.text(&["name"])),
        "ServiceAccount" => {
            let (namespace, name) = (subject.text(&["namespace"]), subject.text(&["name"]));
            user == format!("system:serviceaccount:{namespace}:{name}")
        }
        _ => false,
    };
    let bindings = state.store.kind(kinds::by_name(RBAC, "ClusterRoleBinding"));
    let mut of_role = bindings.iter().filter(|binding| {
        binding.document.text(&["roleRef", "kind"]) == "ClusterRole"
            && [role, "cluster-admin"].contains(&binding.document.text(&["roleRef", "name"]))
    });
    let subjects = |binding: &Document| {
        binding.get("subjects").map(Document::items).unwrap_or_default().iter().any(is_subject)
    };
    is_group(MASTERS) || of_role.any(|binding| subjects(&binding.document))
}
