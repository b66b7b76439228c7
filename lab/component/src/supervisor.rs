//! The process launcher of a node: runs what its service manager starts.
//!
//! ```text
//! service manager ──ServiceStarting──▶ supervisor ──spawns──▶ program(Context)
//!        ▲                                │                        │ ends
//!        └─────── SetServiceStatus ◀──────┴────────────────────────┘
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use tokio::task::AbortHandle;
use winlab_host::linux::{LinuxEvent, ReportUnit, UnitState, UnitStatus};
use winlab_host::system::{ServiceControl, ServiceState, ServiceStatus, SetServiceStatus, SystemEvent};
use winlab_host::{Ask, EventStream};

use crate::context::Context;
use crate::machine::Machine;
use crate::program::{CommandLine, Exit, Programs};
use crate::stop::{Stop, StopHandle};

/// Makes the context a service's program runs in: its client, its seed, its log. The number counts the starts of that
/// service, from 1, so that a restart draws other random numbers.
type MakeContext = Arc<dyn Fn(&str, u32, CommandLine, Stop) -> Context + Send + Sync>;

/// Runs the programs of one node's services.
#[derive(Clone)]
pub struct Supervisor(Arc<Inner>);

struct Inner {
    machine: Machine,
    programs: Programs,
    make_context: MakeContext,
    running: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    starts: u32,
    stop: StopHandle,
    task: AbortHandle,
}

/// Win32's code for a program that cannot be found; what the service control manager reports then.
const ERROR_FILE_NOT_FOUND: u32 = 2;
/// Win32's code for a service whose program ended with a code of its own.
const ERROR_SERVICE_SPECIFIC_ERROR: u32 = 1066;
/// Win32's code for a service whose process ended without a word.
const ERROR_PROCESS_ABORTED: u32 = 1067;

impl Supervisor {
    /// Listens to the machine's service manager from now on, for as long as the runtime lives.
    pub fn start(
        machine: Machine,
        programs: Programs,
        make_context: impl Fn(&str, u32, CommandLine, Stop) -> Context + Send + Sync + 'static,
    ) -> Self {
        let inner = Inner {
            machine,
            programs,
            make_context: Arc::new(make_context),
            running: Mutex::new(BTreeMap::new()),
        };
        let this = Self(Arc::new(inner));
        match this.0.machine.clone() {
            // Subscribed here and not when the task first runs: a start that comes before must not be lost.
            Machine::Windows(machine) => tokio::spawn(this.clone().serve_scm(machine.system.events())),
            Machine::Linux(host) => tokio::spawn(this.clone().serve_units(host.events())),
        };
        this
    }

    /// Ends a service's program without asking it, as `taskkill /f` or `kill -9` do. Whether it ran.
    pub async fn kill(&self, service: &str) -> bool {
        match self.running().get(service) {
            Some(running) if !running.task.is_finished() => running.task.abort(),
            _ => return false,
        }
        self.report_aborted(service).await;
        true
    }

    /// Ends every program without asking and without a report: the power is gone.
    pub fn power_off(&self) {
        for running in self.running().values() {
            running.task.abort();
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Running>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve_scm(self, mut events: EventStream<SystemEvent>) {
        while let Some(event) = events.next().await {
            match event {
                SystemEvent::ServiceStarting { name, command_line, .. } => {
                    self.launch(&name, CommandLine::parse(&command_line)).await;
                }
                SystemEvent::ServiceControlled {
                    name,
                    control: ServiceControl::Stop | ServiceControl::Shutdown | ServiceControl::Preshutdown,
                } => self.ask_to_stop(&name),
                _ => {}
            }
        }
    }

    async fn serve_units(self, mut events: EventStream<LinuxEvent>) {
        while let Some(event) = events.next().await {
            match event {
                LinuxEvent::UnitStarting { name, exec_start } => {
                    self.launch(&name, CommandLine::parse(&exec_start)).await;
                }
                LinuxEvent::UnitStopping { name } => self.ask_to_stop(&name),
                _ => {}
            }
        }
    }

    fn ask_to_stop(&self, service: &str) {
        if let Some(running) = self.running().get(service) {
            running.stop.ask();
        }
    }

    async fn launch(&self, service: &str, command: CommandLine) {
        let starts = self.running().get(service).map_or(0, |running| running.starts) + 1;
        let (handle, stop) = Stop::new();
        let program = command.program_name();
        let context = (self.0.make_context)(service, starts, command, stop);
        let Some(run) = self.0.programs.start(&program, context) else {
            self.report(service, ServiceState::Stopped, ERROR_FILE_NOT_FOUND, 0).await;
            return;
        };
        self.report(service, ServiceState::Running, 0, 0).await;
        let task = tokio::spawn(self.clone().run(service.to_owned(), starts, run)).abort_handle();
        self.running().insert(service.to_owned(), Running { starts, stop: handle, task });
    }

    /// Runs a program to its end and reports it, unless another start has taken its place.
    async fn run(self, service: String, starts: u32, run: impl Future<Output = Exit>) {
        let Exit(code) = run.await;
        let asked = {
            let running = self.running();
            match running.get(&service) {
                Some(current) if current.starts == starts => current.stop.is_asked(),
                _ => return,
            }
        };
        match (asked, code) {
            (true, _) | (false, 0) => self.report(&service, ServiceState::Stopped, 0, 0).await,
            (false, code) => {
                let specific = u32::try_from(code).unwrap_or(1);
                self.report(&service, ServiceState::Stopped, ERROR_SERVICE_SPECIFIC_ERROR, specific).await;
            }
        }
    }

    async fn report_aborted(&self, service: &str) {
        self.report(service, ServiceState::Stopped, ERROR_PROCESS_ABORTED, 0).await;
    }

    /// Tells the service manager. A service that was removed meanwhile has nobody to tell.
    async fn report(&self, service: &str, state: ServiceState, exit_code: u32, specific: u32) {
        match &self.0.machine {
            Machine::Windows(machine) => {
                let name = service.to_owned();
                let status = ServiceStatus {
                    name: name.clone(),
                    state,
                    exit_code,
                    specific_exit_code: specific,
                    pid: 0,
                };
                let _ = machine.system.ask(SetServiceStatus { name, status }).await;
            }
            Machine::Linux(host) => {
                let exit_code = i32::try_from(if specific == 0 { exit_code } else { specific }).unwrap_or(1);
                let state = match (state, exit_code) {
                    (ServiceState::Running, _) => UnitState::Active,
                    (_, 0) => UnitState::Inactive,
                    _ => UnitState::Failed,
                };
                let status = UnitStatus { name: service.to_owned(), state, exit_code };
                let _ = host.ask(ReportUnit { status }).await;
            }
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor").field("programs", &self.0.programs).finish_non_exhaustive()
    }
}
