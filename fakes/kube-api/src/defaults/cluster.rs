//! Nodes, namespaces, endpoints, secrets, volumes and policies.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::fill::{Defaults, each, has};
use crate::config::Profile;

static SECRET: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"type": "Opaque"})));
static TCP: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"protocol": "TCP"})));
static PREEMPTION: LazyLock<Defaults> =
    LazyLock::new(|| Defaults::new(&doc!({"preemptionPolicy": "PreemptLowerPriority"})));
static VOLUME: LazyLock<Defaults> = LazyLock::new(|| {
    Defaults::new(&doc!({"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"}))
});
static CLAIM: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"volumeMode": "Filesystem"})));

/// A node: `podCIDR` is the first of `podCIDRs`, and all of its capacity can be used unless it says otherwise.
pub(crate) fn node(node: &mut Document, _profile: &Profile) {
    let one = node.path(&["spec", "podCIDR"]).filter(|cidr| cidr.as_str() != Some("")).cloned();
    let first = node.path(&["spec", "podCIDRs"]).and_then(|all| all.items().first().cloned());
    match (one, first) {
        (Some(one), None) => node.set_path(&["spec", "podCIDRs"], vec![one]),
        (one, Some(first)) if one.as_ref() != Some(&first) => node.set_path(&["spec", "podCIDR"], first),
        _ => {}
    }
    if node.path(&["status", "allocatable"]).is_none()
        && let Some(capacity) = node.path(&["status", "capacity"]).cloned()
    {
        node.set_path(&["status", "allocatable"], capacity);
    }
    if node.get("spec").is_none() {
        node.set("spec", Document::empty_object());
    }
    super::status::node(node.member_mut("status"));
}

/// A namespace carries its name as a label, from 1.21 on.
pub(crate) fn namespace(namespace: &mut Document, profile: &Profile) {
    let name = crate::meta::text(namespace, "name").to_owned();
    if profile.minor >= 21 && !name.is_empty() {
        namespace.set_path(&["metadata", "labels", "kubernetes.io/metadata.name"], name);
    }
}

/// A new namespace is active and held by its content.
pub(crate) fn prepare_namespace(namespace: &mut Document, old: Option<&Document>, _profile: &Profile) {
    if old.is_some() {
        return;
    }
    namespace.set("status", doc!({"phase": "Active"}));
    let held = namespace.path(&["spec", "finalizers"]).map(Document::items).unwrap_or_default();
    if !held.iter().any(|finalizer| finalizer.as_str() == Some("kubernetes")) {
        let mut finalizers: Document = held.iter().cloned().collect();
        finalizers.push("kubernetes");
        namespace.set_path(&["spec", "finalizers"], finalizers);
    }
}

/// A secret.
pub(crate) fn secret(secret: &mut Document, _profile: &Profile) {
    SECRET.fill(secret);
    // `stringData` is a way to write; what is kept and read is `data`.
    if let Some(plain) = secret.remove("stringData") {
        use base64::Engine;
        for (name, text) in plain.members() {
            let encoded = base64::engine::general_purpose::STANDARD
                .encode(text.as_str().unwrap_or_default().as_bytes());
            secret.set_path(&["data", name], encoded);
        }
    }
}

/// Endpoints.
pub(crate) fn endpoints(endpoints: &mut Document, _profile: &Profile) {
    each(endpoints, "subsets", |subset| each(subset, "ports", |port| TCP.fill(port)));
}

/// An endpoint slice.
pub(crate) fn endpoint_slice(slice: &mut Document, _profile: &Profile) {
    each(slice, "ports", |port| {
        if port.get("name").is_none() {
            port.set("name", "");
        }
        TCP.fill(port);
    });
}

/// A persistent volume.
pub(crate) fn volume(volume: &mut Document, _profile: &Profile) {
    VOLUME.fill(volume.member_mut("spec"));
}

/// A claim to one.
pub(crate) fn claim(claim: &mut Document, _profile: &Profile) {
    CLAIM.fill(claim.member_mut("spec"));
}

/// A priority class.
pub(crate) fn priority_class(class: &mut Document, _profile: &Profile) {
    PREEMPTION.fill(class);
}

/// A network policy.
pub(crate) fn network_policy(policy: &mut Document, _profile: &Profile) {
    for direction in ["ingress", "egress"] {
        let spec = policy.member_mut("spec");
        each(spec, direction, |rule| each(rule, "ports", |port| TCP.fill(port)));
    }
    let spec = policy.member_mut("spec");
    if !has(spec, "policyTypes") || spec.get("policyTypes").is_some_and(|types| types.items().is_empty()) {
        let egress = spec.get("egress").is_some_and(|rules| !rules.items().is_empty());
        spec.set("policyTypes", if egress { vec!["Ingress", "Egress"] } else { vec!["Ingress"] });
    }
}
