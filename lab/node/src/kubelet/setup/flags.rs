//! The kubelet's flags (`cmd/kubelet/app/options`).

use winlab_component::CommandLine;
use winlab_profiles::removed_kubelet_flag;

/// Flags that the model acts upon, or that say only what it does anyway (logging, certificates, cgroups).
const KNOWN: [&str; 67] = [
    "address",
    "allow-privileged",
    "anonymous-auth",
    "authentication-token-webhook",
    "authorization-mode",
    "bootstrap-kubeconfig",
    "cert-dir",
    "cgroup-driver",
    "cgroups-per-qos",
    "client-ca-file",
    "cluster-dns",
    "cluster-domain",
    "cni-bin-dir",
    "cni-conf-dir",
    "config",
    "container-runtime",
    "container-runtime-endpoint",
    "enable-debugging-handlers",
    "enforce-node-allocatable",
    "eviction-hard",
    "eviction-max-pod-grace-period",
    "eviction-minimum-reclaim",
    "eviction-pressure-transition-period",
    "eviction-soft",
    "eviction-soft-grace-period",
    "feature-gates",
    "hairpin-mode",
    "hostname-override",
    "image-pull-progress-deadline",
    "image-service-endpoint",
    "kube-reserved",
    "kubeconfig",
    "log-dir",
    "log-file",
    "logtostderr",
    "alsologtostderr",
    "logging-format",
    "max-pods",
    "network-plugin",
    "node-ip",
    "node-labels",
    "node-status-max-images",
    "node-status-update-frequency",
    "pod-cidr",
    "pod-infra-container-image",
    "pod-manifest-path",
    "pods-per-core",
    "port",
    "read-only-port",
    "register-node",
    "register-schedulable",
    "register-with-taints",
    "resolv-conf",
    "root-dir",
    "rotate-certificates",
    "rotate-server-certificates",
    "runtime-request-timeout",
    "serialize-image-pulls",
    "stderrthreshold",
    "system-reserved",
    "tls-cert-file",
    "tls-private-key-file",
    "v",
    "volume-plugin-dir",
    "windows-priorityclass",
    "windows-service",
    "provider-id",
];

/// Priority classes of processes (`cmd/kubelet/app/init_windows.go`).
const PRIORITY_CLASSES: [&str; 6] = [
    "ABOVE_NORMAL_PRIORITY_CLASS",
    "BELOW_NORMAL_PRIORITY_CLASS",
    "HIGH_PRIORITY_CLASS",
    "IDLE_PRIORITY_CLASS",
    "NORMAL_PRIORITY_CLASS",
    "REALTIME_PRIORITY_CLASS",
];

/// Checks a command line against a minor; flags without effect here are given back to be logged.
///
/// # Errors
/// The text that the kubelet prints before it exits.
pub(super) fn check(line: &CommandLine, minor: u32, os: &str) -> Result<Vec<String>, String> {
    let mut without_effect = Vec::new();
    for word in line.arguments() {
        let Some(bare) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
        let name = bare.split('=').next().unwrap_or_default();
        if removed_kubelet_flag(minor, name).is_some() {
            return Err(format!("failed to parse kubelet flag: unknown flag: --{name}"));
        }
        if name.starts_with("windows-") && os != "windows" {
            return Err(format!("failed to parse kubelet flag: unknown flag: --{name}"));
        }
        if !name.is_empty() && !KNOWN.contains(&name) {
            without_effect.push(name.to_owned());
        }
    }
    if let Some(class) = line.flag("windows-priorityclass")
        && !PRIORITY_CLASSES.contains(&class)
    {
        return Err(format!(
            "unknown priority class {class}, valid ones are available at https://docs.microsoft.com/en-us/windows/win32/procthread/scheduling-priorities"
        ));
    }
    Ok(without_effect)
}

#[cfg(test)]
mod tests {
    use winlab_component::CommandLine;

    use super::check;

    #[test]
    fn flags_that_a_minor_no_longer_has_end_it() {
        let line = CommandLine::parse(r"C:\k\kubelet.exe --network-plugin=cni --resolv-conf= --frobnicate=1");
        assert_eq!(check(&line, 23, "windows"), Ok(vec!["frobnicate".to_owned()]));
        assert_eq!(
            check(&line, 24, "windows").unwrap_err(),
            "failed to parse kubelet flag: unknown flag: --network-plugin"
        );
        let line = CommandLine::parse("kubelet --windows-priorityclass=FAST");
        assert!(check(&line, 34, "linux").is_err());
        assert!(check(&line, 34, "windows").unwrap_err().starts_with("unknown priority class FAST"));
    }
}
