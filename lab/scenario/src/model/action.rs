//! Actions.

use std::fmt;

use winlab_clock::VirtualSpan;
use winlab_document::Document;
use winlab_profiles::KubeVersion;

use crate::manifest::ManifestFile;
use crate::model::{Fault, ObjectRef, PodRef};
use crate::span::Spanned;
use crate::yaml::Node;

/// A patch, and how the file has it.
#[derive(Clone)]
pub struct PatchBody {
    /// What is sent.
    pub document: Document,
    /// Where its parts stand.
    pub node: Node,
}

impl fmt::Debug for PatchBody {
    /// What is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document.fmt(f)
    }
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// `kubectl apply -f`
    Apply(Vec<ManifestFile>),
    /// `kubectl delete`: objects by name, and all objects of manifests.
    Delete {
        /// Objects
        objects: Vec<Spanned<ObjectRef>>,
        /// Manifests
        manifests: Vec<ManifestFile>,
    },
    /// Strategic merge patches.
    Patch(Vec<(Spanned<ObjectRef>, PatchBody)>),
    /// `kubectl scale`
    Scale(Vec<(Spanned<ObjectRef>, u32)>),
    /// Nodes join.
    Join(Vec<(Spanned<String>, JoinMethod)>),
    /// Services start.
    Start(Vec<Spanned<ServiceRef>>),
    /// Services stop.
    Stop(Vec<Spanned<ServiceRef>>),
    /// Services stop and start.
    Restart(Vec<Spanned<ServiceRef>>),
    /// Components get another version: stopped, replaced, started.
    Upgrade(Vec<(Spanned<ServiceRef>, Spanned<KubeVersion>)>),
    /// Nodes reboot.
    Reboot(Vec<Spanned<String>>),
    /// `kubectl drain --ignore-daemonsets`
    Drain(Vec<Spanned<String>>),
    /// `kubectl uncordon`
    Uncordon(Vec<Spanned<String>>),
    /// Something goes wrong.
    Fault(Vec<Spanned<Fault>>),
    /// Faults are lifted: all (none named), or those at these places.
    Heal(Vec<Spanned<String>>),
    /// A command in a container.
    Exec(Exec),
    /// Time passes.
    Wait(VirtualSpan),
    /// Steps of a verb made in YAML, in order.
    Use {
        /// The verb's file.
        verb: Spanned<String>,
        /// Its steps, with the inputs put in.
        steps: Vec<crate::model::Step>,
    },
}

impl Action {
    /// Its verb.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Apply(_) => "apply",
            Self::Delete { .. } => "delete",
            Self::Patch(_) => "patch",
            Self::Scale(_) => "scale",
            Self::Join(_) => "join",
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Restart(_) => "restart",
            Self::Upgrade(_) => "upgrade",
            Self::Reboot(_) => "reboot",
            Self::Drain(_) => "drain",
            Self::Uncordon(_) => "uncordon",
            Self::Fault(_) => "fault",
            Self::Heal(_) => "heal",
            Self::Exec(_) => "exec",
            Self::Wait(_) => "wait",
            Self::Use { .. } => "use",
        }
    }
}

/// How a node joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinMethod {
    /// In the order of the SIG-Windows scripts, each step waiting for the one before.
    Scripts,
    /// `kubeadm join`, network and kube-proxy as DaemonSets.
    Kubeadm,
    /// Just these components in this order, without waiting.
    Components(Vec<String>),
}

/// A service of a node: `win1/kube-proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRef {
    /// The node.
    pub node: String,
    /// The service.
    pub service: String,
}

/// An action that overlaps with the step's own.
#[derive(Clone, Debug)]
pub struct During {
    /// How long after the step's start.
    pub after: VirtualSpan,
    /// What happens.
    pub action: Spanned<Action>,
}

/// A command in a container.
#[derive(Clone, Debug)]
pub struct Exec {
    /// The pod.
    pub pod: Spanned<PodRef>,
    /// The container; none: the first.
    pub container: Option<String>,
    /// The command.
    pub run: Vec<String>,
    /// The exit code it must have.
    pub code: i32,
    /// Texts its output must contain.
    pub output: Vec<Spanned<String>>,
    /// Texts its output must not contain.
    pub not: Vec<Spanned<String>>,
}

/// How the API server must refuse an action.
#[derive(Clone, Debug)]
pub struct Refused {
    /// HTTP status.
    pub code: Option<Spanned<u16>>,
    /// Texts its message must contain.
    pub message: Vec<Spanned<String>>,
}
