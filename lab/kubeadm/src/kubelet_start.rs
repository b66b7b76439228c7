//! The phases that configure and start the kubelet (`cmd/kubeadm/app/cmd/phases/join/kubelet.go`).

use winlab_clock::VirtualSpan;
use winlab_component::{Context, FileError, HostFiles};
use winlab_document::{Document, doc};
use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, ErrorExt as _};
use winlab_node::kubelet::{KubeletApi, kubelet_endpoint};
use winlab_profiles::{pause_images, removed_kubelet_flag};

use crate::discovery::Cluster;
use crate::error::JoinError;
use crate::kubelet_flags::{FLAGS_FILE, VARIABLE};
use crate::phases::JoinOptions;
use crate::service;

const START: &str = "kubelet-start";
const BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";
const KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";
const CONFIG: &str = "/var/lib/kubelet/config.yaml";
/// What belongs to this node alone, from 1.34 on (`NodeLocalCRISocket`).
const INSTANCE_CONFIG: &str = "/var/lib/kubelet/instance-config.yaml";
const INSTANCE_CONFIG_SINCE: u32 = 34;
/// How long the kubelet may take to be healthy and to write its kubeconfig (`KubeletHealthCheck`, `TLSBootstrap`).
const HEALTHY_WITHIN: VirtualSpan = VirtualSpan::from_secs(240);
const BOOTSTRAP_WITHIN: VirtualSpan = VirtualSpan::from_secs(300);
const LOOK: VirtualSpan = VirtualSpan::from_secs(1);

/// `kubelet-start`: writes what the kubelet starts with, and starts it.
pub(crate) async fn start(
    context: &Context,
    options: &JoinOptions,
    cluster: &Cluster,
) -> Result<(), JoinError> {
    let files = HostFiles::of(&context.machine);
    let windows = context.machine.windows().is_some();
    let written = |what: &'static str| {
        move |error: FileError| JoinError::new(START, format!("couldn't save {what} to disk: {error}"))
    };
    let bootstrap = bootstrap_kubeconfig(&cluster.kubeconfig, &options.token);
    files
        .write(BOOTSTRAP, bootstrap.to_pretty().into_bytes())
        .await
        .map_err(written("bootstrap-kubelet.conf"))?;
    no_ready_node(context, &options.node_name).await?;
    service::stop(&context.machine, context.clock).await;
    let mut config: Document = serde_saphyr::from_str(&cluster.kubelet_config)
        .map_err(|error| JoinError::new(START, format!("the kubelet's configuration: {error}")))?;
    if windows {
        for_windows(&mut config);
    }
    if options.version.minor() >= INSTANCE_CONFIG_SINCE {
        let endpoint = options.cri_socket.as_str();
        let instance = doc!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": endpoint
        });
        files
            .write(INSTANCE_CONFIG, instance.to_pretty().into_bytes())
            .await
            .map_err(written("the instance's kubelet configuration"))?;
        config.set_path(&["containerRuntimeEndpoint"], endpoint);
    }
    context.log.info(format_args!("[kubelet-start] Writing kubelet configuration to file {CONFIG:?}"));
    files
        .write(CONFIG, config.to_pretty().into_bytes())
        .await
        .map_err(written("the kubelet's configuration"))?;
    context.log.info(format_args!(
        "[kubelet-start] Writing kubelet environment file with flags to file {FLAGS_FILE:?}"
    ));
    let flags = format!("{VARIABLE}=\"{}\"\n", flags(options, windows).join(" "));
    files.write(FLAGS_FILE, flags.into_bytes()).await.map_err(written("the kubelet's flags"))?;
    context.log.info("[kubelet-start] Starting the kubelet");
    service::start(&context.machine).await;
    Ok(())
}

/// `kubelet-wait-bootstrap`: the kubelet is up and has a kubeconfig of its own; before 1.34 its Node object remembers
/// the runtime's socket.
pub(crate) async fn wait_for_bootstrap(context: &Context, options: &JoinOptions) -> Result<(), JoinError> {
    let clock = context.clock;
    let healthy = async {
        while context.endpoints.dial::<dyn KubeletApi>(kubelet_endpoint()).is_err() {
            clock.sleep(LOOK).await;
        }
    };
    context.log.info("[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s");
    if clock.within(HEALTHY_WITHIN, healthy).await.is_err() {
        return Err(JoinError::new(
            START,
            "failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL http://127.0.0.1:10248/healthz' returned error: connection refused",
        ));
    }
    context.log.info("[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap");
    let files = HostFiles::of(&context.machine);
    let bootstrapped = async {
        while files.read(KUBECONFIG).await.is_err() {
            clock.sleep(LOOK).await;
        }
    };
    let bootstrapped = clock.within(BOOTSTRAP_WITHIN, bootstrapped).await;
    // The token must not stay on the disk, whether it was used or not.
    let _left = files.remove(BOOTSTRAP).await;
    if bootstrapped.is_err() {
        return Err(JoinError::new(
            START,
            "failed while waiting for TLS bootstrap: context deadline exceeded",
        ));
    }
    if options.version.minor() < INSTANCE_CONFIG_SINCE {
        annotate(context, options).await?;
    }
    Ok(())
}

/// `kubeadm.alpha.kubernetes.io/cri-socket` of the Node object, once there is one.
async fn annotate(context: &Context, options: &JoinOptions) -> Result<(), JoinError> {
    let nodes: Api<Node> = Api::all(context.client.clone());
    let patch = doc!({"metadata": {"annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": (options.cri_socket.as_str())}}});
    let annotated = async {
        loop {
            let done =
                nodes.patch(&options.node_name, &PatchParams::default(), &Patch::Strategic(&patch)).await;
            match done {
                Err(error) if error.is_not_found() => context.clock.sleep(LOOK).await,
                other => return other.map(drop),
            }
        }
    };
    match context.clock.within(HEALTHY_WITHIN, annotated).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            Err(JoinError::new(START, format!("error writing CRISocket for this node: {error}")))
        }
        Err(_) => Err(JoinError::new(
            START,
            format!("error writing CRISocket for this node: nodes {:?} not found", options.node_name),
        )),
    }
}

/// A Node of this name that is Ready belongs to another machine.
async fn no_ready_node(context: &Context, name: &str) -> Result<(), JoinError> {
    let nodes: Api<Node> = Api::all(context.client.clone());
    let node = match nodes.get(name).await {
        Ok(node) => node,
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(JoinError::new(START, format!("cannot get Node {name:?}: {error}"))),
    };
    let conditions = node.status.and_then(|status| status.conditions).unwrap_or_default();
    if conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True") {
        return Err(JoinError::new(
            START,
            format!(
                "a Node with name {name:?} and status \"Ready\" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node"
            ),
        ));
    }
    Ok(())
}

/// The cluster's kubeconfig with the token as its user.
fn bootstrap_kubeconfig(cluster: &Document, token: &str) -> Document {
    let mut config = cluster.clone();
    let name = "tls-bootstrap-token-user";
    config.set_path(&["users"], doc!([{"name": name, "user": {"token": token}}]));
    let context =
        doc!([{"name": "tls-bootstrap-token-user@kubernetes", "context": {"cluster": "", "user": name}}]);
    config.set_path(&["contexts"], context);
    config.set_path(&["current-context"], "tls-bootstrap-token-user@kubernetes");
    config
}

/// `buildKubeletArgs`, and what `nodeRegistration` adds.
fn flags(options: &JoinOptions, windows: bool) -> Vec<String> {
    let minor = options.version.minor();
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: &str| flags.push(format!("--{name}={value}"));
    if minor < INSTANCE_CONFIG_SINCE {
        if minor < 26 {
            flag("container-runtime", "remote");
        }
        flag("container-runtime-endpoint", &options.cri_socket);
    }
    if removed_kubelet_flag(minor, "pod-infra-container-image").is_none() {
        let images = pause_images(minor);
        flag("pod-infra-container-image", if windows { images.windows } else { images.linux });
    }
    if !options.taints.is_empty() {
        flag("register-with-taints", &options.taints.join(","));
    }
    if !options.labels.is_empty() {
        let labels: Vec<String> =
            options.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        flag("node-labels", &labels.join(","));
    }
    flags
}

/// Paths with a drive, and no resolver file (`componentconfigs/kubelet_windows.go`).
fn for_windows(config: &mut Document) {
    config.set_path(&["resolvConf"], "");
    for path in [&["staticPodPath"][..], &["authentication", "x509", "clientCAFile"]] {
        let text = config.text(path).to_owned();
        if text.starts_with('/') {
            config.set_path(path, format!("C:{}", text.replace('/', "\\")));
        }
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{flags, for_windows};
    use crate::phases::JoinOptions;

    fn options(version: &str) -> JoinOptions {
        JoinOptions {
            version: version.parse().unwrap(),
            kubelet: version.parse().unwrap(),
            node_name: "win1".into(),
            token: "abcdef.0123456789abcdef".into(),
            cri_socket: "npipe:////./pipe/containerd-containerd".into(),
            labels: [("zone".to_owned(), "a".to_owned())].into(),
            taints: vec!["os=windows:NoSchedule".into()],
        }
    }

    #[test]
    fn flags_follow_the_minor() {
        let socket = "--container-runtime-endpoint=npipe:////./pipe/containerd-containerd";
        let (taints, labels) = ("--register-with-taints=os=windows:NoSchedule", "--node-labels=zone=a");
        let pause = |tag| format!("--pod-infra-container-image=registry.k8s.io/pause:{tag}");
        assert_eq!(
            flags(&options("v1.25.0"), true),
            ["--container-runtime=remote", socket, &pause("3.8"), taints, labels]
        );
        assert_eq!(flags(&options("v1.26.0"), true), [socket, &pause("3.9"), taints, labels]);
        assert_eq!(flags(&options("v1.33.0"), true), [socket, &pause("3.10"), taints, labels]);
        assert_eq!(flags(&options("v1.34.0"), true), [&pause("3.10.1"), taints, labels]);
        assert_eq!(flags(&options("v1.37.0"), true), [taints, labels]);
    }

    #[test]
    fn windows_paths_have_a_drive() {
        let mut config = doc!({
            "staticPodPath": "/etc/kubernetes/manifests",
            "authentication": {"x509": {"clientCAFile": "/etc/kubernetes/pki/ca.crt"}}
        });
        for_windows(&mut config);
        assert_eq!(config.text(&["staticPodPath"]), r"C:\etc\kubernetes\manifests");
        assert_eq!(config.text(&["authentication", "x509", "clientCAFile"]), r"C:\etc\kubernetes\pki\ca.crt");
        assert_eq!(config.get("resolvConf").and_then(winlab_document::Document::as_str), Some(""));
    }
}
