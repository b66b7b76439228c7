//! Tasks on a Windows node.
//!
//! ```text
//! prepare: scratch over the image's layers
//! start:   mount ─▶ HcsCreateComputeSystem ─▶ HcsStartComputeSystem ─▶ HcsCreateProcess
//! end:     process gone ─▶ shut down (≤ 30 s) ─▶ else terminate ─▶ unmount ─▶ close
//! ```

use futures::{Stream, StreamExt, stream};
use winlab_clock::{Clock, VirtualSpan};
use winlab_component::WindowsMachine;
use winlab_document::{Document, doc};
use winlab_host::compute::{
    CloseComputeSystem, ComputeEventKind, CreateComputeSystem, CreateProcess, GetComputeSystemProperties,
    GetProcessProperties, ModifyComputeSystem, ModifyProcess, OpenComputeSystem, OutputStream,
    ReadProcessOutput, ShutdownComputeSystem, SignalProcess, StartComputeSystem, TerminateComputeSystem,
    TerminateProcess, WriteProcessInput,
};
use winlab_host::system::{
    CloseJobProcessInput, CreateJobProcess, GetJobProcessStatus, GetSystemInformation, ReadJobProcessOutput,
    SignalJobProcess, SystemEvent, TerminateJobProcess, WriteJobProcessInput,
};
use winlab_host::{Ask, Fault, HResult};

use super::hypervisor::failed;
use super::{document, hypervisor, job, layers, namespace, statistics};
use crate::containerd::records::{Task, TaskKind};
use crate::containerd::stats::TaskStatistics;
use crate::containerd::task::{Signal, TaskError, TaskEvent, TaskSpec};
use crate::cri::{CriError, InterfaceUsage, TerminalSize};

/// How long a compute system may take to shut down before it is terminated (`task_hcs.go`).
const SHUTDOWN: VirtualSpan = VirtualSpan::from_secs(30);

/// The node's runtime.
#[derive(Clone)]
pub(crate) struct WindowsRuntime {
    machine: WindowsMachine,
    clock: Clock,
    snapshots: String,
    build: u32,
}

impl WindowsRuntime {
    /// The runtime over a machine whose containerd keeps its data below `root`.
    pub(crate) async fn new(machine: WindowsMachine, clock: Clock, root: &str) -> Self {
        let information = machine.system.ask(GetSystemInformation {}).await.unwrap_or_default();
        let build = information.get("BuildNumber").and_then(Document::as_u64).unwrap_or(0);
        Self {
            machine,
            clock,
            snapshots: format!(r"{root}\io.containerd.snapshotter.v1.windows\snapshots"),
            build: u32::try_from(build).unwrap_or(0),
        }
    }

    /// The host's build.
    pub(crate) fn build(&self) -> u32 {
        self.build
    }

    /// Changes with every boot.
    pub(crate) async fn boot(&self) -> String {
        let information = self.machine.system.ask(GetSystemInformation {}).await.unwrap_or_default();
        information.get("BootId").map(ToString::to_string).unwrap_or_default()
    }

    /// Where a layer of that number lies.
    pub(crate) fn layer_path(&self, number: u64) -> String {
        format!(r"{}\{number}", self.snapshots)
    }

    fn scratch(&self, id: &str) -> String {
        format!(r"{}\{id}", self.snapshots)
    }

    /// Makes a pod's network namespace.
    pub(crate) async fn create_netns(&self) -> Result<String, CriError> {
        namespace::create(&self.machine.network).await
    }

    /// Removes a pod's network namespace.
    pub(crate) async fn delete_netns(&self, netns: &str) -> Result<(), CriError> {
        namespace::delete(&self.machine.network, netns).await
    }

    /// Makes a layer from files that were written to `staging`.
    pub(crate) async fn import_layer(
        &self,
        path: &str,
        staging: &str,
        parents: &[String],
    ) -> Result<(), String> {
        layers::import(&self.machine.compute, path, staging, parents).await
    }

    /// Removes a layer.
    pub(crate) async fn remove_layer(&self, path: &str) {
        layers::destroy(&self.machine.compute, path).await;
    }

    /// Makes a container's scratch.
    pub(crate) async fn prepare(&self, spec: &TaskSpec) -> Result<(), String> {
        layers::create_scratch(&self.machine.compute, &self.scratch(&spec.id), &spec.layers).await
    }

    /// Removes a container's scratch.
    pub(crate) async fn remove_scratch(&self, id: &str) {
        layers::destroy(&self.machine.compute, &self.scratch(id)).await;
    }

    /// Runs a task; its first process.
    pub(crate) async fn start(&self, spec: &TaskSpec, kind: TaskKind) -> Result<u32, TaskError> {
        let (host, scratch) = (&self.machine.compute, self.scratch(&spec.id));
        let mounted = layers::mount(host, &scratch, &spec.layers).await.map_err(TaskError::Create)?;
        let started = match kind {
            TaskKind::Job => job::start(&self.machine.system, spec, &mounted, self.build).await,
            _ => self.start_system(spec, kind, &mounted).await,
        };
        if started.is_err() {
            layers::unmount(host, &scratch).await;
        }
        started
    }

    async fn start_system(
        &self,
        spec: &TaskSpec,
        kind: TaskKind,
        mounted: &layers::MountedLayers,
    ) -> Result<u32, TaskError> {
        let (host, id) = (&self.machine.compute, spec.id.clone());
        let hypervisor = kind == TaskKind::Hypervisor;
        if hypervisor && spec.is_sandbox {
            hypervisor::start(&self.machine, &spec.sandbox_id, &mounted.layers, &spec.netns).await?;
        }
        let mut spec = spec.clone();
        if spec.is_sandbox {
            spec.args = document::pause_command(&spec.args);
        }
        let container = document::container(&spec, mounted);
        let configuration = if hypervisor {
            document::hosted(&hypervisor::vm_id(&spec.sandbox_id), container)
        } else {
            document::process_isolated(container)
        };
        let created = host.ask(CreateComputeSystem { id: id.clone(), configuration }).await;
        if let Err(fault) = created {
            self.stop_vm(&spec, hypervisor).await;
            return Err(TaskError::Create(failed("CreateComputeSystem", &id, &fault)));
        }
        let properties = GetComputeSystemProperties { id: id.clone(), query: Document::empty_object() };
        host.ask(properties).await.ok();
        let started = host.ask(StartComputeSystem { id: id.clone(), options: Document::Null }).await;
        let problem = match started {
            Err(fault) => TaskError::Start(failed("System::Start", &id, &fault)),
            Ok(()) => {
                let call = CreateProcess { id: id.clone(), parameters: document::process(&spec) };
                match host.ask(call).await {
                    Ok(process) => return Ok(process.pid),
                    Err(fault) => TaskError::Start(failed("System::CreateProcess", &id, &fault)),
                }
            }
        };
        host.ask(TerminateComputeSystem { id: id.clone(), options: Document::Null }).await.ok();
        host.ask(CloseComputeSystem { id }).await.ok();
        self.stop_vm(&spec, hypervisor).await;
        Err(problem)
    }

    async fn stop_vm(&self, spec: &TaskSpec, hypervisor: bool) {
        if hypervisor && spec.is_sandbox {
            hypervisor::stop(&self.machine, &spec.sandbox_id).await;
        }
    }

    /// Sends a task's first process a signal; one that is gone is fine.
    pub(crate) async fn signal(&self, task: &Task, signal: Signal) -> Result<(), String> {
        let (id, pid) = (task.id.clone(), task.pid);
        let sent = match (task.kind, signal) {
            (TaskKind::Job, Signal::Term) => {
                self.machine.system.ask(SignalJobProcess { pid, signal: "CtrlShutdown".to_owned() }).await
            }
            (TaskKind::Job, Signal::Kill) => {
                self.machine.system.ask(TerminateJobProcess { pid, exit_code: 1 }).await
            }
            (_, Signal::Term) => {
                let options = doc!({"Signal": "CtrlShutdown"});
                self.machine.compute.ask(SignalProcess { id, pid, options }).await
            }
            (_, Signal::Kill) => self.machine.compute.ask(TerminateProcess { id, pid }).await,
        };
        match sent {
            Err(fault) if !is_gone(&fault) => Err(failed("Process::Signal", &task.id, &fault)),
            _ => Ok(()),
        }
    }

    /// Starts another process in a task; its id.
    pub(crate) async fn exec(&self, task: &Task, spec: &TaskSpec) -> Result<u32, String> {
        if task.kind == TaskKind::Job {
            let parameters = document::process(&job::on_host(spec, self.build));
            let made =
                self.machine.system.ask(CreateJobProcess { job: job::job_name(&task.id), parameters }).await;
            return made
                .map(|process| process.pid)
                .map_err(|fault| format!("failed to exec in job container: {}", fault.message));
        }
        let call = CreateProcess { id: task.id.clone(), parameters: document::process(spec) };
        let made = self.machine.compute.ask(call).await;
        made.map(|process| process.pid).map_err(|fault| failed("System::CreateProcess", &task.id, &fault))
    }

    /// What a process wrote since the last look.
    pub(crate) async fn read(&self, task: &Task, pid: u32, stream: OutputStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let chunk = match task.kind {
                TaskKind::Job => self.machine.system.ask(ReadJobProcessOutput { pid, stream }).await,
                _ => {
                    let call = ReadProcessOutput { id: task.id.clone(), pid, stream };
                    self.machine.compute.ask(call).await
                }
            };
            match chunk {
                Ok(chunk) if !chunk.bytes.is_empty() => {
                    bytes.extend_from_slice(&chunk.bytes);
                    if chunk.end {
                        return bytes;
                    }
                }
                _ => return bytes,
            }
        }
    }

    /// A process's exit code once it has ended; an error where nobody knows it.
    pub(crate) async fn exit_code(&self, task: &Task, pid: u32) -> Result<Option<i32>, String> {
        let status = match task.kind {
            TaskKind::Job => self.machine.system.ask(GetJobProcessStatus { pid }).await,
            _ => self.machine.compute.ask(GetProcessProperties { id: task.id.clone(), pid }).await,
        };
        let status = status.map_err(|fault| failed("Process::Properties", &task.id, &fault))?;
        let exited = status.get("Exited").and_then(Document::as_bool).unwrap_or(false);
        Ok(exited.then(|| exit_code(status.get("ExitCode"))))
    }

    /// Releases what a task held after its first process has ended.
    pub(crate) async fn clean_up(&self, task: &Task, sandbox: Option<&str>) {
        let host = &self.machine.compute;
        if task.kind == TaskKind::Job {
            job::remove(&self.machine.system, &task.id).await;
        } else {
            let id = task.id.clone();
            let mut events = host.events();
            let asked = host.ask(ShutdownComputeSystem { id: id.clone(), options: Document::Null }).await;
            let exited = async {
                if host.ask(OpenComputeSystem { id: id.clone() }).await.is_err() {
                    return;
                }
                while let Some(event) = events.next().await {
                    if event.kind == ComputeEventKind::SystemExited && event.system == id {
                        return;
                    }
                }
            };
            let down = asked.is_ok() && self.clock.within(SHUTDOWN, exited).await.is_ok();
            if !down {
                host.ask(TerminateComputeSystem { id: id.clone(), options: Document::Null }).await.ok();
            }
            host.ask(CloseComputeSystem { id: id.clone() }).await.ok();
            if let (TaskKind::Hypervisor, Some(sandbox)) = (task.kind, sandbox) {
                hypervisor::stop(&self.machine, sandbox).await;
            }
        }
        layers::unmount(host, &self.scratch(&task.id)).await;
    }

    /// Changes a running container's limits.
    pub(crate) async fn update(&self, task: &Task, memory: i64, cpu: i64) -> Result<(), String> {
        let settings = [
            (memory > 0).then(|| ("Container/Memory/SizeInMB", Document::from(memory.unsigned_abs() >> 20))),
            (cpu > 0).then(|| ("Container/Processor", doc!({"Maximum": cpu}))),
        ];
        for (path, settings) in settings.into_iter().flatten() {
            let configuration = doc!({"ResourcePath": path, "RequestType": "Update", "Settings": settings});
            let call = ModifyComputeSystem { id: task.id.clone(), configuration };
            self.machine
                .compute
                .ask(call)
                .await
                .map_err(|fault| failed("System::Modify", &task.id, &fault))?;
        }
        Ok(())
    }

    /// Gives a process input.
    pub(crate) async fn write(&self, task: &Task, pid: u32, bytes: Vec<u8>) -> Result<(), String> {
        let bytes = bytes.into();
        let given = match task.kind {
            TaskKind::Job => self.machine.system.ask(WriteJobProcessInput { pid, bytes }).await,
            _ => self.machine.compute.ask(WriteProcessInput { id: task.id.clone(), pid, bytes }).await,
        };
        given.map_err(|fault| failed("Process::Stdio", &task.id, &fault))
    }

    /// Ends a process's input.
    pub(crate) async fn close_input(&self, task: &Task, pid: u32) -> Result<(), String> {
        if task.kind == TaskKind::Job {
            let closed = self.machine.system.ask(CloseJobProcessInput { pid }).await;
            return closed.map_err(|fault| failed("Process::CloseStdin", &task.id, &fault));
        }
        let settings = doc!({"Operation": "CloseHandle", "CloseHandle": {"Handle": "StdIn"}});
        self.modify_process(task, pid, settings, "Process::CloseStdin").await
    }

    /// Gives a process's console another size; that of a job's process belongs to the host.
    pub(crate) async fn resize(&self, task: &Task, pid: u32, size: TerminalSize) -> Result<(), String> {
        if task.kind == TaskKind::Job {
            return Ok(());
        }
        let (height, width) = (size.height, size.width);
        let settings = doc!({"Operation": "ConsoleSize", "ConsoleSize": {"Height": height, "Width": width}});
        self.modify_process(task, pid, settings, "Process::ResizeConsole").await
    }

    async fn modify_process(
        &self,
        task: &Task,
        pid: u32,
        settings: Document,
        step: &str,
    ) -> Result<(), String> {
        let call = ModifyProcess { id: task.id.clone(), pid, settings };
        self.machine.compute.ask(call).await.map_err(|fault| failed(step, &task.id, &fault))
    }

    /// Figures of a task.
    pub(crate) async fn statistics(&self, task: &Task) -> TaskStatistics {
        statistics::of_task(&self.machine, task).await
    }

    /// Figures of the endpoints in a namespace.
    pub(crate) async fn interfaces(&self, netns: &str) -> Vec<InterfaceUsage> {
        statistics::of_interfaces(&self.machine.network, netns).await
    }

    /// What happens to processes, from now on.
    pub(crate) fn events(&self) -> impl Stream<Item = TaskEvent> + Send + Unpin + use<> {
        let compute = self.machine.compute.events().filter_map(|event| {
            let told = match event.kind {
                ComputeEventKind::ProcessExited => Some(TaskEvent::Exited {
                    id: event.system,
                    pid: Some(event.pid),
                    code: exit_code(event.data.get("ExitCode")),
                }),
                ComputeEventKind::ProcessOutput => Some(TaskEvent::Output { id: event.system }),
                ComputeEventKind::SystemExited => {
                    Some(TaskEvent::Exited { id: event.system, pid: None, code: ERROR_PROCESS_ABORTED })
                }
                _ => None,
            };
            std::future::ready(told)
        });
        let system = self.machine.system.events().filter_map(|event| {
            let container = |job: &str| job.strip_prefix("JobContainer_").map(str::to_owned);
            let told = match event {
                SystemEvent::ProcessExited { job, pid, exit_code } => container(&job)
                    .map(|id| TaskEvent::Exited { id, pid: Some(pid), code: exit_code.cast_signed() }),
                SystemEvent::ProcessOutput { job, .. } => container(&job).map(|id| TaskEvent::Output { id }),
                _ => None,
            };
            std::future::ready(told)
        });
        stream::select(compute, system)
    }
}

/// What a container's process leaves that was ended from outside.
const ERROR_PROCESS_ABORTED: i32 = 1067;

/// Windows exit codes are unsigned; CRI shows them as Go converts them.
fn exit_code(code: Option<&Document>) -> i32 {
    let code = code.and_then(Document::as_i64).unwrap_or(0);
    u32::try_from(code).map_or_else(|_| i32::try_from(code).unwrap_or(-1), u32::cast_signed)
}

/// Whether the process or its system is no more.
fn is_gone(fault: &Fault) -> bool {
    matches!(
        fault.code,
        HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND
            | HResult::ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED
            | HResult::HCS_E_SYSTEM_ALREADY_STOPPED
            | HResult::HCS_E_SYSTEM_NOT_FOUND
            | HResult::HCS_E_PROCESS_ALREADY_STOPPED
            | HResult::ERROR_NOT_FOUND
            | HResult::E_ACCESSDENIED
            | HResult::E_INVALIDARG
    )
}
