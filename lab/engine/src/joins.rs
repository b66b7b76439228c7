//! How the nodes of a case join: by services or by kubeadm, all of them the same way.

use std::collections::BTreeSet;

use winlab_cluster::ClusterSetup;
use winlab_profiles::KubeVersion;
use winlab_scenario::{Action, Case, Diagnostic, Effect, JoinMethod, NodeOs, NodeSpec, Span, Step};

use crate::failure::Concerns;

/// HostProcess containers are on without a gate from here on; sig-windows-tools' guide asks for as much.
const HOST_PROCESS: u32 = 23;

/// Components that kubeadm's clusters run as DaemonSets.
const DAEMONS: [&str; 2] = ["flanneld", "kube-proxy"];

/// What is started on the way, in its order.
const WAY: [&str; 5] = ["containerd", "kubeadm", "kubelet", "flanneld", "kube-proxy"];

/// How the cluster of a case is set up.
pub(crate) fn setup(case: &Case) -> ClusterSetup {
    let by_kubeadm = joins(case).iter().any(|(_, method, _)| **method == JoinMethod::Kubeadm);
    if by_kubeadm { ClusterSetup::Kubeadm } else { ClusterSetup::Services }
}

/// Where to look when nodes did not join: the logs of what is started on the way, and kubeadm's pods.
pub(crate) fn concerns(case: &Case, nodes: &BTreeSet<String>) -> Concerns {
    let mut concerns = Concerns::default();
    for node in nodes {
        let of_node = WAY.iter().map(|component| (node.clone(), (*component).to_owned()));
        concerns.components.extend(of_node);
    }
    if setup(case) == ClusterSetup::Kubeadm {
        concerns.namespaces.extend(["kube-flannel", "kube-system"].map(str::to_owned));
    }
    concerns
}

/// Every join with its node and its place.
fn joins(case: &Case) -> Vec<(&str, &JoinMethod, Span)> {
    let first = case.lab.nodes.iter().filter_map(|node| {
        node.join.as_ref().map(|method| (node.name.value.as_str(), method, node.name.span))
    });
    let mut found: Vec<_> = first.collect();
    of_steps(&case.steps, &mut |action| {
        if let Action::Join(joins) = action {
            found.extend(joins.iter().map(|(node, method)| (node.value.as_str(), method, node.span)));
        }
    });
    found
}

fn of_steps<'a>(steps: &'a [Step], visit: &mut impl FnMut(&'a Action)) {
    for step in steps {
        let during = step.during.iter().map(|during| &during.action);
        for action in step.action.iter().chain(during) {
            visit(&action.value);
            if let Action::Use { steps, .. } = &action.value {
                of_steps(steps, visit);
            }
        }
    }
}

/// What of a case that joins by kubeadm cannot be.
pub(crate) fn refuse(case: &Case, refused: &mut Vec<Diagnostic>) {
    if setup(case) != ClusterSetup::Kubeadm {
        return;
    }
    for (node, method, span) in joins(case) {
        match method {
            JoinMethod::Scripts => refused.push(
                error(span, format!("`{node}` joins by `scripts` in a lab that joins by `kubeadm`"))
                    .hint("kubeadm's DaemonSets run on every node: let all of them join by kubeadm"),
            ),
            JoinMethod::Components(parts) => {
                if let Some(part) = parts.iter().find(|part| DAEMONS.contains(&part.as_str())) {
                    refused.push(
                        error(span, format!("`{part}` is no service in a lab that joins by `kubeadm`"))
                            .hint("it comes as a DaemonSet: leave it out of the list"),
                    );
                }
            }
            JoinMethod::Kubeadm => {
                if let Some(node) = case.lab.nodes.iter().find(|known| known.name.value == node) {
                    host_process(case, node, span, refused);
                }
            }
        }
    }
    for node in &case.lab.nodes {
        of_node(case, node, refused);
    }
    of_steps(&case.steps, &mut |action| of_action(action, refused));
}

fn error(span: Span, text: String) -> Diagnostic {
    Diagnostic::error("kubeadm", span, text)
}

/// flannel and kube-proxy of a Windows node are HostProcess containers.
fn host_process(case: &Case, node: &NodeSpec, span: Span, refused: &mut Vec<Diagnostic>) {
    if node.os.value == NodeOs::Linux {
        return;
    }
    let versions: [(&str, KubeVersion); 2] =
        [("the API server", case.lab.kube.value), ("its kubelet", node.kubelet.value)];
    let too_old = versions.into_iter().find(|(_, version)| version.minor() < HOST_PROCESS);
    if let Some((whose, version)) = too_old {
        let text = format!("`{}` cannot join by `kubeadm`: {whose} is {version}", node.name.value);
        refused.push(error(span, text).hint(format!(
            "flannel and kube-proxy come as HostProcess containers, which are on from v1.{HOST_PROCESS} on; join by `scripts`, or take a later version"
        )));
    }
}

/// One DaemonSet runs one kube-proxy for all nodes of a system.
fn of_node(case: &Case, node: &NodeSpec, refused: &mut Vec<Diagnostic>) {
    let windows = |node: &NodeSpec| node.os.value != NodeOs::Linux;
    let first = case.lab.nodes.iter().find(|other| windows(other) == windows(node));
    if let Some(first) = first.filter(|first| first.kube_proxy.value != node.kube_proxy.value) {
        let text = format!(
            "`{}` has kube-proxy {}, `{}` has {}",
            node.name.value, node.kube_proxy.value, first.name.value, first.kube_proxy.value
        );
        refused.push(
            error(node.kube_proxy.span, text)
                .hint("kubeadm's kube-proxy is one DaemonSet per system: give the nodes one version"),
        );
    }
    if node.dsr {
        refused.push(
            error(node.name.span, format!("`dsr` of `{}`, which joins by `kubeadm`", node.name.value))
                .hint("the flags are the DaemonSet's: patch kube-system/daemonset/kube-proxy-windows"),
        );
    }
}

/// A DaemonSet's pod comes back by itself, so that it can be restarted, but not stopped or started.
fn of_action(action: &Action, refused: &mut Vec<Diagnostic>) {
    let hint = "it is a DaemonSet's pod: `restart` it, or patch the DaemonSet's nodeSelector";
    match action {
        Action::Start(services) | Action::Stop(services) => {
            for service in services.iter().filter(|service| DAEMONS.contains(&service.service.as_str())) {
                let text = format!("`{}` of `{}/{}`", action.verb(), service.node, service.service);
                refused.push(error(service.span, text).hint(hint));
            }
        }
        Action::Fault(faults) => {
            let stops = faults.iter().filter(|fault| matches!(fault.effect, Effect::Stop { .. }));
            for fault in stops.filter(|fault| DAEMONS.contains(&fault.at.part.as_str())) {
                refused.push(error(fault.span, format!("`stop` at `{}`", fault.at)).hint(hint));
            }
        }
        _ => {}
    }
}
