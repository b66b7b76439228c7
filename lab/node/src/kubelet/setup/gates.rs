//! Feature gates of one kubelet.

use std::collections::BTreeMap;

use winlab_profiles::{NEWEST_MINOR, NodeRules, OLDEST_MINOR, feature_gate};

/// What is switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Gates {
    minor: u32,
    set: BTreeMap<String, bool>,
}

impl Gates {
    /// The gates of a minor with what the user set.
    ///
    /// # Errors
    /// The text of `component-base/featuregate` for a gate that the minor no longer, or not yet, knows, and for one
    /// that is locked to another value. Gates outside the profiles' table are taken as they come.
    pub(crate) fn new(minor: u32, set: BTreeMap<String, bool>) -> Result<Self, String> {
        for (name, value) in &set {
            let known_elsewhere =
                (OLDEST_MINOR..=NEWEST_MINOR).any(|minor| feature_gate(minor, name).is_some());
            match feature_gate(minor, name) {
                None if known_elsewhere => return Err(format!("unrecognized feature gate: {name}")),
                Some(gate) if gate.locked && gate.default != *value => {
                    return Err(format!(
                        "cannot set feature gate {name} to {value}, feature is locked to {}",
                        gate.default
                    ));
                }
                _ => {}
            }
        }
        Ok(Self { minor, set })
    }

    /// Reads `A=true,B=false`.
    ///
    /// # Errors
    /// The text of `component-base/featuregate`.
    pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, bool>, String> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) =
                    pair.split_once('=').ok_or_else(|| format!("missing bool value for {pair}"))?;
                let value = value.trim().parse().map_err(|_| format!("invalid value of {pair}"))?;
                Ok((name.trim().to_owned(), value))
            })
            .collect()
    }

    /// A gate that is on by default from a minor on, off before.
    pub(crate) fn is_on(&self, name: &str, on_since: u32) -> bool {
        let default = feature_gate(self.minor, name).map_or(self.minor >= on_since, |gate| gate.default);
        self.set.get(name).copied().unwrap_or(default)
    }

    /// Whether pods of another system are refused (`IdentifyPodOS`).
    pub(crate) fn checks_pod_os(&self) -> bool {
        self.set.get("IdentifyPodOS").copied().unwrap_or(NodeRules::of(self.minor).kubelet_checks_pod_os())
    }

    /// Whether HostProcess containers work.
    pub(crate) fn host_process(&self) -> bool {
        let default = NodeRules::of(self.minor).has_host_process();
        self.set.get("WindowsHostProcessContainers").copied().unwrap_or(default)
    }

    /// Whether the condition PodReadyToStartContainers is set.
    pub(crate) fn ready_to_start_condition(&self) -> bool {
        self.is_on("PodReadyToStartContainersCondition", 29)
    }

    /// Whether init containers may be sidecars.
    pub(crate) fn sidecars(&self) -> bool {
        self.is_on("SidecarContainers", 29)
    }

    /// Whether the kubelet's minor is this one or a later one.
    pub(crate) fn since(&self, minor: u32) -> bool {
        self.minor >= minor
    }
}

#[cfg(test)]
mod tests {
    use super::Gates;

    #[test]
    fn gates_follow_their_minor() {
        let set = |text: &str| Gates::parse(text).unwrap();
        assert!(Gates::new(22, set("WindowsHostProcessContainers=true")).unwrap().host_process());
        assert!(!Gates::new(22, set("")).unwrap().host_process());
        assert_eq!(
            Gates::new(20, set("WindowsHostProcessContainers=true")).unwrap_err(),
            "unrecognized feature gate: WindowsHostProcessContainers"
        );
        assert_eq!(
            Gates::new(34, set("WinDSR=false")).unwrap_err(),
            "cannot set feature gate WinDSR to false, feature is locked to true"
        );
        assert!(Gates::parse("WinDSR").is_err());
    }
}
