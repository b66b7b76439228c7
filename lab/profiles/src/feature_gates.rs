//! Feature gates that matter to a lab's nodes, the Windows ones first of all, by minor (`pkg/features/kube_features.go`;
//! the documentation's "Feature Gates (removed)").

/// How mature a gate's feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Off unless asked for
    Alpha,
    /// Usually on
    Beta,
    /// Generally available
    Ga,
    /// On its way out
    Deprecated,
}

/// A gate at one minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateState {
    /// Its stage
    pub stage: Stage,
    /// Whether it is on unless told otherwise
    pub default: bool,
    /// Whether it cannot be set to anything else
    pub locked: bool,
}

struct Gate {
    name: &'static str,
    /// From which minor on, what.
    steps: &'static [(u32, Stage, bool, bool)],
    /// The first minor that does not know it.
    gone: u32,
}

use Stage::{Alpha, Beta, Deprecated, Ga};

const NEVER: u32 = u32::MAX;

const GATES: [Gate; 16] = [
    Gate {
        name: "HyperVContainer",
        steps: &[(10, Alpha, false, false), (20, Deprecated, false, false)],
        gone: 21,
    },
    Gate {
        name: "WindowsGMSA",
        steps: &[(14, Alpha, false, false), (16, Beta, true, false), (18, Ga, true, true)],
        gone: 21,
    },
    Gate {
        name: "WindowsRunAsUserName",
        steps: &[(16, Alpha, false, false), (17, Beta, true, false), (18, Ga, true, true)],
        gone: 21,
    },
    Gate {
        name: "WindowsEndpointSliceProxying",
        steps: &[(19, Alpha, false, false), (21, Beta, true, false), (22, Ga, true, true)],
        gone: 25,
    },
    Gate {
        name: "IPv6DualStack",
        steps: &[(15, Alpha, false, false), (21, Beta, true, false), (23, Ga, true, true)],
        gone: 25,
    },
    Gate {
        name: "RuntimeClass",
        steps: &[(12, Alpha, false, false), (14, Beta, true, false), (20, Ga, true, true)],
        gone: 24,
    },
    Gate {
        name: "WindowsHostProcessContainers",
        steps: &[(22, Alpha, false, false), (23, Beta, true, false), (26, Ga, true, true)],
        gone: 28,
    },
    Gate {
        name: "IdentifyPodOS",
        steps: &[(23, Alpha, false, false), (24, Beta, true, false), (25, Ga, true, true)],
        gone: 27,
    },
    Gate {
        name: "WinOverlay",
        steps: &[(14, Alpha, false, false), (20, Beta, true, false), (34, Ga, true, true)],
        gone: NEVER,
    },
    Gate {
        name: "WinDSR",
        steps: &[(14, Alpha, false, false), (33, Beta, true, false), (34, Ga, true, true)],
        gone: NEVER,
    },
    Gate {
        name: "WindowsHostNetwork",
        steps: &[(26, Alpha, true, false), (33, Deprecated, false, false)],
        gone: NEVER,
    },
    Gate {
        name: "KubeletCgroupDriverFromCRI",
        steps: &[(28, Alpha, false, false), (31, Beta, true, false), (34, Ga, true, true)],
        gone: NEVER,
    },
    Gate {
        name: "WindowsGracefulNodeShutdown",
        steps: &[(32, Alpha, false, false), (34, Beta, true, false)],
        gone: NEVER,
    },
    Gate { name: "WindowsCPUAndMemoryAffinity", steps: &[(32, Alpha, false, false)], gone: NEVER },
    Gate {
        name: "PreferSameTrafficDistribution",
        steps: &[(33, Alpha, false, false), (34, Beta, true, false), (35, Ga, true, true)],
        gone: NEVER,
    },
    Gate {
        name: "PodReadyToStartContainersCondition",
        steps: &[(28, Alpha, false, false), (29, Beta, true, false), (37, Ga, true, true)],
        gone: NEVER,
    },
];

/// A gate at 1.`minor`; none if that minor does not know it: setting it there ends the component.
#[must_use]
pub fn feature_gate(minor: u32, name: &str) -> Option<GateState> {
    let gate = GATES.iter().find(|gate| gate.name == name && minor < gate.gone)?;
    let (_, stage, default, locked) = *gate.steps.iter().rev().find(|(from, ..)| *from <= minor)?;
    Some(GateState { stage, default, locked })
}

/// The gates that 1.`minor` knows, with their states.
pub fn known_gates(minor: u32) -> impl Iterator<Item = (&'static str, GateState)> {
    GATES.iter().filter_map(move |gate| Some((gate.name, feature_gate(minor, gate.name)?)))
}

#[cfg(test)]
mod tests {
    use super::{Stage, feature_gate};

    #[test]
    fn stages_by_minor() {
        let stage =
            |minor, name| feature_gate(minor, name).map(|gate| (gate.stage, gate.default, gate.locked));
        assert_eq!(stage(21, "WindowsHostProcessContainers"), None);
        assert_eq!(stage(22, "WindowsHostProcessContainers"), Some((Stage::Alpha, false, false)));
        assert_eq!(stage(24, "WindowsHostProcessContainers"), Some((Stage::Beta, true, false)));
        assert_eq!(stage(34, "WinDSR"), Some((Stage::Ga, true, true)));
        assert_eq!(stage(27, "IdentifyPodOS"), None);
        assert_eq!(stage(23, "RuntimeClass"), Some((Stage::Ga, true, true)));
        assert_eq!(stage(24, "RuntimeClass"), None);
        assert_eq!(stage(32, "WindowsHostNetwork"), Some((Stage::Alpha, true, false)));
        assert_eq!(stage(33, "WindowsHostNetwork"), Some((Stage::Deprecated, false, false)));
        assert_eq!(stage(37, "PodReadyToStartContainersCondition"), Some((Stage::Ga, true, true)));
        assert_eq!(stage(34, "NoSuchGate"), None);
    }
}
