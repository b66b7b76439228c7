//! What changes for Windows nodes from minor to minor, as one look-up.

use crate::feature_gates::feature_gate;

/// Rules of one minor of the API server or the kubelet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRules {
    minor: u32,
}

impl NodeRules {
    /// The rules of 1.`minor`.
    #[must_use]
    pub const fn of(minor: u32) -> Self {
        Self { minor }
    }

    /// Whether a pod's `spec.os` is kept. Before, the field does not exist and is dropped.
    #[must_use]
    pub fn has_pod_os(self) -> bool {
        self.minor >= 27 || feature_gate(self.minor, "IdentifyPodOS").is_some_and(|gate| gate.default)
    }

    /// Whether HostProcess containers work.
    #[must_use]
    pub fn has_host_process(self) -> bool {
        self.minor >= 28
            || feature_gate(self.minor, "WindowsHostProcessContainers").is_some_and(|gate| gate.default)
    }

    /// Whether HostProcess containers work once their gate is set: from 1.22 on.
    #[must_use]
    pub fn may_have_host_process(self) -> bool {
        self.minor >= 22
    }

    /// Whether the kubelet rejects pods whose `spec.os` is another system's (`PodOSNotSupported`).
    #[must_use]
    pub fn kubelet_checks_pod_os(self) -> bool {
        self.has_pod_os()
    }

    /// Whether the pod condition PodReadyToStartContainers is set.
    #[must_use]
    pub fn has_ready_to_start_condition(self) -> bool {
        feature_gate(self.minor, "PodReadyToStartContainersCondition").is_some_and(|gate| gate.default)
    }

    /// Whether dockershim is built in: up to 1.23.
    #[must_use]
    pub fn has_dockershim(self) -> bool {
        self.minor < 24
    }

    /// Windows builds that the documentation of this minor lists as supported.
    #[must_use]
    pub fn supported_builds(self) -> &'static [u32] {
        match self.minor {
            ..=20 => &[17763, 18363, 19041],
            21..=22 => &[17763, 19041, 19042],
            23..=24 => &[17763, 19042, 20348],
            25..=30 => &[17763, 20348],
            31..=34 => &[17763, 20348, 26100],
            _ => &[20348, 26100],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NodeRules;

    #[test]
    fn fields_appear_with_their_minor() {
        assert!(
            !NodeRules::of(23).has_pod_os()
                && NodeRules::of(24).has_pod_os()
                && NodeRules::of(37).has_pod_os()
        );
        assert!(!NodeRules::of(21).may_have_host_process() && NodeRules::of(22).may_have_host_process());
        assert!(!NodeRules::of(22).has_host_process() && NodeRules::of(23).has_host_process());
        assert!(NodeRules::of(35).supported_builds().contains(&26100));
    }
}
