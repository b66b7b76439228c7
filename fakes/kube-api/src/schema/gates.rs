//! Fields that a server knows and yet drops, because their feature gate is off (`dropDisabledFields` of each strategy
//! under `pkg/registry`; gates and their defaults from `pkg/features/kube_features.go` of each release).

/// A gate as far as a field depends on it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gate {
    definition: &'static str,
    field: &'static str,
    /// The gate.
    pub(crate) name: &'static str,
    /// First minor in which it is on by default.
    pub(crate) on_since: u32,
}

const fn gate(definition: &'static str, field: &'static str, name: &'static str, on_since: u32) -> Gate {
    Gate { definition, field, name, on_since }
}

const GATES: &[Gate] = &[
    gate("core.PodSpec", "os", "IdentifyPodOS", 24),
    gate("core.PodSpec", "ephemeralContainers", "EphemeralContainers", 23),
    gate("core.PodSpec", "hostUsers", "UserNamespacesSupport", 33),
    gate("core.PodSpec", "resources", "PodLevelResources", 34),
    gate("core.PodSpec", "schedulingGates", "PodSchedulingReadiness", 27),
    gate("core.PodSpec", "setHostnameAsFQDN", "SetHostnameAsFQDN", 20),
    gate("core.PodSpec", "hostnameOverride", "HostnameOverride", 35),
    gate("core.Container", "restartPolicy", "SidecarContainers", 29),
    gate("core.Probe", "grpc", "GRPCContainerProbe", 24),
    gate("core.Probe", "terminationGracePeriodSeconds", "ProbeTerminationGracePeriod", 25),
    gate("core.ServiceSpec", "internalTrafficPolicy", "ServiceInternalTrafficPolicy", 22),
    gate("core.ServiceSpec", "loadBalancerClass", "ServiceLoadBalancerClass", 22),
    gate("core.ServiceSpec", "allocateLoadBalancerNodePorts", "ServiceLBNodePortControl", 22),
    gate("core.ServiceSpec", "trafficDistribution", "ServiceTrafficDistribution", 31),
    gate("core.ServiceSpec", "ipFamilies", "IPv6DualStack", 21),
    gate("core.ServiceSpec", "ipFamilyPolicy", "IPv6DualStack", 21),
    gate("apps.StatefulSetSpec", "minReadySeconds", "StatefulSetMinReadySeconds", 23),
    gate("batch.JobSpec", "completionMode", "IndexedJob", 22),
    gate("batch.JobSpec", "suspend", "SuspendJob", 22),
    gate("batch.JobSpec", "ttlSecondsAfterFinished", "TTLAfterFinished", 21),
    gate("batch.JobSpec", "podFailurePolicy", "JobPodFailurePolicy", 26),
    gate("batch.JobSpec", "backoffLimitPerIndex", "JobBackoffLimitPerIndex", 29),
    gate("batch.JobSpec", "successPolicy", "JobSuccessPolicy", 31),
];

/// The gate that a field of a definition depends on, if any.
pub(super) fn of(definition: &str, field: &str) -> Option<&'static Gate> {
    GATES.iter().find(|gate| gate.definition == definition && gate.field == field)
}

#[cfg(test)]
mod tests {
    use super::GATES;
    use crate::schema::Schema;

    #[test]
    fn every_gated_field_exists() {
        let schema = Schema::get();
        for gate in GATES {
            let found = schema
                .definitions
                .iter()
                .find(|definition| definition.name == gate.definition)
                .and_then(|definition| definition.field(gate.field));
            assert!(found.is_some_and(|field| field.gate == Some(gate)), "{gate:?}");
        }
    }
}
