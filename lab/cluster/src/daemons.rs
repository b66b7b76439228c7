//! flanneld and kube-proxy of a cluster that kubeadm set up: pods of DaemonSets, not services of the node.

use std::fmt;

use winlab_clock::VirtualSpan;
use winlab_kube_client::Api;
use winlab_kube_client::api::{DeleteParams, ListParams, Patch, PatchParams};
use winlab_kube_client::k8s::apps::DaemonSet;
use winlab_kube_client::k8s::core::Pod;
use winlab_profiles::KubeVersion;

use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;
use crate::spec::ClusterSetup;

/// How long a daemon's pod may take to be there and Ready.
const READY_WITHIN: VirtualSpan = VirtualSpan::from_secs(180);
const LOOK: VirtualSpan = VirtualSpan::from_millis(250);

/// A component that a DaemonSet runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Daemon {
    namespace: &'static str,
    set: &'static str,
    labels: &'static str,
}

impl fmt::Display for Daemon {
    /// As checks name it: `kube-system/daemonset/kube-proxy-windows`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/daemonset/{}", self.namespace, self.set)
    }
}

impl Lab {
    /// The DaemonSet behind a component of a node, where there is one.
    pub(crate) fn daemon(&self, node: &Node, component: &str) -> Option<Daemon> {
        if self.setup() != ClusterSetup::Kubeadm {
            return None;
        }
        let daemon = |namespace, set, labels| Some(Daemon { namespace, set, labels });
        match (component, node.is_windows()) {
            ("kube-proxy", false) => daemon("kube-system", "kube-proxy", "k8s-app=kube-proxy"),
            ("kube-proxy", true) => daemon("kube-system", "kube-proxy-windows", "k8s-app=kube-proxy-windows"),
            ("flanneld", false) => daemon("kube-flannel", "kube-flannel-ds", "app=flannel,os=linux"),
            ("flanneld", true) => {
                daemon("kube-flannel", "kube-flannel-ds-windows-amd64", "app=flannel,os=windows")
            }
            _ => None,
        }
    }

    /// As `kubectl delete pod`: the DaemonSet makes a new one, which is waited for.
    pub(crate) async fn restart_daemon(&self, node: &Node, daemon: Daemon) -> Result<(), LabError> {
        let what = format!("restarting {} on {}", daemon.set, node.spec.name);
        let pods: Api<Pod> = Api::namespaced(self.client(), daemon.namespace);
        let old = self.daemon_pods(node, daemon).await.map_err(|why| LabError::new(what.as_str(), why))?;
        for pod in &old {
            let name = pod.metadata.name.clone().unwrap_or_default();
            let deleted = pods.delete(&name, &DeleteParams::default()).await;
            deleted.map_err(|error| LabError::new(what.as_str(), error))?;
        }
        let is_new = |pod: &Pod| old.iter().all(|old| old.metadata.uid != pod.metadata.uid);
        self.until_daemon(node, daemon, what, is_new).await
    }

    /// As `kubectl set image`: every node of that system gets the new version; this one's pod is waited for.
    pub(crate) async fn upgrade_daemon(
        &self,
        node: &Node,
        daemon: Daemon,
        version: KubeVersion,
    ) -> Result<(), LabError> {
        let what = format!("upgrading {} to {version}", daemon.set);
        let failed = |why: String| LabError::new(what.as_str(), why);
        let sets: Api<DaemonSet> = Api::namespaced(self.client(), daemon.namespace);
        let set = sets.get(daemon.set).await.map_err(|error| failed(error.to_string()))?;
        let containers = set.spec.template.spec.map(|spec| spec.containers).unwrap_or_default();
        let Some(container) = containers.into_iter().next() else {
            return Err(failed("the DaemonSet has no container".to_owned()));
        };
        let image = with_version(container.image.as_deref().unwrap_or_default(), version);
        let patch = serde_json::json!({"spec": {"template": {"spec": {"containers": [
            {"name": (container.name), "image": (image.as_str())}
        ]}}}});
        let patched = sets.patch(daemon.set, &PatchParams::default(), &Patch::Strategic(&patch)).await;
        patched.map_err(|error| failed(error.to_string()))?;
        let runs_it = |pod: &Pod| {
            let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
            containers.into_iter().any(|container| container.image.as_deref() == Some(image.as_str()))
        };
        self.until_daemon(node, daemon, what.clone(), runs_it).await
    }

    /// Waits until a daemon's pod on a node is Ready.
    pub(crate) async fn until_daemon_ready(&self, node: &Node, component: &str) -> Result<(), LabError> {
        let Some(daemon) = self.daemon(node, component) else { return Ok(()) };
        let what = format!("joining {}: {component}", node.spec.name);
        self.until_daemon(node, daemon, what, |_| true).await
    }

    async fn until_daemon(
        &self,
        node: &Node,
        daemon: Daemon,
        what: String,
        wanted: impl Fn(&Pod) -> bool,
    ) -> Result<(), LabError> {
        let end = self.clock().now() + READY_WITHIN;
        loop {
            let problem = match self.daemon_pods(node, daemon).await {
                Err(why) => why,
                Ok(pods) => match pods.iter().find(|pod| wanted(pod)) {
                    Some(pod) if is_ready(pod) => return Ok(()),
                    Some(pod) => standing(pod),
                    None => format!("{daemon} has no such pod on {}", node.spec.name),
                },
            };
            if self.clock().now() >= end {
                let hint = format!(
                    "`log: {}/{}` and the events of the pod say why",
                    node.spec.name,
                    if daemon.namespace == "kube-system" { "kube-proxy" } else { "flanneld" }
                );
                return Err(LabError::new(what, format!("{problem}, after {READY_WITHIN}")).hint(hint));
            }
            self.clock().sleep(LOOK).await;
        }
    }

    async fn daemon_pods(&self, node: &Node, daemon: Daemon) -> Result<Vec<Pod>, String> {
        let pods: Api<Pod> = Api::namespaced(self.client(), daemon.namespace);
        let on_node =
            ListParams::default().labels(daemon.labels).fields(&format!("spec.nodeName={}", node.spec.name));
        pods.list(&on_node).await.map(|pods| pods.items).map_err(|error| error.to_string())
    }
}

/// The image with another version in its tag: `kube-proxy:v1.36.1-flannel-hostprocess`.
fn with_version(image: &str, version: KubeVersion) -> String {
    let (name, tag) = image.rsplit_once(':').unwrap_or((image, ""));
    match tag.split_once('-') {
        Some((_, variant)) => format!("{name}:{version}-{variant}"),
        None => format!("{name}:{version}"),
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// What keeps a pod from being Ready: what its containers wait for, or ended with.
fn standing(pod: &Pod) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let status = pod.status.clone().unwrap_or_default();
    let all = [status.init_container_statuses, status.container_statuses].into_iter().flatten().flatten();
    let states: Vec<String> = all
        .filter(|container| !container.ready)
        .map(|container| {
            let state = container.state.unwrap_or_default();
            let last = container.last_state.and_then(|state| state.terminated);
            let waiting = state.waiting.map(|waiting| {
                let message = waiting.message.map(|text| format!(" ({text})")).unwrap_or_default();
                format!("{}{message}", waiting.reason.unwrap_or_default())
            });
            let ended = state.terminated.or(last).map(|ended| format!("ended with code {}", ended.exit_code));
            let states: Vec<String> = [waiting, ended].into_iter().flatten().collect();
            format!(
                "{} is {}",
                container.name,
                if states.is_empty() { "starting".to_owned() } else { states.join(", ") }
            )
        })
        .collect();
    let phase = status.phase.unwrap_or_default();
    if states.is_empty() {
        format!("pod {name} is {phase}")
    } else {
        format!("pod {name}: {}", states.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::with_version;

    #[test]
    fn the_version_of_a_tag_is_replaced() {
        let version = "v1.37.2".parse().unwrap();
        assert_eq!(
            with_version("registry.k8s.io/kube-proxy:v1.36.1", version),
            "registry.k8s.io/kube-proxy:v1.37.2"
        );
        assert_eq!(
            with_version("docker.io/sigwindowstools/kube-proxy:v1.36.1-flannel-hostprocess", version),
            "docker.io/sigwindowstools/kube-proxy:v1.37.2-flannel-hostprocess"
        );
    }
}
