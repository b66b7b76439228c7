//! Tasks on a Linux node.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use winlab_component::{HostFiles, Machine};
use winlab_host::compute::OutputStream;
use winlab_host::linux::{
    AddNamespace, CreateContainer, DeleteContainer, DeleteNamespace, Errno, ExecInContainer,
    GetSystemInformation, KillContainer, LinuxEvent, ListNamespaces, ReadOutput, StartContainer, WaitProcess,
};
use winlab_host::{Ask, HostLinux};

use super::bundle;
use crate::containerd::records::Task;
use crate::containerd::task::{Signal, TaskError, TaskEvent, TaskSpec};
use crate::cri::{CriError, DnsConfig};

/// Where network namespaces are bound.
const NETNS: &str = "/var/run/netns";

/// The node's runtime.
#[derive(Clone)]
pub(crate) struct LinuxRuntime {
    host: Arc<HostLinux>,
    files: HostFiles,
    root: String,
    state: String,
}

impl LinuxRuntime {
    /// The runtime over a host whose containerd keeps its data below `root` and its bundles below `state`.
    pub(crate) fn new(host: Arc<HostLinux>, root: &str, state: &str) -> Self {
        let files = HostFiles::of(&Machine::Linux(host.clone()));
        Self { host, files, root: root.to_owned(), state: state.to_owned() }
    }

    /// Changes with every boot.
    pub(crate) async fn boot(&self) -> String {
        let information = self.host.ask(GetSystemInformation {}).await.unwrap_or_default();
        let id = information.get("boot_id").or_else(|| information.get("BootId"));
        id.map(ToString::to_string).unwrap_or_default()
    }

    /// Where a layer of that number lies.
    pub(crate) fn layer_path(&self, number: u64) -> String {
        format!("{}/io.containerd.snapshotter.v1.overlayfs/snapshots/{number}/fs", self.root)
    }

    fn rootfs(&self, id: &str) -> String {
        format!("{}/io.containerd.runtime.v2.task/k8s.io/{id}/rootfs", self.state)
    }

    fn resolv_conf(&self, sandbox: &str) -> String {
        format!("{}/io.containerd.grpc.v1.cri/sandboxes/{sandbox}/resolv.conf", self.root)
    }

    /// Makes a pod's network namespace.
    pub(crate) async fn create_netns(&self, name: &str) -> Result<String, CriError> {
        let made = self.host.ask(AddNamespace { name: name.to_owned() }).await;
        made.map_err(|fault| {
            CriError::unknown(format!("failed to create network namespace: {}", fault.message))
        })?;
        Ok(format!("{NETNS}/{name}"))
    }

    /// Removes a pod's network namespace; one that is gone already is fine.
    pub(crate) async fn delete_netns(&self, netns: &str) -> Result<(), CriError> {
        let name = netns.rsplit('/').next().unwrap_or_default().to_owned();
        match self.host.ask(DeleteNamespace { name }).await {
            Err(fault) if fault.errno != Errno::ENOENT => {
                Err(CriError::unknown(format!("failed to remove netns: {}", fault.message)))
            }
            _ => Ok(()),
        }
    }

    /// Whether a pod's network namespace is still there: a boot takes them all.
    pub(crate) async fn has_netns(&self, netns: &str) -> bool {
        let name = netns.rsplit('/').next().unwrap_or_default();
        let names = self.host.ask(ListNamespaces {}).await.unwrap_or_default();
        names.iter().any(|known| known == name)
    }

    /// Removes a layer.
    pub(crate) async fn remove_layer(&self, path: &str) {
        self.files.remove_all(path).await.ok();
    }

    /// Writes the pod's `resolv.conf`: from the pod's DNS settings, or a copy of the host's
    /// (containerd `sandbox_run_linux.go`, setupSandboxFiles).
    pub(crate) async fn write_sandbox_files(
        &self,
        sandbox: &str,
        dns: Option<&DnsConfig>,
    ) -> Result<(), CriError> {
        let text = match dns {
            Some(dns) => resolv_conf(dns),
            None => self.files.read_text("/etc/resolv.conf").await.unwrap_or_default(),
        };
        let written = self.files.write(&self.resolv_conf(sandbox), text.into_bytes()).await;
        written.map_err(|error| CriError::unknown(format!("failed to setup sandbox files: {error}")))
    }

    /// Lays the image's files out as the container's root: what an overlay mount shows.
    pub(crate) async fn prepare(&self, spec: &TaskSpec) -> Result<(), String> {
        let root = self.rootfs(&spec.id);
        for layer in &spec.layers {
            for name in self.files.list(layer).await.map_err(|error| error.to_string())? {
                let Ok(bytes) = self.files.read(&format!("{layer}/{name}")).await else { continue };
                self.files
                    .write(&format!("{root}/{name}"), bytes)
                    .await
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Removes a container's root.
    pub(crate) async fn remove_scratch(&self, id: &str) {
        let root = self.rootfs(id);
        let folder = root.strip_suffix("/rootfs").unwrap_or(&root);
        self.files.remove_all(folder).await.ok();
    }

    /// Runs a task; its first process has no number of its own here.
    pub(crate) async fn start(&self, spec: &TaskSpec) -> Result<u32, TaskError> {
        let resolv = if spec.is_sandbox { String::new() } else { self.resolv_conf(&spec.sandbox_id) };
        let bundle = bundle::document(spec, &self.rootfs(&spec.id), &resolv);
        let id = spec.id.clone();
        self.host
            .ask(CreateContainer { id: id.clone(), bundle })
            .await
            .map_err(|fault| TaskError::Create(runc("create", &fault.message)))?;
        let started = self.host.ask(StartContainer { id: id.clone() }).await;
        if let Err(fault) = started {
            self.host.ask(DeleteContainer { id, force: true }).await.ok();
            return Err(TaskError::Start(runc("start", &fault.message)));
        }
        Ok(0)
    }

    /// Sends a task's first process a signal; one that is gone is fine.
    pub(crate) async fn signal(&self, task: &Task, signal: Signal) -> Result<(), String> {
        let signal = match signal {
            Signal::Term => 15,
            Signal::Kill => 9,
        };
        match self.host.ask(KillContainer { id: task.id.clone(), signal }).await {
            Err(fault) if !matches!(fault.errno, Errno::ESRCH | Errno::ENOENT) => {
                Err(runc("kill", &fault.message))
            }
            _ => Ok(()),
        }
    }

    /// Starts another process in a task; its id.
    pub(crate) async fn exec(&self, task: &Task, spec: &TaskSpec) -> Result<u32, String> {
        let env = spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = ExecInContainer { id: task.id.clone(), args: spec.args.clone(), env };
        self.host.ask(call).await.map_err(|fault| format!("OCI runtime exec failed: {}", fault.message))
    }

    /// What a process wrote since the last look.
    pub(crate) async fn read(&self, task: &Task, pid: u32, stream: OutputStream) -> Vec<u8> {
        let call = ReadOutput { id: task.id.clone(), pid, stream };
        self.host.ask(call).await.map(|chunk| chunk.bytes.to_vec()).unwrap_or_default()
    }

    /// A process's exit code once it has ended; an error where nobody knows it.
    pub(crate) async fn exit_code(&self, task: &Task, pid: u32) -> Result<Option<i32>, String> {
        let call = WaitProcess { id: task.id.clone(), pid };
        self.host.ask(call).await.map_err(|fault| fault.to_string())
    }

    /// Releases what a task held after its first process has ended.
    pub(crate) async fn clean_up(&self, task: &Task) {
        self.host.ask(DeleteContainer { id: task.id.clone(), force: true }).await.ok();
    }

    /// What happens to processes, from now on.
    pub(crate) fn events(&self) -> impl Stream<Item = TaskEvent> + Send + Unpin + use<> {
        self.host.events().filter_map(|event| {
            let told = match event {
                LinuxEvent::ContainerExited { id, code } => {
                    Some(TaskEvent::Exited { id, pid: Some(0), code })
                }
                LinuxEvent::ContainerOutput { id } => Some(TaskEvent::Output { id }),
                _ => None,
            };
            std::future::ready(told)
        })
    }
}

fn runc(step: &str, text: &str) -> String {
    format!("OCI runtime {step} failed: runc {step} failed: {text}")
}

/// `parseDNSOptions`: search, servers, options, each on lines of their own.
fn resolv_conf(dns: &DnsConfig) -> String {
    let mut text = String::new();
    if !dns.searches.is_empty() {
        text += &format!("search {}\n", dns.searches.join(" "));
    }
    for server in &dns.servers {
        text += &format!("nameserver {server}\n");
    }
    if !dns.options.is_empty() {
        text += &format!("options {}\n", dns.options.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{DnsConfig, resolv_conf};

    #[test]
    fn resolv_conf_has_containerds_order() {
        let dns = DnsConfig {
            servers: vec!["10.96.0.10".into()],
            searches: vec!["default.svc.cluster.local".into(), "svc.cluster.local".into()],
            options: vec!["ndots:5".into()],
        };
        assert_eq!(
            resolv_conf(&dns),
            "search default.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
        );
    }
}
