//! Services of nodes, and logs of what runs on them, by name: a wrong one would be found only once the lab runs.

use crate::diagnostic::Diagnostic;
use crate::model::{Lab, NodeOs};
use crate::read::Reader;
use crate::span::{Span, Spanned};
use crate::suggest::meant_or_all;

/// Node components, each a service of its node once it is installed.
pub(super) const COMPONENTS: [&str; 4] = ["containerd", "kubelet", "flanneld", "kube-proxy"];
/// What writes a log besides.
const LOGS: [&str; 2] = ["kubeadm", "coredns"];
/// Services that Windows brings.
const WINDOWS: [&str; 7] = ["hns", "vmcompute", "RpcSs", "EventLog", "Dnscache", "mpssvc", "LanmanServer"];

/// The services that a node of that system can have.
#[must_use]
pub fn service_names(os: NodeOs) -> Vec<&'static str> {
    let windows = WINDOWS.iter().filter(|_| os != NodeOs::Linux);
    COMPONENTS.iter().chain(windows).copied().collect()
}

/// What is looked for by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    Service,
    Log,
    /// What has a version of Kubernetes.
    Version,
}

/// A name that was given for something of a node.
pub(super) struct NamedService {
    node: String,
    name: String,
    span: Span,
    shows: Shows,
}

impl Shows {
    fn known(self, os: NodeOs) -> Vec<&'static str> {
        match self {
            Self::Service => service_names(os),
            Self::Log => COMPONENTS.iter().chain(&LOGS).copied().collect(),
            Self::Version => vec!["kubelet", "kube-proxy"],
        }
    }

    fn has(self, os: NodeOs, name: &str) -> bool {
        // The service control manager's names differ by more than case; systemd's do not.
        let same = |known: &&str| match (self, os) {
            (Self::Service, NodeOs::Windows(_)) => known.eq_ignore_ascii_case(name),
            _ => **known == *name,
        };
        self.known(os).iter().any(same)
    }

    fn message(self, node: &str, name: &str) -> String {
        match self {
            Self::Service => format!("`{node}` has no service `{name}`"),
            Self::Log => format!("nothing on `{node}` writes a log named `{name}`"),
            Self::Version => format!("`{name}` has no version of Kubernetes"),
        }
    }
}

impl Reader<'_> {
    /// Notes that `name`, a part of `whole`, names something of a node.
    pub(super) fn name_service(&mut self, whole: &Spanned<String>, node: &str, name: &str, shows: Shows) {
        let (node, span) = (node.to_owned(), self.place_of(whole, name));
        self.named_services.push(NamedService { node, name: name.to_owned(), span, shows });
    }

    /// Holds every service that was named against what its node can have.
    pub(super) fn named_services_exist(&mut self, lab: &Lab) {
        for NamedService { node, name, span, shows } in std::mem::take(&mut self.named_services) {
            // A node that is not there has been told.
            let Some(spec) = lab.nodes.iter().find(|spec| spec.name.value == node) else { continue };
            let os = spec.os.value;
            if !shows.has(os, &name) {
                let problem = Diagnostic::error("unknown-service", span, shows.message(&node, &name));
                self.problems.push(problem.hint(meant_or_all(&name, &shows.known(os))));
            }
        }
    }
}
