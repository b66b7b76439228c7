//! The kubelet's configuration: defaults, then the file, then flags.

use std::collections::BTreeMap;

use winlab_clock::VirtualSpan;
use winlab_component::{CommandLine, HostFiles, Log};
use winlab_document::Document;
use winlab_kube_client::k8s::core::Taint;
use winlab_kube_client::quantity;

use super::eviction::EvictionConfig;
use super::fields;
use super::flags;
use super::gates::Gates;

/// What of flags and file the model uses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KubeletConfig {
    pub(crate) windows: bool,
    pub(crate) hostname_override: String,
    pub(crate) runtime_endpoint: String,
    pub(crate) root_dir: String,
    pub(crate) pod_logs_dir: String,
    pub(crate) cluster_dns: Vec<String>,
    pub(crate) cluster_domain: String,
    /// `""`: none; Windows also takes `Host`.
    pub(crate) resolv_conf: String,
    pub(crate) register_node: bool,
    pub(crate) register_with_taints: Vec<Taint>,
    pub(crate) node_labels: BTreeMap<String, String>,
    pub(crate) node_ip: String,
    pub(crate) max_pods: i64,
    pub(crate) port: i32,
    pub(crate) gates: Gates,
    pub(crate) node_status_update_frequency: VirtualSpan,
    pub(crate) node_status_report_frequency: VirtualSpan,
    pub(crate) node_lease_duration_seconds: i32,
    pub(crate) sync_frequency: VirtualSpan,
    pub(crate) serialize_image_pulls: bool,
    pub(crate) eviction: EvictionConfig,
    pub(crate) reserved: BTreeMap<String, String>,
    pub(crate) provider_id: String,
}

impl KubeletConfig {
    fn defaults(windows: bool) -> Self {
        Self {
            windows,
            hostname_override: String::new(),
            runtime_endpoint: if windows {
                "npipe:////./pipe/containerd-containerd".to_owned()
            } else {
                "unix:///run/containerd/containerd.sock".to_owned()
            },
            root_dir: if windows { r"C:\var\lib\kubelet" } else { "/var/lib/kubelet" }.to_owned(),
            pod_logs_dir: if windows { r"C:\var\log\pods" } else { "/var/log/pods" }.to_owned(),
            cluster_dns: Vec::new(),
            cluster_domain: String::new(),
            resolv_conf: if windows { "" } else { "/etc/resolv.conf" }.to_owned(),
            register_node: true,
            register_with_taints: Vec::new(),
            node_labels: BTreeMap::new(),
            node_ip: String::new(),
            max_pods: 110,
            port: 10250,
            gates: Gates::default(),
            node_status_update_frequency: VirtualSpan::from_secs(10),
            node_status_report_frequency: VirtualSpan::from_secs(300),
            node_lease_duration_seconds: 40,
            sync_frequency: VirtualSpan::from_secs(60),
            serialize_image_pulls: true,
            eviction: EvictionConfig::defaults(windows),
            reserved: BTreeMap::new(),
            provider_id: String::new(),
        }
    }

    /// Reads flags and file.
    ///
    /// # Errors
    /// The text that the kubelet prints before it exits.
    pub(crate) async fn load(
        line: &CommandLine,
        minor: u32,
        os: &str,
        files: &HostFiles,
        log: &Log,
    ) -> Result<Self, String> {
        for flag in flags::check(line, minor, os)? {
            log.warning(format_args!("flag --{flag} has no effect in the lab's kubelet: check before trust"));
        }
        let mut config = Self::defaults(os == "windows");
        let mut gates = BTreeMap::new();
        if let Some(path) = line.flag("config").filter(|path| !path.is_empty()) {
            let failed =
                |text: String| format!("failed to load kubelet config file, path: {path}, error: {text}");
            let text = files.read_text(path).await.map_err(|error| failed(error.to_string()))?;
            let file: Document = serde_saphyr::from_str(&text).map_err(|error| failed(error.to_string()))?;
            if file.text(&["kind"]) != "KubeletConfiguration" {
                return Err(failed(format!("no kind {:?} is registered", file.text(&["kind"]))));
            }
            config.merge_file(&file)?;
            for field in fields::without_effect(&file) {
                log.warning(format_args!(
                    "KubeletConfiguration field {field} has no effect in the lab's kubelet: check before trust"
                ));
            }
            for (name, value) in file.get("featureGates").map(Document::members).unwrap_or_default() {
                gates.insert(name.to_string(), value.as_bool().unwrap_or(false));
            }
            config.check_for_os(&file)?;
        }
        if let Some(text) = line.flag("feature-gates") {
            gates.extend(Gates::parse(text)?);
        }
        config.gates = Gates::new(minor, gates)?;
        config.merge_flags(line)?;
        config.eviction.check()?;
        Ok(config)
    }

    fn merge_file(&mut self, file: &Document) -> Result<(), String> {
        let text = |slot: &mut String, name: &str| {
            if let Some(value) = file.get(name).and_then(Document::as_str) {
                value.clone_into(slot);
            }
        };
        text(&mut self.cluster_domain, "clusterDomain");
        text(&mut self.resolv_conf, "resolvConf");
        text(&mut self.runtime_endpoint, "containerRuntimeEndpoint");
        text(&mut self.pod_logs_dir, "podLogsDir");
        text(&mut self.provider_id, "providerID");
        if let Some(servers) = file.get("clusterDNS") {
            self.cluster_dns = strings(servers);
        }
        if let Some(pods) = file.get("maxPods").and_then(Document::as_i64) {
            self.max_pods = pods;
        }
        if let Some(register) = file.get("registerNode").and_then(Document::as_bool) {
            self.register_node = register;
        }
        if let Some(serialize) = file.get("serializeImagePulls").and_then(Document::as_bool) {
            self.serialize_image_pulls = serialize;
        }
        if let Some(seconds) = file.get("nodeLeaseDurationSeconds").and_then(Document::as_i64) {
            self.node_lease_duration_seconds = i32::try_from(seconds).unwrap_or(40);
        }
        if let Some(taints) = file.get("registerWithTaints") {
            self.register_with_taints =
                taints.decode().map_err(|error| format!("registerWithTaints: {error}"))?;
        }
        for (slot, name) in [
            (&mut self.node_status_update_frequency, "nodeStatusUpdateFrequency"),
            (&mut self.node_status_report_frequency, "nodeStatusReportFrequency"),
            (&mut self.sync_frequency, "syncFrequency"),
        ] {
            match file.get(name).and_then(Document::as_str) {
                None | Some("0s") => {}
                Some(text) => *slot = text.parse().map_err(|error| format!("{name}: {error}"))?,
            }
        }
        self.eviction.merge_file(file)?;
        for name in ["kubeReserved", "systemReserved"] {
            self.reserve(&pairs(file.get(name).unwrap_or(&Document::Null)));
        }
        Ok(())
    }

    /// What Windows does not have (`pkg/kubelet/apis/config/validation/validation_windows.go`).
    fn check_for_os(&self, file: &Document) -> Result<(), String> {
        if !self.windows {
            return Ok(());
        }
        for (name, words) in [
            ("singleProcessOOMKill", "not supported on Windows"),
            ("userNamespaces", "not supported on Windows"),
        ] {
            if file.get(name).is_some() {
                return Err(format!(
                    "failed to validate kubelet configuration, error: invalid configuration: {name} is {words}"
                ));
            }
        }
        Ok(())
    }

    fn reserve(&mut self, amounts: &BTreeMap<String, String>) {
        for (name, amount) in amounts {
            let before = self.reserved.get(name).map_or(0, |text| quantity::milli(text));
            let sum = before + quantity::milli(amount);
            self.reserved.insert(name.clone(), format!("{sum}m"));
        }
    }

    fn merge_flags(&mut self, line: &CommandLine) -> Result<(), String> {
        let text = |slot: &mut String, name: &str| {
            if let Some(value) = line.flag(name) {
                value.clone_into(slot);
            }
        };
        text(&mut self.cluster_domain, "cluster-domain");
        text(&mut self.resolv_conf, "resolv-conf");
        text(&mut self.node_ip, "node-ip");
        text(&mut self.root_dir, "root-dir");
        text(&mut self.hostname_override, "hostname-override");
        text(&mut self.provider_id, "provider-id");
        if let Some(endpoint) = line.flag("container-runtime-endpoint").filter(|text| !text.is_empty()) {
            endpoint.clone_into(&mut self.runtime_endpoint);
        }
        if let Some(servers) = line.flag("cluster-dns") {
            self.cluster_dns = servers.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect();
        }
        if line.flag("register-node").is_some() {
            self.register_node = line.is_set("register-node");
        }
        if line.flag("serialize-image-pulls").is_some() {
            self.serialize_image_pulls = line.is_set("serialize-image-pulls");
        }
        if let Some(pods) = line.flag("max-pods") {
            self.max_pods = pods.parse().map_err(|_| format!("invalid argument {pods:?} for --max-pods"))?;
        }
        if let Some(labels) = line.flag("node-labels") {
            self.node_labels.extend(words(labels));
        }
        if let Some(frequency) = line.flag("node-status-update-frequency") {
            self.node_status_update_frequency =
                frequency.parse().map_err(|error| format!("node-status-update-frequency: {error}"))?;
        }
        if let Some(taints) = line.flag("register-with-taints") {
            self.register_with_taints =
                taints.split(',').filter(|t| !t.is_empty()).map(taint).collect::<Result<_, _>>()?;
        }
        self.eviction.merge_flags(line)?;
        for flag in ["kube-reserved", "system-reserved"] {
            if let Some(amounts) = line.flag(flag) {
                self.reserve(&words(amounts));
            }
        }
        Ok(())
    }
}

pub(super) fn words(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn strings(list: &Document) -> Vec<String> {
    list.items().iter().filter_map(Document::as_str).map(str::to_owned).collect()
}

pub(super) fn pairs(object: &Document) -> BTreeMap<String, String> {
    let text = |value: &Document| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    object.members().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// `key=value:effect` or `key:effect`.
fn taint(text: &str) -> Result<Taint, String> {
    let problem = || format!("invalid taint spec: {text}");
    let (rest, effect) = text.rsplit_once(':').ok_or_else(problem)?;
    if !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect) {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    let (key, value) = match rest.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (rest, None),
    };
    Ok(Taint { key: key.to_owned(), value, effect: effect.to_owned(), time_added: None })
}

#[cfg(test)]
mod tests {
    use winlab_component::CommandLine;

    use super::{KubeletConfig, taint};

    #[test]
    fn a_file_and_flags_are_merged() {
        let file: winlab_document::Document = serde_saphyr::from_str(
            "kind: KubeletConfiguration\nclusterDNS: [10.96.0.10]\nclusterDomain: cluster.local\nmaxPods: 30\nkubeReserved: {memory: 1Gi}\nevictionHard: {memory.available: 200Mi}\n",
        )
        .unwrap();
        let mut config = KubeletConfig::defaults(true);
        config.merge_file(&file).unwrap();
        let line = CommandLine::parse(
            "kubelet.exe --max-pods=50 --register-with-taints=os=windows:NoSchedule --node-labels=a=b --hostname-override=win1 --system-reserved=memory=1Gi",
        );
        config.merge_flags(&line).unwrap();
        assert_eq!((config.max_pods, config.cluster_dns[0].as_str()), (50, "10.96.0.10"));
        assert_eq!(config.register_with_taints[0], taint("os=windows:NoSchedule").unwrap());
        assert_eq!(config.reserved["memory"], format!("{}m", (2_i64 << 30) * 1000));
        assert_eq!(config.eviction.hard["memory.available"], "200Mi");
        assert!(taint("os=windows:Never").is_err());
    }
}
