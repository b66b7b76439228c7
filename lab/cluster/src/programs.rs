//! The programs of a node's services, and the context each runs in.

use std::collections::BTreeSet;
use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_cni::{CniPlugins, CniRunner};
use winlab_component::{CommandLine, Context, LocalEndpoints, Log, LogSink, Machine, Programs, Stop};
use winlab_control_plane::ControlPlane;
use winlab_kube_client::{Client, Identity};
use winlab_node::containerd::ContainerdOptions;
use winlab_node::containerd::images::ImageRegistry;
use winlab_node::kubelet::KubeletOptions;
use winlab_node::kubelet::Prober;
use winlab_real::{RealComponent, RealNode, RealPlugins};

use crate::kubeadm_cluster;
use crate::node::Versions;

/// The containerd of a lab's nodes.
const CONTAINERD: &str = "2.1.4";

/// The name under which [`Making::client`] knows a kubelet that has nothing but kubeadm's token.
pub(crate) const BOOTSTRAP: &str = "kubelet-bootstrap";

/// What the programs of one node need beside their context.
pub(crate) struct Parts {
    pub(crate) versions: Versions,
    pub(crate) registry: Arc<dyn ImageRegistry>,
    pub(crate) prober: Arc<dyn Prober>,
    /// Kubernetes as a kubelet without a certificate reaches it: by kubeadm's token.
    pub(crate) bootstrap: Option<Client>,
    /// Components that are unmodified programs, and where they run.
    pub(crate) real: Option<(Arc<RealNode>, BTreeSet<RealComponent>)>,
    /// Programs that take the place of models.
    pub(crate) stand_ins: Programs,
}

/// The component models of a node by program name.
pub(crate) fn programs(parts: Parts) -> Programs {
    let Parts { versions, registry, prober, bootstrap, real, stand_ins } = parts;
    let of_kubelet = versions.clone();
    let of_proxy = versions.clone();
    let cni: Arc<dyn CniRunner> = match (&real, versions.get("kubelet")) {
        (Some((room, components)), Some(version)) => {
            Arc::new(RealPlugins::new(room.clone(), components, version))
        }
        _ => Arc::new(CniPlugins),
    };
    let models = Programs::new()
        .with("containerd", move |context| {
            let options = ContainerdOptions {
                version: CONTAINERD.to_owned(),
                registry: registry.clone(),
                cni: cni.clone(),
            };
            winlab_node::containerd::containerd(context, options)
        })
        .with("kubelet", move |context| {
            let version = of_kubelet.get("kubelet").expect("a node has a version of its kubelet");
            let mut options = KubeletOptions::new(version, prober.clone());
            options.bootstrap = bootstrap.clone();
            async move {
                let context = winlab_kubeadm::with_kubeadm_flags(context).await;
                winlab_node::kubelet::kubelet(context, options).await
            }
        })
        .with("kube-proxy", move |context| {
            let version = of_proxy.get("kube-proxy").expect("a node has a version of its kube-proxy");
            winlab_kube_proxy::run_version(version, context)
        })
        .with("flanneld", winlab_flannel::run)
        .replaced_by(&stand_ins);
    let Some((room, components)) = real else { return models };
    let services = components.into_iter().filter(|component| !component.is_plugin());
    services.fold(models, |programs, component| {
        let (room, versions) = (room.clone(), versions.clone());
        programs.with(component.name(), move |context| {
            // What is none of Kubernetes has a release of its own, whatever the node's version.
            let version = versions.get(component.name()).or_else(|| versions.get("kubelet"));
            let version = version.expect("a node has a version of its kubelet");
            winlab_real::run(context, room.clone(), component, version)
        })
    })
}

/// What contexts of one node are made from.
pub(crate) struct Making {
    pub(crate) node: String,
    pub(crate) machine: Machine,
    pub(crate) plane: Arc<dyn ControlPlane>,
    pub(crate) versions: Versions,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) endpoints: LocalEndpoints,
}

impl Making {
    /// The context of the `starts`-th start of a service.
    pub(crate) fn context(&self, service: &str, starts: u32, command: CommandLine, stop: Stop) -> Context {
        let program = command.program_name();
        let seed = self.seed.child(service).child(&starts.to_string());
        Context {
            node: self.node.clone(),
            machine: self.machine.clone(),
            client: self.client(&program),
            clock: self.clock,
            seed,
            log: Log::new(self.logs.clone(), &self.node, service),
            endpoints: self.endpoints.clone(),
            command,
            stop,
        }
    }

    /// Kubernetes as a program of the node reaches it.
    pub(crate) fn client(&self, program: &str) -> Client {
        self.plane.client(self.identity(program))
    }

    /// Whom a program of the node authenticates as.
    pub(crate) fn identity(&self, program: &str) -> Identity {
        let version = self.versions.get(program).unwrap_or(self.plane.version()).to_string();
        let user = match program {
            "kubelet" | "containerd" => format!("system:node:{}", self.node),
            "kubeadm" | BOOTSTRAP => format!("system:bootstrap:{}", kubeadm_cluster::token_id()),
            "flanneld" => "system:serviceaccount:kube-flannel:flannel".to_owned(),
            other => format!("system:serviceaccount:kube-system:{other}"),
        };
        let program = if program == BOOTSTRAP { "kubelet" } else { program };
        Identity::new(program, version).platform(format!("{}/amd64", self.machine.os())).user(user)
    }
}
