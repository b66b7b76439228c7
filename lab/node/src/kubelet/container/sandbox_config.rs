//! A pod's sandbox as the runtime gets it (`pkg/kubelet/kuberuntime/kuberuntime_sandbox.go`).

use winlab_kube_client::k8s::core::{Container, Pod};
use winlab_kube_client::k8s::node::RuntimeClass;
use winlab_kube_client::{Api, ErrorExt};

use super::environment::server_text;
use crate::cri::{
    LinuxSandboxSecurityContext, NamespaceMode, PodSandboxConfig, PodSandboxMetadata, PortMapping, Protocol,
    WindowsSecurityContext, pod_labels,
};
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::{PodFacts, is_host_process};

impl Kubelet {
    /// The sandbox's configuration.
    ///
    /// # Errors
    /// Text for FailedCreatePodSandBox.
    pub(crate) async fn sandbox_config(&self, pod: &Pod, attempt: u32) -> Result<PodSandboxConfig, String> {
        let mut labels = pod.metadata.labels.clone().unwrap_or_default();
        labels.extend(pod_labels(pod.namespace(), pod.name(), pod.uid()));
        Ok(PodSandboxConfig {
            metadata: PodSandboxMetadata {
                name: pod.name().to_owned(),
                uid: pod.uid().to_owned(),
                namespace: pod.namespace().to_owned(),
                attempt,
            },
            hostname: if pod.host_network() { String::new() } else { self.hostname_and_domain(pod).0 },
            log_directory: self.pod_logs(pod),
            dns_config: if self.options.hollow { None } else { Some(self.pod_dns(pod).await?) },
            port_mappings: pod.containers().iter().flat_map(port_mappings).collect(),
            labels,
            annotations: pod.metadata.annotations.clone().unwrap_or_default(),
            linux: (!self.config.windows).then(|| linux(pod)),
            windows: if self.config.windows { Some(self.windows_sandbox(pod)?) } else { None },
        })
    }

    /// Windows: the user of the pod, and whether its containers are the host's own processes. A pod of the host's
    /// network that is no HostProcess pod gets a network of its own, unless a gate says otherwise.
    fn windows_sandbox(&self, pod: &Pod) -> Result<WindowsSecurityContext, String> {
        let options =
            pod.spec().security_context.as_ref().and_then(|context| context.windows_options.clone());
        let options = options.unwrap_or_default();
        let host_process = self.config.gates.host_process() && pod.has_host_process();
        if host_process {
            let all = pod.containers().iter().chain(pod.init_containers());
            if !all.into_iter().all(|container| is_host_process(pod.spec(), container)) {
                return Err("pod must not contain both HostProcess and non-HostProcess containers".to_owned());
            }
            if !pod.host_network() {
                return Err("hostNetwork is required if Pod contains HostProcess containers".to_owned());
            }
            if options.host_process == Some(false) {
                return Err("pod must not contain any HostProcess containers if Pod's WindowsOptions.HostProcess is set to false".to_owned());
            }
        }
        Ok(WindowsSecurityContext {
            run_as_username: options.run_as_user_name.unwrap_or_default(),
            credential_spec: options.gmsa_credential_spec.unwrap_or_default(),
            host_process,
            network: if host_process { NamespaceMode::Node } else { NamespaceMode::Pod },
        })
    }

    /// The handler of the pod's RuntimeClass; empty without one.
    ///
    /// # Errors
    /// Text for FailedCreatePodSandBox where the class is not there.
    pub(crate) async fn runtime_handler(&self, pod: &Pod) -> Result<String, String> {
        let Some(name) = pod.spec().runtime_class_name.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(String::new());
        };
        let api: Api<RuntimeClass> = Api::all(self.client.clone());
        match api.get(name).await {
            Ok(class) => Ok(class.handler),
            Err(error) if error.is_not_found() => Err(format!(
                "failed to create sandbox for pod {:?}: RuntimeClass {name:?} not found",
                pod.text()
            )),
            Err(error) => Err(server_text(&error)),
        }
    }
}

fn linux(pod: &Pod) -> LinuxSandboxSecurityContext {
    let spec = pod.spec();
    let mode =
        |host: Option<bool>| if host.unwrap_or(false) { NamespaceMode::Node } else { NamespaceMode::Pod };
    let privileged = |container: &Container| {
        container.security_context.as_ref().and_then(|context| context.privileged).unwrap_or(false)
    };
    LinuxSandboxSecurityContext {
        network: mode(spec.host_network),
        pid: match spec.share_process_namespace {
            Some(true) => NamespaceMode::Pod,
            _ if spec.host_pid.unwrap_or(false) => NamespaceMode::Node,
            _ => NamespaceMode::Container,
        },
        ipc: mode(spec.host_ipc),
        run_as_user: spec.security_context.as_ref().and_then(|context| context.run_as_user),
        privileged: pod.containers().iter().chain(pod.init_containers()).any(privileged),
    }
}

fn port_mappings(container: &Container) -> Vec<PortMapping> {
    let ports = container.ports.iter().flatten();
    ports
        .map(|port| PortMapping {
            protocol: match port.protocol.as_deref() {
                Some("UDP") => Protocol::Udp,
                Some("SCTP") => Protocol::Sctp,
                _ => Protocol::Tcp,
            },
            container_port: port.container_port,
            host_port: port.host_port.unwrap_or(0),
            host_ip: port.host_ip.clone().unwrap_or_default(),
        })
        .collect()
}
