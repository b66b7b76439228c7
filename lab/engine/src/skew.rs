//! Versions outside the skew policy: they run, and the reader is told.

use winlab_events::{Remark, Severity};
use winlab_profiles::{Component, KubeVersion, skew};
use winlab_scenario::{Lab, Sources, Span};

use crate::failure::place;

/// A remark for every node component that the policy does not allow beside the lab's API server.
pub(crate) fn remarks(lab: &Lab, sources: &Sources) -> Vec<Remark> {
    let nodes = lab.nodes.iter().flat_map(|node| {
        [
            (&node.name, Component::Kubelet, &node.kubelet),
            (&node.name, Component::KubeProxy, &node.kube_proxy),
        ]
    });
    nodes
        .filter_map(|(name, component, version)| {
            remark(name, component, version.value, lab.kube.value, sources, version.span)
        })
        .collect()
}

/// The remark for one component, if the policy does not allow it.
pub(crate) fn remark(
    node: &str,
    component: Component,
    version: KubeVersion,
    server: KubeVersion,
    sources: &Sources,
    span: Span,
) -> Option<Remark> {
    let problem = skew(component, version, server).err()?;
    Some(Remark {
        severity: Severity::Warning,
        code: Some("version-skew".to_owned()),
        message: format!("{node}: {problem}"),
        hint: Some("it runs nevertheless, as nothing in Kubernetes keeps it from running".to_owned()),
        place: Some(place(sources, span)),
        excerpt: None,
    })
}
