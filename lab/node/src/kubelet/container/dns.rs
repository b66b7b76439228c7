//! A pod's DNS settings (`pkg/kubelet/network/dns`).

use winlab_component::{HostFiles, Machine};
use winlab_host::Ask;
use winlab_host::system::GetAdapters;
use winlab_kube_client::k8s::core::Pod;

use crate::cri::DnsConfig;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::pod::facts::PodFacts;
use crate::kubelet::setup::KubeletConfig;

/// Where a pod's settings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Cluster,
    Host,
    Nothing,
}

fn source(pod: &Pod) -> Source {
    match pod.spec().dns_policy.as_deref().unwrap_or("ClusterFirst") {
        "None" => Source::Nothing,
        "Default" => Source::Host,
        "ClusterFirst" if pod.host_network() => Source::Host,
        _ => Source::Cluster,
    }
}

impl Kubelet {
    /// The settings that go to the runtime.
    ///
    /// # Errors
    /// Text for a sandbox that cannot be configured.
    pub(crate) async fn pod_dns(&self, pod: &Pod) -> Result<DnsConfig, String> {
        let mut config = host_settings(&self.machine, &self.config).await?;
        let mut from = source(pod);
        if from == Source::Cluster && self.config.cluster_dns.is_empty() {
            let policy = pod.spec().dns_policy.as_deref().unwrap_or("ClusterFirst");
            let text = format!(
                "pod: {:?}. kubelet does not have ClusterDNS IP configured and cannot create Pod using {policy:?} policy. Falling back to \"Default\" policy.",
                pod.text()
            );
            self.recorder.pod(pod, EventType::Warning, "MissingClusterDNS", text);
            from = Source::Host;
        }
        match from {
            Source::Nothing => config = DnsConfig::default(),
            Source::Cluster => {
                config = DnsConfig {
                    servers: self.config.cluster_dns.clone(),
                    searches: cluster_searches(pod.namespace(), &self.config.cluster_domain, config.searches),
                    options: vec!["ndots:5".to_owned()],
                };
            }
            Source::Host if self.config.resolv_conf.is_empty() => {
                // Keeps the runtime from handing the host's own settings to the pod.
                config = DnsConfig {
                    servers: vec!["127.0.0.1".to_owned()],
                    searches: vec![".".to_owned()],
                    options: config.options,
                };
            }
            Source::Host => {}
        }
        merge_pod_settings(pod, &mut config);
        Ok(config)
    }
}

/// The namespace's, the services' and the cluster's domain, then what the host searches.
fn cluster_searches(namespace: &str, domain: &str, host: Vec<String>) -> Vec<String> {
    if domain.is_empty() {
        return host;
    }
    let own = [format!("{namespace}.svc.{domain}"), format!("svc.{domain}"), domain.to_owned()];
    unique(own.into_iter().chain(host))
}

fn unique(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// `spec.dnsConfig`: appended; an option of the same name is replaced.
fn merge_pod_settings(pod: &Pod, config: &mut DnsConfig) {
    let Some(own) = &pod.spec().dns_config else { return };
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    config.servers = unique(std::mem::take(&mut config.servers).into_iter().chain(list(&own.nameservers)));
    config.searches = unique(std::mem::take(&mut config.searches).into_iter().chain(list(&own.searches)));
    for option in own.options.iter().flatten() {
        let name = option.name.clone().unwrap_or_default();
        config.options.retain(|known| known.split(':').next() != Some(name.as_str()));
        config.options.push(match &option.value {
            Some(value) => format!("{name}:{value}"),
            None => name,
        });
    }
}

/// What the node itself uses: a `resolv.conf` on Linux; on Windows nothing, or with `Host` what its adapters have.
async fn host_settings(machine: &Machine, config: &KubeletConfig) -> Result<DnsConfig, String> {
    if config.resolv_conf.is_empty() {
        return Ok(DnsConfig::default());
    }
    match machine {
        Machine::Windows(machine) if config.resolv_conf == "Host" => {
            let adapters = machine.system.ask(GetAdapters {}).await.map_err(|fault| fault.to_string())?;
            let servers = adapters.iter().flat_map(|adapter| &adapter.dns).map(ToString::to_string);
            Ok(DnsConfig { servers: unique(servers), ..DnsConfig::default() })
        }
        Machine::Windows(_) => Err(format!(
            "unexpected resolver config value: {:?}. Expected \"\" or \"Host\"",
            config.resolv_conf
        )),
        Machine::Linux(_) => {
            let text = HostFiles::of(machine).read_text(&config.resolv_conf).await;
            text.map(|text| parse(&text)).map_err(|error| error.to_string())
        }
    }
}

fn parse(text: &str) -> DnsConfig {
    let mut config = DnsConfig::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => config.servers.extend(words.next().map(str::to_owned)),
            Some("search") => config.searches = words.map(str::to_owned).collect(),
            Some("options") => config.options.extend(words.map(str::to_owned)),
            _ => {}
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::Pod;

    use super::{DnsConfig, Source, cluster_searches, merge_pod_settings, parse, source};

    #[test]
    fn policies_and_search_lists() {
        let from = |spec: winlab_document::Document| {
            let pod: Pod = doc!({"spec": spec.with("containers", doc!([]))}).decode().unwrap();
            source(&pod)
        };
        assert_eq!(from(doc!({})), Source::Cluster);
        assert_eq!(from(doc!({"hostNetwork": true})), Source::Host);
        assert_eq!(
            from(doc!({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"})),
            Source::Cluster
        );
        assert_eq!(from(doc!({"dnsPolicy": "None"})), Source::Nothing);
        assert_eq!(
            cluster_searches("shop", "cluster.local", vec!["corp".into()]),
            ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp"]
        );
    }

    #[test]
    fn a_pods_own_settings_are_appended() {
        let pod: Pod = doc!({"spec": {"containers": [], "dnsConfig": {
            "nameservers": ["1.1.1.1"], "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}],
        }}})
        .decode()
        .unwrap();
        let mut config = DnsConfig {
            servers: vec!["10.96.0.10".into()],
            options: vec!["ndots:5".into()],
            ..DnsConfig::default()
        };
        merge_pod_settings(&pod, &mut config);
        assert_eq!(config.servers, ["10.96.0.10", "1.1.1.1"]);
        assert_eq!(config.options, ["ndots:2", "edns0"]);
        assert_eq!(parse("# x\nsearch a b\nnameserver 1.2.3.4\n").searches, ["a", "b"]);
    }
}
