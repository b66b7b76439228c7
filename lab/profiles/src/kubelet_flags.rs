//! Flags that components no longer have (`CHANGELOG-1.24.md`, `CHANGELOG-1.26.md`, `cmd/kubelet/app/options`,
//! `cmd/kube-proxy/app`).

/// Flags of the kubelet with the first minor that refuses them.
const KUBELET: [(&str, u32); 12] = [
    ("network-plugin", 24),
    ("cni-bin-dir", 24),
    ("cni-conf-dir", 24),
    ("cni-cache-dir", 24),
    ("docker-endpoint", 24),
    ("image-pull-progress-deadline", 24),
    ("network-plugin-mtu", 24),
    ("log-dir", 26),
    ("logtostderr", 26),
    ("container-runtime", 27),
    ("master-service-namespace", 28),
    ("cloud-config", 34),
];

/// Flags of kube-proxy with the first minor that refuses them.
const KUBE_PROXY: [(&str, u32); 3] = [("log-dir", 26), ("logtostderr", 26), ("udp-timeout", 26)];

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
    table.iter().find(|(name, gone)| *name == flag && minor >= *gone).map(|(_, gone)| *gone)
}

#[cfg(test)]
mod tests {
    use super::removed_kubelet_flag;

    #[test]
    fn flags_go_with_their_minor() {
        assert_eq!(removed_kubelet_flag(23, "network-plugin"), None);
        assert_eq!(removed_kubelet_flag(24, "network-plugin"), Some(24));
        assert_eq!(removed_kubelet_flag(37, "config"), None);
    }
}
