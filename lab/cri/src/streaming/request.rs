//! What a URL stands for.

use tonic::Status;
use winlab_node::cri::{AttachRequest, ExecRequest};

/// A request whose streams are still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamRequest {
    /// A command in a container.
    Exec(ExecRequest),
    /// A container's own streams.
    Attach(AttachRequest),
    /// Ports of a pod.
    PortForward {
        /// The pod's sandbox.
        pod_sandbox_id: String,
        /// The ports, for clients that name none themselves.
        ports: Vec<i32>,
    },
}

/// Which streams a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    pub(super) tty: bool,
}

impl StreamRequest {
    /// The first part of its URL's path.
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Exec(_) => "exec",
            Self::Attach(_) => "attach",
            Self::PortForward { .. } => "portforward",
        }
    }

    /// What the streaming library refuses before there is a URL (`validateExecRequest`, `validateAttachRequest`).
    pub(super) fn check(&self) -> Result<(), Status> {
        let (id, name, wanted) = match self {
            Self::Exec(exec) => (&exec.container_id, "container_id", Some(Wanted::of_exec(exec))),
            Self::Attach(attach) => (&attach.container_id, "container_id", Some(Wanted::of_attach(attach))),
            Self::PortForward { pod_sandbox_id, .. } => (pod_sandbox_id, "pod_sandbox_id", None),
        };
        if id.is_empty() {
            return Err(Status::invalid_argument(format!("missing required {name}")));
        }
        match wanted {
            Some(Wanted { tty: true, stderr: true, .. }) => {
                Err(Status::invalid_argument("tty and stderr cannot both be true"))
            }
            Some(Wanted { stdin: false, stdout: false, stderr: false, .. }) => {
                Err(Status::invalid_argument("one of stdin, stdout, or stderr must be set"))
            }
            _ => Ok(()),
        }
    }
}

impl Wanted {
    pub(super) fn of_exec(exec: &ExecRequest) -> Self {
        Self { stdin: exec.stdin, stdout: exec.stdout, stderr: exec.stderr, tty: exec.tty }
    }

    pub(super) fn of_attach(attach: &AttachRequest) -> Self {
        Self { stdin: attach.stdin, stdout: attach.stdout, stderr: attach.stderr, tty: attach.tty }
    }
}
