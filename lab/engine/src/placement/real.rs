//! Which components of a node are unmodified programs.

use std::collections::BTreeSet;

use winlab_cluster::RealComponent;
use winlab_scenario::{Diagnostic, JoinMethod, Lab, NodeOs, NodeSpec};

use super::Placement;

/// The real components of a node: what the file names, and on Windows what the command line does.
pub(crate) fn of_node(node: &NodeSpec, placement: &Placement) -> BTreeSet<RealComponent> {
    if node.os.value == NodeOs::Linux {
        return BTreeSet::new();
    }
    let named = node.real.iter().filter_map(|real| RealComponent::by_name(&real.value));
    let named = named.chain(placement.real.iter().copied());
    named.flat_map(|component| [Some(component), component.starts()]).flatten().collect()
}

/// What of the real components cannot be.
pub(crate) fn refuse_real(lab: &Lab, placement: &Placement) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    for node in &lab.nodes {
        if node.join == Some(JoinMethod::Kubeadm)
            && let Some(component) = of_node(node, placement).first()
        {
            let message =
                format!("an unmodified {component} on a node that joins by kubeadm is not supported yet");
            let hint = "nodes with real components join by `scripts`";
            refused.push(Diagnostic::error("not-supported", node.name.span, message).hint(hint));
        }
        for real in &node.real {
            if node.os.value == NodeOs::Linux {
                let message = format!("`{}` runs Linux: only Windows programs can be real", node.name.value);
                let hint = "leave `real` out: the lab's own models run instead";
                refused.push(Diagnostic::error("not-supported", real.span, message).hint(hint));
            } else if RealComponent::by_name(&real.value).is_none() {
                let known: Vec<&str> = RealComponent::ALL.iter().map(|known| known.name()).collect();
                let message = format!("an unmodified `{}` is not supported yet", real.value);
                let hint = format!("what is supported: {}", known.join(", "));
                refused.push(Diagnostic::error("not-supported", real.span, message).hint(hint));
            }
        }
    }
    refused
}
