//! A pod's network: its namespace and the CNI plugins.

use winlab_cni::{CniArgs, CniResult, Command, NetworkConfigList};
use winlab_document::{ArrayBuilder, Document, ObjectBuilder, doc};

use super::core::Core;
use super::records::SandboxRecord;
use crate::cri::{CriError, PodSandboxConfig};

/// go-cni's words where no configuration was found.
pub(crate) const NOT_INITIALIZED: &str = "cni plugin not initialized";

fn arguments(record: &SandboxRecord) -> CniArgs {
    let metadata = &record.config.metadata;
    CniArgs {
        container_id: record.id.clone(),
        netns: record.netns.clone(),
        ifname: "eth0".to_owned(),
        pod_namespace: metadata.namespace.clone(),
        pod_name: metadata.name.clone(),
        pod_uid: metadata.uid.clone(),
    }
}

/// The capabilities that containerd hands to plugins which ask for them (`sandbox_run.go`, cniNamespaceOpts).
fn capabilities(config: &PodSandboxConfig) -> Document {
    let mut mappings = ArrayBuilder::new();
    for mapping in config.port_mappings.iter().filter(|mapping| mapping.host_port > 0) {
        mappings.push(doc!({
            "hostPort": mapping.host_port, "containerPort": mapping.container_port,
            "protocol": mapping.protocol.word(), "hostIP": &mapping.host_ip,
        }));
    }
    let mut capabilities = ObjectBuilder::new();
    let mappings = mappings.build();
    if !mappings.items().is_empty() {
        capabilities.set("portMappings", mappings);
    }
    if let Some(dns) = &config.dns_config {
        let list = |texts: &[String]| texts.iter().collect::<Document>();
        capabilities.set(
            "dns",
            doc!({"servers": list(&dns.servers), "searches": list(&dns.searches), "options": list(&dns.options)}),
        );
    }
    capabilities.build()
}

impl Core {
    async fn cni(&self) -> Result<NetworkConfigList, CriError> {
        let loaded = NetworkConfigList::load(&self.machine, &self.config.cni_conf_dir).await;
        loaded.map(|(_, list)| list).map_err(|_| CriError::unknown(NOT_INITIALIZED))
    }

    /// Whether a pod's network can be set up: the text that `Status` shows where it cannot.
    pub(crate) async fn network_ready(&self) -> Result<(), String> {
        self.cni().await.map(drop).map_err(|error| error.message)
    }

    /// Runs CNI ADD; the pod's addresses.
    pub(crate) async fn set_up_network(&self, record: &SandboxRecord) -> Result<Vec<String>, CriError> {
        let list = self.cni().await?;
        let args = arguments(record);
        if !self.runtime.is_windows() {
            let args = CniArgs { ifname: "lo".to_owned(), ..args.clone() };
            let config = doc!({"cniVersion": "0.3.1", "name": "cni-loopback", "type": "loopback"});
            let up = self.options.cni.run("loopback", Command::Add, config, &args, &self.machine).await;
            up.map_err(|error| CriError::unknown(error.msg))?;
        }
        let added = list.add(&*self.options.cni, &args, &capabilities(&record.config), &self.machine).await;
        let result = added.map_err(|error| CriError::unknown(error.msg))?;
        let ips = addresses(&result);
        if ips.is_empty() {
            return Err(CriError::unknown(format!(
                "failed to find network info for sandbox {:?}",
                record.id
            )));
        }
        Ok(ips)
    }

    /// Runs CNI DEL.
    pub(crate) async fn tear_down_network(&self, record: &SandboxRecord) -> Result<(), CriError> {
        let list = self.cni().await?;
        let args = arguments(record);
        let deleted = list.del(&*self.options.cni, &args, &capabilities(&record.config), &self.machine).await;
        deleted.map_err(|error| CriError::unknown(error.msg))
    }
}

fn addresses(result: &CniResult) -> Vec<String> {
    let bare = |address: &str| address.split('/').next().unwrap_or_default().to_owned();
    result.ips.iter().map(|ip| bare(&ip.address)).collect()
}

#[cfg(test)]
mod tests {
    use super::capabilities;
    use crate::cri::{DnsConfig, PodSandboxConfig, PortMapping, Protocol};

    #[test]
    fn only_mapped_ports_and_given_dns_are_handed_on() {
        let port = |host_port, protocol| PortMapping {
            host_port,
            container_port: 80,
            protocol,
            ..PortMapping::default()
        };
        let config = PodSandboxConfig {
            port_mappings: vec![port(8080, Protocol::Tcp), port(0, Protocol::Udp)],
            dns_config: Some(DnsConfig { servers: vec!["10.96.0.10".into()], ..DnsConfig::default() }),
            ..PodSandboxConfig::default()
        };
        assert_eq!(
            capabilities(&config).to_string(),
            r#"{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""}],"dns":{"servers":["10.96.0.10"],"searches":[],"options":[]}}"#
        );
        assert_eq!(capabilities(&PodSandboxConfig::default()).to_string(), "{}");
    }
}
