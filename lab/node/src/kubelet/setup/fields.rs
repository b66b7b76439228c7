//! Fields of KubeletConfiguration (`staging/src/k8s.io/kubelet/config/v1beta1/types.go`).

use winlab_document::Document;

/// Fields that the model acts upon, or that say only what it does anyway (logging, certificates, cgroups, ports that nobody asks).
const KNOWN: [&str; 50] = [
    "address",
    "apiVersion",
    "authentication",
    "authorization",
    "cgroupDriver",
    "cgroupRoot",
    "cgroupsPerQOS",
    "clusterDNS",
    "clusterDomain",
    "containerRuntimeEndpoint",
    "contentType",
    "enableDebuggingHandlers",
    "enableServer",
    "enforceNodeAllocatable",
    "evictionHard",
    "evictionMaxPodGracePeriod",
    "evictionMinimumReclaim",
    "evictionPressureTransitionPeriod",
    "evictionSoft",
    "evictionSoftGracePeriod",
    "failSwapOn",
    "featureGates",
    "hairpinMode",
    "healthzBindAddress",
    "healthzPort",
    "imageServiceEndpoint",
    "kind",
    "kubeReserved",
    "logging",
    "maxPods",
    "nodeLeaseDurationSeconds",
    "nodeStatusReportFrequency",
    "nodeStatusUpdateFrequency",
    "podCIDR",
    "podLogsDir",
    "port",
    "providerID",
    "readOnlyPort",
    "registerNode",
    "registerWithTaints",
    "resolvConf",
    "rotateCertificates",
    "runtimeRequestTimeout",
    "serializeImagePulls",
    "serverTLSBootstrap",
    "syncFrequency",
    "systemReserved",
    "tlsCertFile",
    "tlsPrivateKeyFile",
    "volumePluginDir",
];

/// Fields of a file that are set and have no effect here. Zeros say what is so without them; kubeadm writes many.
pub(super) fn without_effect(file: &Document) -> impl Iterator<Item = &str> {
    let members = file.members().iter();
    members.filter(|(_, value)| !is_zero(value)).map(|(name, _)| &**name).filter(|name| !KNOWN.contains(name))
}

fn is_zero(value: &Document) -> bool {
    match value {
        Document::Null => true,
        Document::Bool(_) => false,
        Document::Number(_) => value.as_i64() == Some(0),
        Document::String(text) => matches!(&**text, "" | "0" | "0s"),
        Document::Array(items) => items.is_empty(),
        Document::Object(members) => members.iter().all(|(_, value)| is_zero(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::without_effect;

    #[test]
    fn what_is_set_and_not_modelled_is_named() {
        let file: winlab_document::Document = serde_saphyr::from_str(
            "kind: KubeletConfiguration\nmaxPods: 9\nstaticPodPath: /etc/kubernetes/manifests\nshutdownGracePeriod: 0s\nmemorySwap: {}\ncpuManagerPolicy: static\nimageGCHighThresholdPercent: 80\n",
        )
        .unwrap();
        let found: Vec<&str> = without_effect(&file).collect();
        assert_eq!(found, ["staticPodPath", "cpuManagerPolicy", "imageGCHighThresholdPercent"]);
    }
}
