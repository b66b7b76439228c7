//! What a task is made from, and how making one fails.

use crate::cri::Mount;

/// Everything that the platform's runtime needs to run a container.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskSpec {
    pub(crate) id: String,
    pub(crate) sandbox_id: String,
    /// Whether it is the pause container.
    pub(crate) is_sandbox: bool,
    /// Network namespace; empty in the host's network.
    pub(crate) netns: String,
    pub(crate) hostname: String,
    /// Unpacked layers, base first.
    pub(crate) layers: Vec<String>,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) working_dir: String,
    pub(crate) user: String,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) memory_limit: i64,
    pub(crate) cpu_maximum: i64,
    pub(crate) cpu_quota: Option<(i64, i64)>,
    pub(crate) stdin: bool,
    pub(crate) tty: bool,
}

/// How far a task came before it failed; the words around the reason differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskError {
    /// The shim could not make the task.
    Create(String),
    /// The shim could not start the task's process.
    Start(String),
}

impl TaskError {
    /// containerd's text: shims answer errors without a code, which print as `unknown`.
    pub(crate) fn text(&self, id: &str, sandbox: bool) -> String {
        match self {
            Self::Create(text) => {
                format!("failed to create containerd task: failed to create shim task: {text}: unknown")
            }
            Self::Start(text) if sandbox => {
                format!("failed to start sandbox container task {id:?}: {text}: unknown")
            }
            Self::Start(text) => format!("failed to start containerd task {id:?}: {text}: unknown"),
        }
    }
}

/// Signals that CRI sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A polite request.
    Term,
    /// The end.
    Kill,
}

/// What a platform's runtime tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskEvent {
    /// A process ended; `pid` is none where only the first process can be meant.
    Exited {
        /// The task
        id: String,
        /// The process
        pid: Option<u32>,
        /// Its exit code
        code: i32,
    },
    /// A process wrote something.
    Output {
        /// The task
        id: String,
    },
}
