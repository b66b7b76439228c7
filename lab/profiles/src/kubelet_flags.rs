//! Flags that components no longer have (`cmd/kubelet/app/options`, `cmd/kube-proxy/app` of each minor).

/// Flags of logging that every component refuses from 1.26 on: only `-v` and `-vmodule` are left (kubernetes#112120).
const LOGGING: [&str; 11] = [
    "add-dir-header",
    "alsologtostderr",
    "log-backtrace-at",
    "log-dir",
    "log-file",
    "log-file-max-size",
    "logtostderr",
    "one-output",
    "skip-headers",
    "skip-log-headers",
    "stderrthreshold",
];
const LOGGING_GONE: u32 = 26;

/// Flags of the kubelet with the first minor that refuses them; those of Linux alone are left out.
const KUBELET: [(&str, u32); 22] = [
    ("enable-cadvisor-json-endpoints", 21),
    ("chaos-chance", 22),
    ("experimental-bootstrap-kubeconfig", 23),
    ("seccomp-profile-root", 23),
    ("cni-bin-dir", 24),
    ("cni-cache-dir", 24),
    ("cni-conf-dir", 24),
    ("docker-endpoint", 24),
    ("dynamic-config-dir", 24),
    ("experimental-check-node-capabilities-before-mount", 24),
    ("experimental-dockershim-root-directory", 24),
    ("image-pull-progress-deadline", 24),
    ("network-plugin", 24),
    ("network-plugin-mtu", 24),
    ("non-masquerade-cidr", 24),
    ("really-crash-for-testing", 24),
    ("container-runtime", 27),
    ("master-service-namespace", 27),
    ("keep-terminated-pod-volumes", 31),
    ("cloud-config", 34),
    ("register-schedulable", 34),
    ("pod-infra-container-image", 35),
];

/// Flags of kube-proxy with the first minor that refuses them.
const KUBE_PROXY: [(&str, u32); 3] = [("cleanup-ipvs", 21), ("udp-timeout", 26), ("proxy-port-range", 31)];

/// The minor that removed a kubelet flag, if 1.`minor` no longer has it.
#[must_use]
pub fn removed_kubelet_flag(minor: u32, flag: &str) -> Option<u32> {
    removed(&KUBELET, minor, flag)
}

/// The minor that removed a kube-proxy flag, if 1.`minor` no longer has it.
#[must_use]
pub fn removed_kube_proxy_flag(minor: u32, flag: &str) -> Option<u32> {
    removed(&KUBE_PROXY, minor, flag)
}

fn removed(table: &[(&str, u32)], minor: u32, flag: &str) -> Option<u32> {
    let logging = LOGGING.contains(&flag).then_some(LOGGING_GONE);
    let own = table.iter().find(|(name, _)| *name == flag).map(|(_, gone)| *gone);
    own.or(logging).filter(|gone| minor >= *gone)
}

#[cfg(test)]
mod tests {
    use super::{removed_kube_proxy_flag, removed_kubelet_flag};

    #[test]
    fn flags_go_with_their_minor() {
        assert_eq!(removed_kubelet_flag(23, "network-plugin"), None);
        assert_eq!(removed_kubelet_flag(24, "network-plugin"), Some(24));
        assert_eq!(removed_kubelet_flag(37, "config"), None);
        assert_eq!(removed_kubelet_flag(34, "pod-infra-container-image"), None);
        assert_eq!(removed_kubelet_flag(36, "pod-infra-container-image"), Some(35));
        assert_eq!(removed_kubelet_flag(27, "master-service-namespace"), Some(27));
        assert_eq!(removed_kube_proxy_flag(30, "proxy-port-range"), None);
        assert_eq!(removed_kube_proxy_flag(31, "proxy-port-range"), Some(31));
        for (minor, gone) in [(25, None), (26, Some(26))] {
            assert_eq!(removed_kubelet_flag(minor, "log-file"), gone);
            assert_eq!(removed_kube_proxy_flag(minor, "stderrthreshold"), gone);
        }
    }
}
