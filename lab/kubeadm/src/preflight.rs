//! Checks before anything is changed (`cmd/kubeadm/app/preflight`).

use winlab_component::{Context, HostFiles, Machine};
use winlab_host::Ask;
use winlab_host::linux::GetSysctl;
use winlab_node::cri::Cri;
use winlab_node::kubelet::KubeletApi;
use winlab_profiles::KubeVersion;

use crate::error::JoinError;
use crate::phases::JoinOptions;
use crate::service::{Standing, standing};

const PHASE: &str = "preflight";
/// How much older than kubeadm a kubelet may be (`MinimumKubeletVersion`): three minors from 1.29 on, one before.
fn oldest_kubelet(kubeadm: KubeVersion) -> u32 {
    kubeadm.minor() - if kubeadm.minor() >= 29 { 3 } else { 1 }
}

/// The checks of a worker that joins. Warnings go to the log.
pub(crate) async fn check(context: &Context, options: &JoinOptions) -> Result<(), JoinError> {
    context.log.info("[preflight] Running pre-flight checks");
    let mut errors = Vec::new();
    let files = HostFiles::of(&context.machine);
    for (name, path) in [
        ("FileAvailable--etc-kubernetes-kubelet.conf", "/etc/kubernetes/kubelet.conf"),
        ("FileAvailable--etc-kubernetes-bootstrap-kubelet.conf", "/etc/kubernetes/bootstrap-kubelet.conf"),
        ("FileAvailable--etc-kubernetes-pki-ca.crt", "/etc/kubernetes/pki/ca.crt"),
    ] {
        if files.read(path).await.is_ok() {
            errors.push(format!("[ERROR {name}]: {path} already exists"));
        }
    }
    if let Err(text) = runtime(context, options).await {
        errors.push(format!("[ERROR CRI]: {text}"));
    }
    if let Machine::Linux(host) = &context.machine {
        let name = "net.ipv4.ip_forward".to_owned();
        let forwards = host.ask(GetSysctl { namespace: String::new(), name }).await;
        if forwards.is_ok_and(|value| value != "1") {
            errors.push(
                "[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1"
                    .to_owned(),
            );
        }
    }
    if standing(&context.machine).await == Standing::Missing {
        context.log.warning("\t[WARNING Service-Kubelet]: kubelet service does not exist");
    }
    if context.endpoints.dial::<dyn KubeletApi>(winlab_node::kubelet::kubelet_endpoint()).is_ok() {
        errors.push("[ERROR Port-10250]: Port 10250 is in use".to_owned());
    }
    finish(errors)
}

/// The check that needs the control plane's version.
pub(crate) fn check_versions(options: &JoinOptions, server: KubeVersion) -> Result<(), JoinError> {
    let mut errors = Vec::new();
    let kubelet = options.kubelet;
    if kubelet.minor() < oldest_kubelet(options.version) {
        errors.push(format!(
            "[ERROR KubeletVersion]: Kubelet version \"{}\" is lower than kubeadm can support. Please upgrade kubelet",
            bare(kubelet)
        ));
    } else if kubelet.minor() > server.minor() {
        errors.push(format!(
            "[ERROR KubeletVersion]: the kubelet version is higher than the control plane version. This is not a supported version skew and may lead to a malfunctional cluster. Kubelet version: \"{}\" Control plane version: \"{}\"",
            bare(kubelet),
            bare(server)
        ));
    }
    finish(errors)
}

async fn runtime(context: &Context, options: &JoinOptions) -> Result<(), String> {
    let connected = context.endpoints.dial::<dyn Cri>(&options.cri_socket);
    let cri = connected.map_err(|error| format!("could not connect to the container runtime: failed to create new CRI runtime service: validate service connection: {error}"))?;
    cri.version().await.map(drop).map_err(|error| format!("container runtime is not running: {error}"))
}

fn bare(version: KubeVersion) -> String {
    version.to_string().trim_start_matches('v').to_owned()
}

fn finish(errors: Vec<String>) -> Result<(), JoinError> {
    if errors.is_empty() {
        return Ok(());
    }
    let listed: String = errors.iter().map(|error| format!("\n\t{error}")).collect();
    Err(JoinError::new(PHASE, format!("[preflight] Some fatal errors occurred:{listed}")))
}
