//! The platform's runtime behind one set of calls.

use futures::StreamExt;
use futures::stream::BoxStream;
use winlab_host::compute::OutputStream;

use super::images::PlatformMatcher;
use super::linux::LinuxRuntime;
use super::records::{Task, TaskKind};
use super::stats::TaskStatistics;
use super::task::{Signal, TaskError, TaskEvent, TaskSpec};
use super::windows::WindowsRuntime;
use crate::cri::{CriError, DnsConfig, InterfaceUsage, TerminalSize};

/// A process of `runc exec` has no input at the boundary: whoever gives it some is told.
const NO_INPUT: &str = "OCI runtime exec failed: the lab's runc gives processes no standard input";

/// Windows or Linux.
#[derive(Clone)]
pub(crate) enum Runtime {
    Windows(Box<WindowsRuntime>),
    Linux(LinuxRuntime),
}

impl Runtime {
    pub(crate) fn is_windows(&self) -> bool {
        matches!(self, Self::Windows(_))
    }

    pub(crate) async fn boot(&self) -> String {
        match self {
            Self::Windows(runtime) => runtime.boot().await,
            Self::Linux(runtime) => runtime.boot().await,
        }
    }

    /// Which manifests of an index fit this node.
    pub(crate) fn platform(&self, containerd_major: u32, hypervisor: bool) -> PlatformMatcher {
        match self {
            Self::Linux(_) => PlatformMatcher::Linux,
            Self::Windows(runtime) if hypervisor => PlatformMatcher::WindowsHypervisor(runtime.build()),
            Self::Windows(runtime) if containerd_major >= 2 => {
                PlatformMatcher::WindowsCompatible(runtime.build())
            }
            Self::Windows(runtime) => PlatformMatcher::WindowsSameBuild(runtime.build()),
        }
    }

    pub(crate) fn layer_path(&self, number: u64) -> String {
        match self {
            Self::Windows(runtime) => runtime.layer_path(number),
            Self::Linux(runtime) => runtime.layer_path(number),
        }
    }

    /// Where a layer's files are written first: Windows imports all but base layers from another folder.
    pub(crate) fn staging(&self, path: &str, base: bool) -> String {
        if self.is_windows() && !base { format!("{path}-import") } else { path.to_owned() }
    }

    /// Where in a layer's folder its files lie.
    pub(crate) fn layer_root(&self, folder: &str) -> String {
        if self.is_windows() { format!(r"{folder}\Files") } else { folder.to_owned() }
    }

    /// Finishes a layer whose files were written to `staging`.
    pub(crate) async fn import_layer(
        &self,
        path: &str,
        staging: &str,
        parents: &[String],
    ) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.import_layer(path, staging, parents).await,
            Self::Linux(_) => Ok(()),
        }
    }

    pub(crate) async fn remove_layer(&self, path: &str) {
        match self {
            Self::Windows(runtime) => runtime.remove_layer(path).await,
            Self::Linux(runtime) => runtime.remove_layer(path).await,
        }
    }

    /// A network namespace; Linux names it, on Windows HNS does.
    pub(crate) async fn create_netns(&self, name: &str) -> Result<String, CriError> {
        match self {
            Self::Windows(runtime) => runtime.create_netns().await,
            Self::Linux(runtime) => runtime.create_netns(name).await,
        }
    }

    pub(crate) async fn delete_netns(&self, netns: &str) -> Result<(), CriError> {
        match self {
            Self::Windows(runtime) => runtime.delete_netns(netns).await,
            Self::Linux(runtime) => runtime.delete_netns(netns).await,
        }
    }

    /// Whether a pod's network namespace outlived a restart. HNS keeps its own; what is left of one after a boot has
    /// no pause container, which tells the same.
    pub(crate) async fn has_netns(&self, netns: &str) -> bool {
        match self {
            Self::Windows(_) => true,
            Self::Linux(runtime) => netns.is_empty() || runtime.has_netns(netns).await,
        }
    }

    pub(crate) async fn write_sandbox_files(
        &self,
        id: &str,
        dns: Option<&DnsConfig>,
    ) -> Result<(), CriError> {
        match self {
            Self::Windows(_) => Ok(()),
            Self::Linux(runtime) => runtime.write_sandbox_files(id, dns).await,
        }
    }

    pub(crate) async fn prepare(&self, spec: &TaskSpec) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.prepare(spec).await,
            Self::Linux(runtime) => runtime.prepare(spec).await,
        }
    }

    pub(crate) async fn remove_scratch(&self, id: &str) {
        match self {
            Self::Windows(runtime) => runtime.remove_scratch(id).await,
            Self::Linux(runtime) => runtime.remove_scratch(id).await,
        }
    }

    pub(crate) async fn start(&self, spec: &TaskSpec, kind: TaskKind) -> Result<Task, TaskError> {
        let pid = match self {
            Self::Windows(runtime) => runtime.start(spec, kind).await?,
            Self::Linux(runtime) => runtime.start(spec).await?,
        };
        Ok(Task { id: spec.id.clone(), kind, pid })
    }

    pub(crate) async fn signal(&self, task: &Task, signal: Signal) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.signal(task, signal).await,
            Self::Linux(runtime) => runtime.signal(task, signal).await,
        }
    }

    pub(crate) async fn exec(&self, task: &Task, spec: &TaskSpec) -> Result<u32, String> {
        match self {
            Self::Windows(runtime) => runtime.exec(task, spec).await,
            Self::Linux(_) if spec.stdin => Err(NO_INPUT.to_owned()),
            Self::Linux(runtime) => runtime.exec(task, spec).await,
        }
    }

    pub(crate) async fn read(&self, task: &Task, pid: u32, stream: OutputStream) -> Vec<u8> {
        match self {
            Self::Windows(runtime) => runtime.read(task, pid, stream).await,
            Self::Linux(runtime) => runtime.read(task, pid, stream).await,
        }
    }

    /// Gives a process input.
    pub(crate) async fn write(&self, task: &Task, pid: u32, bytes: Vec<u8>) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.write(task, pid, bytes).await,
            Self::Linux(_) => Err(NO_INPUT.to_owned()),
        }
    }

    /// Ends a process's input.
    pub(crate) async fn close_input(&self, task: &Task, pid: u32) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.close_input(task, pid).await,
            Self::Linux(_) => Err(NO_INPUT.to_owned()),
        }
    }

    /// Gives a process's console another size.
    pub(crate) async fn resize(&self, task: &Task, pid: u32, size: TerminalSize) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.resize(task, pid, size).await,
            Self::Linux(_) => Err("OCI runtime resize failed: the lab's runc has no terminals".to_owned()),
        }
    }

    pub(crate) async fn exit_code(&self, task: &Task, pid: u32) -> Result<Option<i32>, String> {
        match self {
            Self::Windows(runtime) => runtime.exit_code(task, pid).await,
            Self::Linux(runtime) => runtime.exit_code(task, pid).await,
        }
    }

    /// Releases what a task held; `sandbox` is given for a sandbox's own task.
    pub(crate) async fn clean_up(&self, task: &Task, sandbox: Option<&str>) {
        match self {
            Self::Windows(runtime) => runtime.clean_up(task, sandbox).await,
            Self::Linux(runtime) => runtime.clean_up(task).await,
        }
    }

    pub(crate) async fn update(&self, task: &Task, memory: i64, cpu: i64) -> Result<(), String> {
        match self {
            Self::Windows(runtime) => runtime.update(task, memory, cpu).await,
            // The boundary has no `runc update`; a limit that nothing enforces must not look changed.
            Self::Linux(_) => Err("OCI runtime update failed: the lab's runc has no update".to_owned()),
        }
    }

    /// Figures of a task; none on Linux, where the boundary has none.
    pub(crate) async fn statistics(&self, task: &Task) -> Option<TaskStatistics> {
        match self {
            Self::Windows(runtime) => Some(runtime.statistics(task).await),
            Self::Linux(_) => None,
        }
    }

    /// Figures of the interfaces in a network namespace.
    pub(crate) async fn interfaces(&self, netns: &str) -> Vec<InterfaceUsage> {
        match self {
            Self::Windows(runtime) => runtime.interfaces(netns).await,
            Self::Linux(_) => Vec::new(),
        }
    }

    pub(crate) fn events(&self) -> BoxStream<'static, TaskEvent> {
        match self {
            Self::Windows(runtime) => runtime.events().boxed(),
            Self::Linux(runtime) => runtime.events().boxed(),
        }
    }
}
