//! What kube-proxy is told: flags, or a configuration file in their place (`cmd/kube-proxy/app/options.go`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_component::{CommandLine, FileError, HostFiles};
use winlab_profiles::{KubeVersion, feature_gate, removed_kube_proxy_flag};

use crate::config::KubeProxyConfiguration;

/// The options that are modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) hostname_override: String,
    /// Overrides the node's address, if it is not unspecified.
    pub(crate) bind_address: Option<IpAddr>,
    pub(crate) cluster_cidrs: Vec<String>,
    pub(crate) detect_local_mode: String,
    pub(crate) pod_interface: String,
    pub(crate) mode: String,
    pub(crate) sync_period: VirtualSpan,
    pub(crate) min_sync_period: VirtualSpan,
    pub(crate) masquerade_all: bool,
    pub(crate) masquerade_bit: u32,
    pub(crate) localhost_node_ports: bool,
    pub(crate) node_port_addresses: Vec<String>,
    pub(crate) healthz_port: u16,
    pub(crate) kubeconfig: String,
    pub(crate) feature_gates: BTreeMap<String, bool>,
    pub(crate) network_name: String,
    pub(crate) source_vip: String,
    pub(crate) enable_dsr: bool,
    pub(crate) root_hns_endpoint_name: String,
    pub(crate) forward_health_check_vip: bool,
}

/// Why kube-proxy ends before it begins.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum OptionsError {
    #[error("failed to read the configuration: {0}")]
    Read(#[from] FileError),
    #[error("failed to decode the configuration {path:?}: {problem}")]
    Decode { path: String, problem: String },
    #[error("unknown flag: --{0}")]
    UnknownFlag(String),
    #[error("unrecognized feature gate: {0}")]
    UnknownGate(String),
    #[error("cannot set feature gate {0} to {1}, feature is locked to {2}")]
    LockedGate(String, bool, bool),
    #[error("--{0} is not implemented on Windows")]
    NotOnWindows(&'static str),
    #[error("ipvs and nftables modes are not modelled: --proxy-mode={0}")]
    Mode(String),
}

const DEFAULT_HEALTHZ_PORT: u16 = 10_256;

impl Options {
    /// From the command line, and from the file that `--config` names: then most flags do not count.
    pub(crate) async fn read(command: &CommandLine, files: &HostFiles) -> Result<Self, OptionsError> {
        let mut options = match command.flag("config").filter(|path| !path.is_empty()) {
            Some(path) => Self::of_file(path, &files.read_text(path).await?)?,
            None => Self::of_flags(command),
        };
        if let Some(name) = command.flag("hostname-override").filter(|name| !name.is_empty()) {
            name.trim().to_lowercase().clone_into(&mut options.hostname_override);
        }
        Ok(options)
    }

    fn of_flags(command: &CommandLine) -> Self {
        let text = |name| command.flag(name).unwrap_or_default().to_owned();
        let span = |name, default| command.flag(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let defaults = KubeProxyConfiguration::default();
        Self {
            hostname_override: String::new(),
            bind_address: text("bind-address").parse().ok(),
            cluster_cidrs: list(&text("cluster-cidr")),
            detect_local_mode: text("detect-local-mode"),
            pod_interface: text("pod-bridge-interface") + &text("pod-interface-name-prefix"),
            mode: text("proxy-mode"),
            sync_period: span("iptables-sync-period", defaults.iptables.sync_period()),
            min_sync_period: span("iptables-min-sync-period", defaults.iptables.min_sync_period()),
            masquerade_all: command.is_set("masquerade-all"),
            masquerade_bit: text("iptables-masquerade-bit").parse().unwrap_or(14),
            localhost_node_ports: command
                .flag("iptables-localhost-nodeports")
                .is_none_or(|value| value != "false"),
            node_port_addresses: list(&text("nodeport-addresses")),
            healthz_port: port(&text("healthz-bind-address")),
            kubeconfig: text("kubeconfig"),
            feature_gates: gates(&text("feature-gates")),
            network_name: text("network-name"),
            source_vip: text("source-vip"),
            enable_dsr: command.is_set("enable-dsr"),
            root_hns_endpoint_name: non_empty(text("root-hnsendpoint-name"), "cbr0"),
            forward_health_check_vip: command.is_set("forward-healthcheck-vip"),
        }
    }

    fn of_file(path: &str, text: &str) -> Result<Self, OptionsError> {
        let config = KubeProxyConfiguration::parse(text)
            .map_err(|problem| OptionsError::Decode { path: path.to_owned(), problem })?;
        Ok(Self {
            hostname_override: config.hostname_override.trim().to_lowercase(),
            bind_address: config.bind_address.parse().ok(),
            cluster_cidrs: list(&config.cluster_cidr),
            pod_interface: config.detect_local.bridge_interface.clone()
                + &config.detect_local.interface_name_prefix,
            sync_period: config.iptables.sync_period(),
            min_sync_period: config.iptables.min_sync_period(),
            masquerade_all: config.iptables.masquerade_all,
            masquerade_bit: config.iptables.masquerade_bit.unwrap_or(14),
            localhost_node_ports: config.iptables.localhost_node_ports.unwrap_or(true),
            node_port_addresses: config.node_port_addresses.unwrap_or_default(),
            healthz_port: port(&config.healthz_bind_address),
            kubeconfig: config.client_connection.kubeconfig,
            feature_gates: config.feature_gates.unwrap_or_default(),
            detect_local_mode: config.detect_local_mode,
            mode: config.mode,
            network_name: config.winkernel.network_name,
            source_vip: config.winkernel.source_vip,
            enable_dsr: config.winkernel.enable_dsr,
            root_hns_endpoint_name: non_empty(config.winkernel.root_hns_endpoint_name, "cbr0"),
            forward_health_check_vip: config.winkernel.forward_health_check_vip,
        })
    }

    /// What this version refuses: flags it no longer has, gates it does not know or that are locked.
    pub(crate) fn check(&self, command: &CommandLine, version: KubeVersion) -> Result<(), OptionsError> {
        for word in command.arguments() {
            let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
            if word.starts_with('-') && removed_kube_proxy_flag(version.minor(), name).is_some() {
                return Err(OptionsError::UnknownFlag(name.to_owned()));
            }
        }
        for (gate, wanted) in &self.feature_gates {
            match feature_gate(version.minor(), gate) {
                None if gate.starts_with("Win") => return Err(OptionsError::UnknownGate(gate.clone())),
                Some(state) if state.locked && state.default != *wanted => {
                    return Err(OptionsError::LockedGate(gate.clone(), *wanted, state.default));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a gate is on.
    pub(crate) fn gate(&self, version: KubeVersion, name: &str) -> bool {
        let default = feature_gate(version.minor(), name).is_some_and(|state| state.default);
        self.feature_gates.get(name).copied().unwrap_or(default)
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn gates(text: &str) -> BTreeMap<String, bool> {
    list(text)
        .iter()
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().eq_ignore_ascii_case("true")))
        .collect()
}

fn port(address: &str) -> u16 {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(DEFAULT_HEALTHZ_PORT)
}

fn non_empty(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use winlab_component::CommandLine;

    use super::{Options, OptionsError};

    fn flags(text: &str) -> (CommandLine, Options) {
        let command = CommandLine::parse(text);
        let options = Options::of_flags(&command);
        (command, options)
    }

    #[test]
    fn the_flags_of_a_windows_node() {
        let (command, options) = flags(
            r"C:\k\kube-proxy.exe --proxy-mode=kernelspace --network-name=flannel.4096 --source-vip=10.244.1.2 --enable-dsr=true --feature-gates=WinOverlay=true,WinDSR=true",
        );
        assert_eq!((options.network_name.as_str(), options.enable_dsr), ("flannel.4096", true));
        assert_eq!(options.sync_period.as_secs(), 30);
        assert!(options.gate("1.30.0".parse().unwrap(), "WinDSR"));
        assert_eq!(options.check(&command, "1.34.4".parse().unwrap()), Ok(()));
    }

    #[test]
    fn gates_and_flags_that_are_gone_end_it() {
        let (command, options) = flags("kube-proxy --feature-gates=WinDSR=false --log-dir=x");
        assert_eq!(
            options.check(&command, "1.25.0".parse().unwrap()),
            Ok(()),
            "both were fine in their time"
        );
        let error = options.check(&command, "1.26.0".parse().unwrap()).unwrap_err();
        assert_eq!(error, OptionsError::UnknownFlag("log-dir".into()));
        let (command, options) = flags("kube-proxy --feature-gates=WinDSR=false");
        let error = options.check(&command, "1.34.0".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("locked to true"), "{error}");
    }

    #[test]
    fn a_file_takes_the_place_of_flags() {
        let options = Options::of_file(
            "c.conf",
            "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: \"\"\nclusterCIDR: 10.244.0.0/16\niptables:\n  syncPeriod: 0s\n  masqueradeBit: null\nwinkernel:\n  enableDSR: true\n  networkName: \"\"\n",
        )
        .unwrap();
        assert_eq!((options.cluster_cidrs, options.enable_dsr), (vec!["10.244.0.0/16".to_owned()], true));
        assert_eq!(options.sync_period.as_secs(), 30);
        assert!(Options::of_file("c.conf", "mode: [").is_err());
    }
}
