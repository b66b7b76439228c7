//! The Node object's content (`pkg/kubelet/kubelet_node_status.go`, `pkg/kubelet/nodestatus`).

use std::collections::BTreeMap;

use winlab_kube_client::k8s::Quantity;
use winlab_kube_client::k8s::core::{
    ContainerImage, DaemonEndpoint, Node, NodeAddress, NodeCondition, NodeDaemonEndpoints, NodeSpec,
    NodeStatus, NodeSystemInfo,
};
use winlab_kube_client::k8s::meta::{ObjectMeta, Time};
use winlab_kube_client::quantity;

use crate::cri::Image;
use crate::kubelet::core::Kubelet;

/// At most so many images are listed (`nodeStatusMaxImages`).
const MOST_IMAGES: usize = 50;

impl Kubelet {
    /// The labels that the kubelet gives its node.
    pub(super) fn node_labels(&self) -> BTreeMap<String, String> {
        let os = self.machine.os();
        let mut labels = self.config.node_labels.clone();
        for (name, value) in [
            ("beta.kubernetes.io/arch", "amd64"),
            ("beta.kubernetes.io/os", os),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/hostname", &self.node_name),
            ("kubernetes.io/os", os),
        ] {
            labels.insert(name.to_owned(), value.to_owned());
        }
        if !self.machine_info.windows_build.is_empty() {
            let build = self.machine_info.windows_build.clone();
            labels.insert("node.kubernetes.io/windows-build".to_owned(), build);
        }
        labels
    }

    /// The object as it is registered.
    pub(super) fn initial_node(&self, images: &[Image]) -> Node {
        let annotations = [("volumes.kubernetes.io/controller-managed-attach-detach", "true")];
        let annotations = annotations.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let provider = &self.config.provider_id;
        Node {
            metadata: ObjectMeta {
                name: Some(self.node_name.clone()),
                labels: Some(self.node_labels()),
                annotations: Some(annotations.into()),
                ..ObjectMeta::default()
            },
            spec: Some(NodeSpec {
                taints: Some(self.config.register_with_taints.clone()).filter(|taints| !taints.is_empty()),
                provider_id: Some(provider.clone()).filter(|id| !id.is_empty()),
                ..NodeSpec::default()
            }),
            status: Some(self.node_status(None, images)),
        }
    }

    /// The status now; `old` says since when conditions hold.
    pub(super) fn node_status(&self, old: Option<&NodeStatus>, images: &[Image]) -> NodeStatus {
        let info = &self.machine_info;
        let (capacity, allocatable) = self.resources();
        let mut addresses: Vec<NodeAddress> = info
            .addresses
            .iter()
            .map(|ip| NodeAddress { type_: "InternalIP".into(), address: ip.clone() })
            .collect();
        addresses.push(NodeAddress { type_: "Hostname".into(), address: self.node_name.clone() });
        let version = self.options.version.to_string();
        // On Windows it is known from 1.24 on (`pkg/kubelet/winstats/perfcounter_nodestats.go`).
        let has_boot_id = !self.config.windows || self.config.gates.since(24);
        NodeStatus {
            capacity: Some(capacity),
            allocatable: Some(allocatable),
            addresses: Some(addresses),
            conditions: Some(self.conditions(old)),
            daemon_endpoints: Some(NodeDaemonEndpoints {
                kubelet_endpoint: Some(DaemonEndpoint { port: self.config.port }),
            }),
            node_info: Some(NodeSystemInfo {
                architecture: "amd64".to_owned(),
                boot_id: if has_boot_id { info.boot_id.clone() } else { String::new() },
                container_runtime_version: self.runtime_version.clone(),
                kernel_version: info.kernel_version.clone(),
                // Not written any more from 1.33 on (DisableNodeKubeProxyVersion).
                kube_proxy_version: if self.config.gates.since(33) { String::new() } else { version.clone() },
                kubelet_version: version,
                machine_id: info.machine_id.clone(),
                operating_system: self.machine.os().to_owned(),
                os_image: info.os_image.clone(),
                system_uuid: info.system_uuid.clone(),
                ..NodeSystemInfo::default()
            }),
            images: Some(listed(images)).filter(|images| !images.is_empty()),
            ..NodeStatus::default()
        }
    }

    /// Capacity, and what is left of it for pods (`pkg/kubelet/cm/node_container_manager`).
    fn resources(&self) -> (BTreeMap<String, Quantity>, BTreeMap<String, Quantity>) {
        let info = &self.machine_info;
        let mut capacity: BTreeMap<String, Quantity> = [
            ("cpu".to_owned(), quantity::plain(info.processors)),
            ("memory".to_owned(), quantity::kibibytes(info.memory)),
            ("ephemeral-storage".to_owned(), quantity::kibibytes(info.disk)),
            ("pods".to_owned(), quantity::plain(self.config.max_pods)),
        ]
        .into();
        let reserved = |name: &str| {
            let text = self.config.reserved.get(name).map_or("0", String::as_str);
            u64::try_from(quantity::value(text)).unwrap_or(0)
        };
        let evicted = |signal: &str, whole: u64| {
            self.config.eviction.hard.get(signal).map_or(0, |text| threshold(text, whole))
        };
        let memory =
            info.memory.saturating_sub(reserved("memory") + evicted("memory.available", info.memory));
        let disk =
            info.disk.saturating_sub(reserved("ephemeral-storage") + evicted("nodefs.available", info.disk));
        let cpu_reserved = quantity::milli(self.config.reserved.get("cpu").map_or("0", String::as_str));
        let cpu = i64::from(info.processors) * 1000 - cpu_reserved;
        let mut allocatable: BTreeMap<String, Quantity> = [
            (
                "cpu".to_owned(),
                if cpu % 1000 == 0 { quantity::plain(cpu / 1000) } else { Quantity(format!("{cpu}m")) },
            ),
            ("memory".to_owned(), quantity::kibibytes(memory)),
            ("ephemeral-storage".to_owned(), quantity::plain(disk)),
            ("pods".to_owned(), quantity::plain(self.config.max_pods)),
        ]
        .into();
        if !self.config.windows {
            for name in ["hugepages-1Gi", "hugepages-2Mi"] {
                capacity.insert(name.to_owned(), quantity::plain(0));
                allocatable.insert(name.to_owned(), quantity::plain(0));
            }
        }
        (capacity, allocatable)
    }

    fn conditions(&self, old: Option<&NodeStatus>) -> Vec<NodeCondition> {
        let now = Time(jiff::Timestamp::from_second(self.clock.timestamp().as_second()).unwrap_or_default());
        let pressure = self.evictions.pressure();
        let problem = self.not_ready();
        let ready = match &problem {
            None => ("True", "KubeletReady", "kubelet is posting ready status".to_owned()),
            Some(text) => ("False", "KubeletNotReady", text.clone()),
        };
        let under = |pressed: bool, kind: &str, yes: &str, no: &str| {
            let reason = if pressed { yes } else { no };
            let status = if pressed { "True" } else { "False" };
            (status, reason.to_owned(), format!("kubelet has {}", words(kind, reason)))
        };
        let memory =
            under(pressure.memory, "memory", "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory");
        let disk = under(pressure.disk, "disk", "KubeletHasDiskPressure", "KubeletHasNoDiskPressure");
        let pid = under(false, "pid", "KubeletHasInsufficientPID", "KubeletHasSufficientPID");
        [
            ("MemoryPressure", memory),
            ("DiskPressure", disk),
            ("PIDPressure", pid),
            ("Ready", (ready.0, ready.1.to_owned(), ready.2)),
        ]
        .into_iter()
        .map(|(kind, (status, reason, message))| {
            let before = old.and_then(|old| old.conditions.as_ref()?.iter().find(|c| c.type_ == kind));
            let since =
                before.filter(|before| before.status == status).and_then(|c| c.last_transition_time.clone());
            NodeCondition {
                type_: kind.to_owned(),
                status: status.to_owned(),
                reason: Some(reason),
                message: Some(message),
                last_heartbeat_time: Some(now.clone()),
                last_transition_time: Some(since.unwrap_or_else(|| now.clone())),
            }
        })
        .collect()
    }

    /// Why the node is not ready, in upstream's words.
    pub(super) fn not_ready(&self) -> Option<String> {
        let state = self.state.borrow();
        let network =
            state.network.as_ref().map(|text| format!("container runtime network not ready: {text}"));
        let problems: Vec<String> = state.runtime.iter().cloned().chain(network).collect();
        match problems.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        }
    }
}

/// The words that follow "kubelet has" in a condition's message.
fn words(kind: &str, reason: &str) -> &'static str {
    match (kind, reason.contains("Insufficient"), reason.contains("No")) {
        ("memory", true, _) => "insufficient memory available",
        ("memory", ..) => "sufficient memory available",
        ("disk", _, true) => "no disk pressure",
        ("disk", ..) => "disk pressure",
        (_, true, _) => "insufficient PID available",
        _ => "sufficient PID available",
    }
}

/// An eviction threshold in bytes: an amount, or a part of the whole.
pub(crate) fn threshold(text: &str, whole: u64) -> u64 {
    match text.strip_suffix('%').and_then(|percent| percent.trim().parse::<u64>().ok()) {
        Some(percent) => whole / 100 * percent + whole % 100 * percent / 100,
        None => u64::try_from(quantity::value(text)).unwrap_or(0),
    }
}

/// The largest images, each with a digest and a tag.
fn listed(images: &[Image]) -> Vec<ContainerImage> {
    let mut images: Vec<&Image> = images.iter().collect();
    images.sort_by(|a, b| (b.size, &a.id).cmp(&(a.size, &b.id)));
    let entry = |image: &&Image| ContainerImage {
        names: Some(image.repo_digests.iter().chain(&image.repo_tags).take(5).cloned().collect()),
        size_bytes: i64::try_from(image.size).ok(),
    };
    images.iter().take(MOST_IMAGES).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::{threshold, words};

    #[test]
    fn thresholds_are_amounts_or_parts() {
        assert_eq!(threshold("10%", 1000), 100);
        assert_eq!(threshold("500Mi", 1000), 500 << 20);
        assert_eq!(words("disk", "KubeletHasNoDiskPressure"), "no disk pressure");
        assert_eq!(words("memory", "KubeletHasInsufficientMemory"), "insufficient memory available");
    }
}
