//! Pod sandboxes (containerd `internal/cri/server/sandbox_run.go`, `sandbox_stop.go`, `sandbox_remove.go`).

use std::sync::Arc;

use winlab_clock::VirtualSpan;

use super::core::Core;
use super::pull::is_hypervisor;
use super::records::{SandboxRecord, TaskKind};
use super::task::{Signal, TaskSpec};
use crate::cri::{ContainerEventType, CriError, NamespaceMode, PodSandboxState, RunPodSandboxRequest};

/// How long a killed pause container may take to end.
const KILL_WAIT: VirtualSpan = VirtualSpan::from_secs(120);

impl Core {
    pub(crate) async fn run_sandbox(
        self: &Arc<Self>,
        request: RunPodSandboxRequest,
    ) -> Result<String, CriError> {
        let id = self.new_id();
        let handler = match request.runtime_handler.as_str() {
            "" => self.config.default_runtime.clone(),
            handler => handler.to_owned(),
        };
        if !self.config.runtimes.contains_key(&handler) {
            return Err(CriError::unknown(format!(
                "failed to get sandbox runtime: no runtime for {handler:?} is configured"
            )));
        }
        let mut record = SandboxRecord {
            id: id.clone(),
            config: request.config,
            runtime_handler: handler,
            created_at: self.now(),
            state: PodSandboxState::NotReady,
            netns: String::new(),
            ips: Vec::new(),
            task: None,
            boot: self.boot.clone(),
            torn_down: false,
        };
        let made = self.make_sandbox(&mut record).await;
        if let Err(error) = made {
            self.give_network_back(&record).await.ok();
            self.forget_sandbox(&id).await;
            return Err(error);
        }
        record.state = PodSandboxState::Ready;
        self.state().sandboxes.insert(id.clone(), record.clone());
        self.save_sandbox(&record).await;
        self.publish(&id, ContainerEventType::Started, &record);
        self.notice_early_exit(&record).await;
        Ok(id)
    }

    async fn make_sandbox(&self, record: &mut SandboxRecord) -> Result<(), CriError> {
        if !self.uses_host_network(record) {
            record.netns = self.create_namespace(&record.id).await.map_err(|error| {
                error.context(format!("failed to create network namespace for sandbox {:?}", record.id))
            })?;
            let network = self.set_up_network(record).await;
            record.ips = network.map_err(|error| {
                error.context(format!("failed to setup network for sandbox {:?}", record.id))
            })?;
        }
        self.runtime.write_sandbox_files(&record.id, record.config.dns_config.as_ref()).await?;
        if self.is_host_process(record) {
            return Ok(());
        }
        let image = self.sandbox_image().await;
        let image =
            image.map_err(|error| error.context(format!("failed to start sandbox {:?}", record.id)))?;
        let spec = TaskSpec {
            id: record.id.clone(),
            sandbox_id: record.id.clone(),
            is_sandbox: true,
            netns: record.netns.clone(),
            hostname: record.config.hostname.clone(),
            layers: image.layers.clone(),
            args: [image.config.entrypoint.clone(), image.config.cmd.clone()].concat(),
            env: Vec::new(),
            working_dir: image.config.working_dir.clone(),
            user: if self.runtime.is_windows() { String::new() } else { image.config.user.clone() },
            ..TaskSpec::default()
        };
        let failed =
            |text: String| CriError::unknown(format!("failed to start sandbox {:?}: {text}", record.id));
        self.runtime
            .prepare(&spec)
            .await
            .map_err(|error| failed(format!("failed to create containerd container: {error}")))?;
        let kind = self.task_kind(record);
        match self.runtime.start(&spec, kind).await {
            Ok(task) => record.task = Some(task),
            Err(error) => {
                self.runtime.remove_scratch(&record.id).await;
                return Err(failed(error.text(&record.id, true)));
            }
        }
        Ok(())
    }

    /// Linux names a namespace `cni-` and a UUID; here the sandbox's own id is random enough.
    async fn create_namespace(&self, id: &str) -> Result<String, CriError> {
        let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
        let name =
            format!("cni-{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
        self.runtime.create_netns(&name).await
    }

    /// How the tasks of a sandbox are run.
    pub(crate) fn task_kind(&self, record: &SandboxRecord) -> TaskKind {
        if !self.runtime.is_windows() {
            TaskKind::Runc
        } else if self.is_host_process(record) {
            TaskKind::Job
        } else if is_hypervisor(&record.runtime_handler) {
            TaskKind::Hypervisor
        } else {
            TaskKind::Process
        }
    }

    /// A pause container that ended before its sandbox was known.
    async fn notice_early_exit(self: &Arc<Self>, record: &SandboxRecord) {
        if let Some(task) = &record.task
            && let Ok(Some(code)) = self.runtime.exit_code(task, task.pid).await
        {
            self.task_exited(&record.id, code);
        }
    }

    pub(crate) async fn stop_sandbox(self: &Arc<Self>, id: &str) -> Result<(), CriError> {
        let record = match self.sandbox(id) {
            Ok(record) => record,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        let containers: Vec<String> = {
            let state = self.state();
            let inside = state.containers.values().filter(|container| container.sandbox_id == record.id);
            inside.map(|container| container.id.clone()).collect()
        };
        for container in containers {
            self.stop(&container, 0)
                .await
                .map_err(|error| error.context(format!("failed to stop container {container:?}")))?;
        }
        self.stop_sandbox_task(&record).await?;
        let record = self.sandbox(&record.id)?;
        if !record.torn_down {
            self.give_network_back(&record).await?;
            let mut record = record;
            record.torn_down = true;
            record.state = PodSandboxState::NotReady;
            self.state().sandboxes.insert(record.id.clone(), record.clone());
            self.save_sandbox(&record).await;
            self.publish(&record.id, ContainerEventType::Stopped, &record);
        }
        Ok(())
    }

    async fn stop_sandbox_task(self: &Arc<Self>, record: &SandboxRecord) -> Result<(), CriError> {
        if let (Some(task), PodSandboxState::Ready) = (&record.task, record.state) {
            let failed = |text: String| {
                CriError::unknown(format!(
                    "failed to stop sandbox container {:?} in \"SANDBOX_READY\" state: {text}",
                    record.id
                ))
            };
            self.runtime.signal(task, Signal::Kill).await.map_err(failed)?;
            if !matches!(self.runtime.exit_code(task, task.pid).await, Ok(None)) {
                self.task_exited(&record.id, 0);
            }
            let ended = self.until(|state| {
                let ready = |sandbox: &SandboxRecord| sandbox.state == PodSandboxState::Ready;
                (!state.sandboxes.get(&record.id).is_some_and(ready)).then_some(())
            });
            self.clock
                .within(KILL_WAIT, ended)
                .await
                .map_err(|_| failed("context deadline exceeded".to_owned()))?;
        }
        Ok(())
    }

    /// Runs CNI DEL and removes the namespace. Safe to repeat.
    async fn give_network_back(&self, record: &SandboxRecord) -> Result<(), CriError> {
        if record.netns.is_empty() {
            return Ok(());
        }
        self.tear_down_network(record).await.map_err(|error| {
            error.context(format!("failed to destroy network for sandbox {:?}", record.id))
        })?;
        self.runtime.delete_netns(&record.netns).await.map_err(|error| {
            error.context(format!("failed to remove network namespace for sandbox {:?}", record.id))
        })
    }

    pub(crate) async fn remove_sandbox(self: &Arc<Self>, id: &str) -> Result<(), CriError> {
        let record = match self.sandbox(id) {
            Ok(record) => record,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        if record.state == PodSandboxState::Ready || !record.torn_down {
            self.stop_sandbox(&record.id)
                .await
                .map_err(|error| error.context(format!("failed to forcibly stop sandbox {:?}", record.id)))?;
        }
        let containers: Vec<String> = {
            let state = self.state();
            let inside = state.containers.values().filter(|container| container.sandbox_id == record.id);
            inside.map(|container| container.id.clone()).collect()
        };
        for container in containers {
            self.remove(&container).await?;
        }
        self.runtime.remove_scratch(&record.id).await;
        self.forget_sandbox(&record.id).await;
        {
            let mut state = self.state();
            state.sandboxes.remove(&record.id);
            state.usage.remove(&record.id);
        }
        self.publish(&record.id, ContainerEventType::Deleted, &record);
        Ok(())
    }

    /// Whether the pod's containers are jobs of the host; containerd knows of such pods from 1.6 on.
    fn is_host_process(&self, record: &SandboxRecord) -> bool {
        let wanted = record.config.windows.as_ref().is_some_and(|windows| windows.host_process);
        wanted && self.options.is_at_least(1, 6)
    }

    /// Whether the pod shares the node's network.
    fn uses_host_network(&self, record: &SandboxRecord) -> bool {
        let linux = record.config.linux.as_ref().is_some_and(|linux| linux.network == NamespaceMode::Node);
        let windows =
            record.config.windows.as_ref().is_some_and(|windows| windows.network == NamespaceMode::Node);
        linux || (windows && self.options.is_at_least(1, 6)) || self.is_host_process(record)
    }
}
