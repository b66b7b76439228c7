//! How traffic of this node's pods is told from other traffic (`pkg/proxy/util/localdetector.go`).

use winlab_component::Log;
use winlab_kube_client::k8s::core::Node;

use crate::options::Options;

/// The match that holds for traffic of local pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Detector {
    option: &'static str,
    value: String,
}

impl Detector {
    /// From `--detect-local-mode`; nothing can be told without the fitting setting.
    pub(super) fn of(options: &Options, node: Option<&Node>, log: &Log) -> Self {
        let is_v4 = |cidr: &&String| !cidr.contains(':');
        let of_cidr = |cidr: Option<&String>| Self { option: "-s", value: cidr.cloned().unwrap_or_default() };
        let found = match options.detect_local_mode.as_str() {
            "" | "ClusterCIDR" => of_cidr(options.cluster_cidrs.iter().find(is_v4)),
            "NodeCIDR" => {
                let spec = node.and_then(|node| node.spec.as_ref());
                let cidrs = spec.and_then(|spec| spec.pod_cidrs.as_deref()).unwrap_or_default();
                of_cidr(cidrs.iter().find(is_v4))
            }
            "BridgeInterface" => Self { option: "-i", value: options.pod_interface.clone() },
            "InterfaceNamePrefix" => {
                let prefix = Some(&options.pod_interface).filter(|prefix| !prefix.is_empty());
                Self { option: "-i", value: prefix.map(|prefix| format!("{prefix}+")).unwrap_or_default() }
            }
            _ => Self::default(),
        };
        if found.is_implemented() {
            return found;
        }
        log.info("Defaulting to no-op detect-local");
        Self::default()
    }

    pub(super) fn is_implemented(&self) -> bool {
        !self.value.is_empty()
    }

    pub(super) fn if_local(&self) -> [&str; 2] {
        [self.option, &self.value]
    }

    pub(super) fn if_not_local(&self) -> [&str; 3] {
        ["!", self.option, &self.value]
    }
}
