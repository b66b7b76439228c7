//! A container's environment (`pkg/kubelet/kubelet_pods.go` makeEnvironmentVariables, `pkg/kubelet/envvars`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_kube_client::k8s::core::{
    ConfigMap, Container, EnvVarSource, ObjectFieldSelector, Pod, ResourceFieldSelector, Secret, Service,
};
use winlab_kube_client::{Api, ErrorExt, quantity};

use super::expand;
use crate::cri::KeyValue;
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::{PodFacts, limit, request};

/// The variables of services: `<NAME>_SERVICE_HOST` and so on, in the order of the services.
pub(crate) fn service_variables(services: &[Arc<Service>]) -> Vec<(String, String)> {
    let mut env = Vec::new();
    for service in services {
        let Some(spec) = &service.spec else { continue };
        let ip = spec.cluster_ip.as_deref().unwrap_or_default();
        if ip.is_empty() || ip == "None" {
            continue;
        }
        let ports = spec.ports.as_deref().unwrap_or_default();
        let Some(first) = ports.first() else { continue };
        let upper = |name: &str| name.replace('-', "_").to_ascii_uppercase();
        let name = upper(service.metadata.name.as_deref().unwrap_or_default());
        env.push((format!("{name}_SERVICE_HOST"), ip.to_owned()));
        env.push((format!("{name}_SERVICE_PORT"), first.port.to_string()));
        for port in ports {
            if let Some(port_name) = port.name.as_deref().filter(|name| !name.is_empty()) {
                env.push((format!("{name}_SERVICE_PORT_{}", upper(port_name)), port.port.to_string()));
            }
        }
        let host =
            if ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) { format!("[{ip}]") } else { ip.to_owned() };
        for (index, port) in ports.iter().enumerate() {
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            let url = format!("{}://{host}:{}", protocol.to_ascii_lowercase(), port.port);
            let prefix = format!("{name}_PORT_{}_{}", port.port, protocol.to_ascii_uppercase());
            if index == 0 {
                env.push((format!("{name}_PORT"), url.clone()));
            }
            env.push((prefix.clone(), url));
            env.push((format!("{prefix}_PROTO"), protocol.to_ascii_lowercase()));
            env.push((format!("{prefix}_PORT"), port.port.to_string()));
            env.push((format!("{prefix}_ADDR"), ip.to_owned()));
        }
    }
    env
}

/// Services whose variables a pod gets: the API server's, and with `enableServiceLinks` those of its namespace.
fn visible(services: &[Arc<Service>], namespace: &str, links: bool) -> Vec<Arc<Service>> {
    let mut chosen: BTreeMap<String, Arc<Service>> = BTreeMap::new();
    for service in services {
        let name = service.metadata.name.clone().unwrap_or_default();
        let of = service.metadata.namespace.as_deref().unwrap_or_default();
        let master = of == "default" && name == "kubernetes";
        if (master && !chosen.contains_key(&name)) || (links && of == namespace) {
            chosen.insert(name, service.clone());
        }
    }
    chosen.into_values().collect()
}

/// Values that the downward API gives, as far as they come from the pod.
pub(crate) fn pod_field(pod: &Pod, path: &str) -> Result<String, String> {
    let map = |map: Option<&BTreeMap<String, String>>| {
        let lines = map.into_iter().flatten().map(|(name, value)| format!("{name}={value:?}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let (labels, annotations) = (pod.metadata.labels.as_ref(), pod.metadata.annotations.as_ref());
    if let Some((field, key)) =
        path.split_once("['").and_then(|(field, rest)| Some((field, rest.strip_suffix("']")?)))
    {
        let of = if field == "metadata.labels" { labels } else { annotations };
        return Ok(of.and_then(|map| map.get(key)).cloned().unwrap_or_default());
    }
    Ok(match path {
        "metadata.name" => pod.name().to_owned(),
        "metadata.namespace" => pod.namespace().to_owned(),
        "metadata.uid" => pod.uid().to_owned(),
        "metadata.labels" => map(labels),
        "metadata.annotations" => map(annotations),
        _ => return Err(format!("unsupported fieldPath: {path}")),
    })
}

/// A container's own limits and requests; without a limit the node's allocatable counts.
pub(crate) fn resource_field(
    pod: &Pod,
    selector: &ResourceFieldSelector,
    container: &Container,
    allocatable: &BTreeMap<String, String>,
) -> Result<String, String> {
    let container = match &selector.container_name {
        Some(name) => pod.container(name).ok_or_else(|| format!("container {name} not found"))?,
        None => container,
    };
    let name = selector.resource.split_once('.').map_or("", |(_, name)| name);
    let text = match selector.resource.as_str() {
        "limits.cpu" | "limits.memory" | "limits.ephemeral-storage" => {
            limit(container, name).or_else(|| allocatable.get(name).map(String::as_str)).unwrap_or("0")
        }
        "requests.cpu" | "requests.memory" | "requests.ephemeral-storage" => {
            request(container, name).unwrap_or("0")
        }
        other => return Err(format!("unsupported container resource : {other}")),
    };
    let divisor = selector.divisor.as_ref().map_or("", |divisor| divisor.0.as_str());
    let divisor = match quantity::milli(divisor) {
        0 => 1000,
        divisor => divisor,
    };
    let amount = quantity::milli(text);
    Ok((amount / divisor + i64::from(amount % divisor != 0)).to_string())
}

impl Kubelet {
    /// The whole environment of a container, in order.
    ///
    /// # Errors
    /// Text for CreateContainerConfigError.
    pub(crate) async fn environment(
        &self,
        pod: &Pod,
        container: &Container,
        ips: &[String],
    ) -> Result<Vec<KeyValue>, String> {
        let links = pod.spec().enable_service_links.unwrap_or(true);
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        let services = match &self.services {
            Some(store) if !store.is_synced() => {
                return Err(
                    "services have not yet been read at least once, cannot construct envvars".to_owned()
                );
            }
            Some(store) => store.list(),
            None => Vec::new(),
        };
        let services: BTreeMap<String, String> =
            service_variables(&visible(&services, pod.namespace(), links)).into_iter().collect();
        let mut set = |known: &mut BTreeMap<String, String>, name: &str, value: String| {
            if known.insert(name.to_owned(), value).is_none() {
                order.push(name.to_owned());
            }
        };
        for source in container.env_from.iter().flatten() {
            let prefix = source.prefix.as_deref().unwrap_or_default();
            let pairs = match (&source.config_map_ref, &source.secret_ref) {
                (Some(from), _) => {
                    self.config_map(pod.namespace(), &from.name, from.optional.unwrap_or(false)).await?
                }
                (_, Some(from)) => {
                    self.secret(pod.namespace(), &from.name, from.optional.unwrap_or(false)).await?
                }
                _ => BTreeMap::new(),
            };
            for (name, value) in pairs {
                set(&mut known, &format!("{prefix}{name}"), String::from_utf8_lossy(&value).into_owned());
            }
        }
        for variable in container.env.iter().flatten() {
            let value = match (&variable.value, &variable.value_from) {
                (Some(text), _) if !text.is_empty() => {
                    let look = |name: &str| known.get(name).or_else(|| services.get(name)).cloned();
                    Some(expand::expand(text, &look))
                }
                (_, Some(source)) => self.variable_from(pod, container, source, ips).await?,
                _ => Some(String::new()),
            };
            if let Some(value) = value {
                set(&mut known, &variable.name, value);
            }
        }
        for (name, value) in services {
            if !known.contains_key(&name) {
                set(&mut known, &name, value);
            }
        }
        Ok(order
            .into_iter()
            .map(|key| KeyValue { value: known.remove(&key).unwrap_or_default(), key })
            .collect())
    }

    async fn variable_from(
        &self,
        pod: &Pod,
        container: &Container,
        source: &EnvVarSource,
        ips: &[String],
    ) -> Result<Option<String>, String> {
        if let Some(field) = &source.field_ref {
            return self.field(pod, field, ips).map(Some);
        }
        if let Some(resource) = &source.resource_field_ref {
            return resource_field(pod, resource, container, &self.allocatable()).map(Some);
        }
        let (kind, name, key, optional, data) = if let Some(from) = &source.config_map_key_ref {
            let optional = from.optional.unwrap_or(false);
            (
                "ConfigMap",
                &from.name,
                &from.key,
                optional,
                self.config_map(pod.namespace(), &from.name, optional).await?,
            )
        } else if let Some(from) = &source.secret_key_ref {
            let optional = from.optional.unwrap_or(false);
            (
                "Secret",
                &from.name,
                &from.key,
                optional,
                self.secret(pod.namespace(), &from.name, optional).await?,
            )
        } else {
            return Ok(None);
        };
        match data.get(key) {
            Some(value) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
            None if optional => Ok(None),
            None => Err(format!("couldn't find key {key} in {kind} {}/{name}", pod.namespace())),
        }
    }

    fn field(&self, pod: &Pod, selector: &ObjectFieldSelector, ips: &[String]) -> Result<String, String> {
        Ok(match selector.field_path.as_str() {
            "spec.nodeName" => pod.spec().node_name.clone().unwrap_or_default(),
            "spec.serviceAccountName" => pod.spec().service_account_name.clone().unwrap_or_default(),
            "status.hostIP" | "status.hostIPs" => self.host_ip(),
            "status.podIP" => ips.first().cloned().unwrap_or_default(),
            "status.podIPs" => ips.join(","),
            path => pod_field(pod, path)?,
        })
    }

    /// The data of a config map.
    ///
    /// # Errors
    /// The API server's text; a missing object that is optional is empty.
    pub(crate) async fn config_map(
        &self,
        namespace: &str,
        name: &str,
        optional: bool,
    ) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), namespace);
        match api.get(name).await {
            Ok(found) => {
                let text = found.data.into_iter().flatten().map(|(key, text)| (key, text.into_bytes()));
                let bytes = found.binary_data.into_iter().flatten().map(|(key, bytes)| (key, bytes.0));
                Ok(text.chain(bytes).collect())
            }
            Err(error) if error.is_not_found() && optional => Ok(BTreeMap::new()),
            Err(error) => Err(server_text(&error)),
        }
    }

    /// The data of a secret.
    ///
    /// # Errors
    /// As [`Kubelet::config_map`].
    pub(crate) async fn secret(
        &self,
        namespace: &str,
        name: &str,
        optional: bool,
    ) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), namespace);
        match api.get(name).await {
            Ok(found) => Ok(found.data.into_iter().flatten().map(|(key, bytes)| (key, bytes.0)).collect()),
            Err(error) if error.is_not_found() && optional => Ok(BTreeMap::new()),
            Err(error) => Err(server_text(&error)),
        }
    }
}

/// The server's own words, as client-go prints a refusal.
pub(crate) fn server_text(error: &winlab_kube_client::Error) -> String {
    error.status().map_or_else(|| error.to_string(), |status| status.message.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use winlab_document::doc;
    use winlab_kube_client::k8s::core::{Pod, Service};

    use super::{pod_field, service_variables};

    #[test]
    fn services_become_variables_as_docker_links_did() {
        let service: Service = doc!({"metadata": {"name": "my-db"}, "spec": {
            "clusterIP": "10.96.0.9", "ports": [{"name": "sql", "port": 1433, "protocol": "TCP"}],
        }})
        .decode()
        .unwrap();
        let lines: Vec<String> = service_variables(&[Arc::new(service)])
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            lines,
            [
                "MY_DB_SERVICE_HOST=10.96.0.9",
                "MY_DB_SERVICE_PORT=1433",
                "MY_DB_SERVICE_PORT_SQL=1433",
                "MY_DB_PORT=tcp://10.96.0.9:1433",
                "MY_DB_PORT_1433_TCP=tcp://10.96.0.9:1433",
                "MY_DB_PORT_1433_TCP_PROTO=tcp",
                "MY_DB_PORT_1433_TCP_PORT=1433",
                "MY_DB_PORT_1433_TCP_ADDR=10.96.0.9",
            ]
        );
    }

    #[test]
    fn downward_fields() {
        let pod: Pod = doc!({"metadata": {"name": "p", "labels": {"app": "web"}}}).decode().unwrap();
        assert_eq!(pod_field(&pod, "metadata.labels['app']").unwrap(), "web");
        assert_eq!(pod_field(&pod, "metadata.labels").unwrap(), "app=\"web\"");
        assert!(pod_field(&pod, "status.nothing").is_err());
    }
}
