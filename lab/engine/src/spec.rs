//! The lab a case asks for, in the cluster's words.

use winlab_cluster as cluster;
use winlab_host::system::StartType;
use winlab_host::{Exit, HttpReply, Program};
use winlab_scenario::{
    Case, ControlPlane, Does, Image, ImagePlatform, JoinMethod, Lab, NodeOs, NodeSpec, StartMode,
};

use crate::joins;
use crate::placement::{self, Placement};

/// The lab to start. What the cluster cannot do has been refused before.
pub(crate) fn lab_spec(case: &Case, placement: &Placement) -> cluster::LabSpec {
    let lab = &case.lab;
    cluster::LabSpec {
        kube: lab.kube.value,
        control_plane: control_plane(lab, placement),
        access: cluster::ApiAccess::default(),
        means: placement.means.clone(),
        network: lab.network.value,
        setup: joins::setup(case),
        nodes: lab.nodes.iter().map(|spec| node(spec, placement)).collect(),
        images: lab.images.iter().map(|(reference, spec)| (reference.clone(), image(spec))).collect(),
    }
}

fn control_plane(lab: &Lab, placement: &Placement) -> cluster::ControlPlaneSpec {
    match placement.control_plane(lab) {
        ControlPlane::Binaries => cluster::ControlPlaneSpec::Binaries(placement.binaries.clone()),
        // The others have been refused before.
        ControlPlane::Embedded | ControlPlane::Container | ControlPlane::Kubeconfig => {
            cluster::ControlPlaneSpec::Embedded
        }
    }
}

fn node(node: &NodeSpec, placement: &Placement) -> cluster::NodeSpec {
    let start_type = |mode: &StartMode| match mode {
        StartMode::Auto => StartType::Automatic,
        StartMode::Manual => StartType::Manual,
        StartMode::Disabled => StartType::Disabled,
    };
    cluster::NodeSpec {
        name: node.name.value.clone(),
        os: match node.os.value {
            NodeOs::Linux => cluster::NodeOs::Linux,
            NodeOs::Windows(version) => cluster::NodeOs::Windows(version),
        },
        labels: node.labels.clone(),
        taints: node.taints.clone(),
        kubelet: node.kubelet.value,
        kube_proxy: node.kube_proxy.value,
        dsr: node.dsr,
        real: placement::of_node(node, placement),
        start_types: node.services.iter().map(|(name, mode)| (name.clone(), start_type(mode))).collect(),
    }
}

fn image(image: &Image) -> cluster::ImageSpec {
    let platform = |platform: &ImagePlatform| match platform {
        ImagePlatform::Linux => cluster::ImagePlatform::Linux,
        ImagePlatform::Windows(version) => cluster::ImagePlatform::Windows(version.clone()),
    };
    cluster::ImageSpec {
        platforms: image.platforms.iter().map(platform).collect(),
        program: program(&image.does, image),
        files: Default::default(),
    }
}

fn program(does: &Does, image: &Image) -> Program {
    Program {
        command: image.command.clone(),
        user: image.user.clone(),
        // The reader of the file has refused what is no socket.
        listen: does.listen.iter().filter_map(|socket| socket.parse().ok()).collect(),
        http: does
            .http
            .iter()
            .map(|(path, reply)| {
                let (body, fetches) = (reply.body.clone(), reply.fetches.clone());
                (path.clone(), HttpReply { status: reply.status, body, fetches })
            })
            .collect(),
        logs: does.logs.clone(),
        exit: does.exit.map(|(code, after)| Exit { code, after_ms: after.as_millis() }),
        ignores_shutdown: does.ignores_shutdown,
        memory: does.memory,
        ready_after_ms: does.ready_after.as_millis(),
        ..Program::default()
    }
}

/// The way to join, in the cluster's words.
pub(crate) fn join_method(method: &JoinMethod) -> cluster::JoinMethod {
    match method {
        JoinMethod::Scripts => cluster::JoinMethod::Scripts,
        JoinMethod::Kubeadm => cluster::JoinMethod::Kubeadm,
        JoinMethod::Components(parts) => cluster::JoinMethod::Components(parts.clone()),
    }
}
