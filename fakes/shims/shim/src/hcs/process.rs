//! Processes of compute systems: handles and the calls on them.

use std::sync::{Arc, Mutex, PoisonError};

use super::stdio::{self, Streams};
use crate::fault::{Fault, ERROR_NOT_FOUND};
use crate::handle::Handles;
use crate::json::{Json, Object};
use crate::wire::Service;

/// `HCS_PROCESS_INFORMATION`: the number, and the client's ends of the pipes, 0 where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct ProcessInformation {
    /// The process's number, unique on the host.
    pub pid: u32,
    reserved: u32,
    /// Its standard input, to write to.
    pub stdin: usize,
    /// Its standard output, to read from.
    pub stdout: usize,
    /// Its standard error, to read from.
    pub stderr: usize,
}

impl ProcessInformation {
    /// Of a process whose pipes nobody gets.
    #[must_use]
    pub fn without_pipes(pid: u32) -> Self {
        Self { pid, ..Self::default() }
    }
}

/// What a process handle stands for. Its number is not known while its creation is under way.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its compute system.
    pub system: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    pid: Option<u32>,
    /// Whether the client has the pipes: what is read from a stream is gone, so there is one set of them.
    connected: bool,
}

static PROCESSES: Handles<Process> = Handles::new();

/// The process a handle stands for.
///
/// # Errors
/// `E_HANDLE` where it stands for none.
pub fn opened(handle: usize) -> Result<Process, Fault> {
    PROCESSES.get(handle).ok_or_else(Fault::no_handle)
}

/// A handle for a process.
#[must_use]
pub fn hand_out(process: Process) -> usize {
    PROCESSES.open(process)
}

/// Closes a handle.
///
/// # Errors
/// `E_HANDLE` where there is no such handle.
pub fn close(handle: usize) -> Result<(), Fault> {
    PROCESSES.close(handle).map(drop).ok_or_else(Fault::no_handle)
}

impl Process {
    /// A process whose creation is under way.
    #[must_use]
    pub fn starting(system: String) -> Self {
        Self { system, state: Arc::default() }
    }

    /// A process that is there already.
    ///
    /// # Errors
    /// HCS's fault.
    pub fn open(system: String, pid: u32) -> Result<Self, Fault> {
        Service::Hcs.call("HcsOpenProcess", Object::new().string("id", &system).number("pid", pid.into()))?;
        let process = Self::starting(system);
        process.lock().pid = Some(pid);
        Ok(process)
    }

    /// Starts it.
    ///
    /// # Errors
    /// HCS's fault.
    pub fn start(&self, parameters: &str) -> Result<ProcessInformation, Fault> {
        let arguments = Object::new().string("id", &self.system).string("parameters_text", parameters);
        let result = Service::Hcs.call("HcsCreateProcess", arguments)?;
        self.information_of(&result)
    }

    /// Its number and its pipes, which only the first who asks gets.
    ///
    /// # Errors
    /// HCS's fault.
    pub fn information(&self) -> Result<ProcessInformation, Fault> {
        let result = Service::Hcs.call("HcsGetProcessInfo", self.arguments()?)?;
        self.information_of(&result)
    }

    /// A call on it with one document, or with none.
    ///
    /// # Errors
    /// HCS's fault.
    pub fn call(&self, function: &str, document: Option<(&str, &str)>) -> Result<String, Fault> {
        let arguments = self.arguments()?;
        let arguments = match document {
            Some((name, text)) => arguments.string(name, text),
            None => arguments,
        };
        Service::Hcs.call(function, arguments)
    }

    /// Its number, once it has one.
    ///
    /// # Errors
    /// `ERROR_NOT_FOUND` before.
    pub fn pid(&self) -> Result<u32, Fault> {
        self.lock().pid.ok_or_else(|| Fault::new(ERROR_NOT_FOUND, "Element not found."))
    }

    fn arguments(&self) -> Result<Object, Fault> {
        Ok(Object::new().string("id", &self.system).number("pid", self.pid()?.into()))
    }

    fn information_of(&self, result: &str) -> Result<ProcessInformation, Fault> {
        let json = Json::parse(result).ok_or_else(Fault::protocol)?;
        let has = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or(false);
        let pid = json.get("pid").and_then(Json::as_u64).and_then(|pid| u32::try_from(pid).ok());
        let pid = pid.ok_or_else(Fault::protocol)?;
        let mut information = ProcessInformation::without_pipes(pid);
        let mut state = self.lock();
        state.pid = Some(pid);
        if !std::mem::replace(&mut state.connected, true) {
            drop(state);
            let wanted = Streams { stdin: has("stdin"), stdout: has("stdout"), stderr: has("stderr") };
            let pipes = stdio::connect(&self.system, pid, wanted)?;
            information.stdin = pipes.stdin;
            information.stdout = pipes.stdout;
            information.stderr = pipes.stderr;
        }
        Ok(information)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
