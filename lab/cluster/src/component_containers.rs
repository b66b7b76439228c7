//! Containers whose program is a node component, as flanneld and kube-proxy are in a cluster that kubeadm set up.
//!
//! ```text
//! runtime starts the container ──ComponentStarted──▶ start script ─▶ the component's model
//!        ▲                                                              │ writes      │ ends
//!        └── the container's output, and the end of its process ◀───────┴─────────────┘
//! ```
//! The model sees the host's network and the container's files, and ends with the container.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use tokio::task::AbortHandle;
use winlab_component::{CommandLine, Context, Exit, Level, Log, LogSink, Programs, Stop, StopHandle};
use winlab_document::Document;
use winlab_fake_linux::LinuxHost;
use winlab_fake_windows::WindowsHost;
use winlab_host::Boundary as _;
use winlab_host::linux::LinuxEvent;
use winlab_host::system::SystemEvent;

use crate::host::Host;
use crate::programs::Making;

/// Components that run in containers; CoreDNS, which packets meet, is in `servers`.
const COMPONENTS: [&str; 2] = ["flanneld", "kube-proxy"];

/// The running ones of one node, by container.
#[derive(Clone, Default)]
pub(crate) struct ComponentContainers(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: BTreeMap<String, Running>,
    /// How often each component was started: a restart draws from another seed.
    starts: BTreeMap<String, u32>,
}

struct Running {
    component: String,
    process: Process,
    task: AbortHandle,
    _stop: StopHandle,
}

/// A container's process in its fake.
#[derive(Clone)]
enum Process {
    Windows(Arc<WindowsHost>, u32),
    Linux(Arc<LinuxHost>, String),
}

impl Process {
    fn writes(&self, line: &str) {
        let text = format!("{line}\n");
        match self {
            Self::Windows(host, pid) => host.process_writes(*pid, text.as_bytes()),
            Self::Linux(host, id) => host.container_writes(id, text.as_bytes()),
        }
    }

    fn ends(&self, exit: Exit) {
        match self {
            Self::Windows(host, pid) => host.process_ends(*pid, exit.0.cast_unsigned()),
            Self::Linux(host, id) => host.container_ends(id, exit.0),
        }
    }

    /// As `taskkill /f` and `kill -9` end it.
    fn kill(&self) {
        match self {
            Self::Windows(host, pid) => host.process_ends(*pid, 1),
            Self::Linux(host, id) => host.container_ends(id, 137),
        }
    }
}

/// A component's log goes where it always goes, and to its container's output.
struct ContainerLog {
    inner: Arc<dyn LogSink>,
    process: Process,
}

impl LogSink for ContainerLog {
    fn wants(&self, level: Level) -> bool {
        self.inner.wants(level)
    }

    fn line(&self, node: &str, component: &str, level: Level, text: &str) {
        self.inner.line(node, component, level, text);
        self.process.writes(text);
    }
}

/// A container that has begun to run a component.
struct Started {
    container: String,
    component: String,
    version: String,
    command: CommandLine,
    process: Process,
    /// Whether it is in the host's network.
    host_network: bool,
}

impl ComponentContainers {
    /// Runs the components of a node's containers from now on, for as long as the containers run.
    pub(crate) fn follow(host: &Host, making: Arc<Making>, programs: Programs) -> Self {
        let this = Self::default();
        let follower = this.clone();
        match host.clone() {
            Host::Windows(host) => {
                let mut events = host.system().events();
                tokio::spawn(async move {
                    while let Some(event) = events.next().await {
                        follower.on_windows(&host, &making, &programs, event);
                    }
                });
            }
            Host::Linux(host) => {
                let mut events = host.host().events();
                tokio::spawn(async move {
                    while let Some(event) = events.next().await {
                        follower.on_linux(&host, &making, &programs, event);
                    }
                });
            }
        }
        this
    }

    fn on_windows(
        &self,
        host: &Arc<WindowsHost>,
        making: &Arc<Making>,
        programs: &Programs,
        event: SystemEvent,
    ) {
        match event {
            SystemEvent::ComponentStarted { job, pid, component, version, command_line, environment }
                if COMPONENTS.contains(&component.as_str()) =>
            {
                let started = Started {
                    container: job,
                    component,
                    version,
                    command: CommandLine::parse(&command_line).with_environment(texts(&environment)),
                    process: Process::Windows(host.clone(), pid),
                    host_network: true,
                };
                self.start(making, programs, started);
            }
            SystemEvent::ComponentStopped { job, .. } => self.end(&job),
            _ => {}
        }
    }

    fn on_linux(&self, host: &Arc<LinuxHost>, making: &Arc<Making>, programs: &Programs, event: LinuxEvent) {
        match event {
            LinuxEvent::ContainerStarted { id, component, version, namespace, args, environment }
                if COMPONENTS.contains(&component.as_str()) =>
            {
                let started = Started {
                    process: Process::Linux(host.clone(), id.clone()),
                    container: id,
                    component,
                    version,
                    command: CommandLine::from_words(args).with_environment(texts(&environment)),
                    host_network: namespace.is_empty(),
                };
                self.start(making, programs, started);
            }
            LinuxEvent::ContainerExited { id, .. } => self.end(&id),
            _ => {}
        }
    }

    fn start(&self, making: &Making, programs: &Programs, started: Started) {
        let Started { container, component, version, command, process, host_network } = started;
        if let Ok(version) = version.parse() {
            making.versions.set(&component, version);
        }
        let starts = {
            let mut state = self.lock();
            let starts = state.starts.entry(component.clone()).or_default();
            *starts += 1;
            *starts
        };
        let (handle, stop) = Stop::new();
        let context = context(making, &component, starts, command, stop, &container, &process);
        let run = run(programs.clone(), component.clone(), context, host_network);
        let (ending, this, of) = (process.clone(), self.clone(), container.clone());
        let task = tokio::spawn(async move {
            let exit = run.await;
            // Forgotten first: its end must not abort this task.
            this.lock().running.remove(&of);
            ending.ends(exit);
        });
        let running = Running { component, process, task: task.abort_handle(), _stop: handle };
        self.lock().running.insert(container, running);
    }

    /// A container has ended: its component with it.
    fn end(&self, container: &str) {
        if let Some(running) = self.lock().running.remove(container) {
            running.task.abort();
        }
    }

    /// Ends a component's process without asking it. Whether it ran.
    pub(crate) fn kill(&self, component: &str) -> bool {
        let process = {
            let state = self.lock();
            let found = state.running.values().find(|running| running.component == component);
            found.map(|running| running.process.clone())
        };
        let Some(process) = process else { return false };
        process.kill();
        true
    }

    /// The power is gone: every component ends, and nobody hears of it.
    pub(crate) fn power_off(&self) {
        for running in std::mem::take(&mut self.lock().running).into_values() {
            running.task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The context of a component in a container.
fn context(
    making: &Making,
    component: &str,
    starts: u32,
    command: CommandLine,
    stop: Stop,
    container: &str,
    process: &Process,
) -> Context {
    let log = ContainerLog { inner: making.logs.clone(), process: process.clone() };
    Context {
        client: making.client(component),
        machine: making.machine.inside(container),
        log: Log::new(Arc::new(log), &making.node, component),
        ..making.context(component, starts, command, stop)
    }
}

/// The image's start script, if it has one, then the program that the command line names.
async fn run(programs: Programs, component: String, mut context: Context, host_network: bool) -> Exit {
    if !host_network {
        let text = format!("not modelled: {component} in a network namespace of its own; set hostNetwork");
        context.log.error(text);
        return Exit::FAILURE;
    }
    match winlab_kubeadm::start_script::resolve(&component, &context).await {
        Ok(command) => context.command = command,
        Err(error) => {
            context.log.error(error);
            return Exit::FAILURE;
        }
    }
    let (program, log) = (context.command.program_name(), context.log.clone());
    match programs.start(&program, context) {
        Some(run) => run.await,
        None => {
            log.error(format_args!("exec: {program:?}: executable file not found"));
            Exit(127)
        }
    }
}

fn texts(object: &Document) -> BTreeMap<String, String> {
    let text = |value: &Document| value.as_str().unwrap_or_default().to_owned();
    object.members().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}
