//! One process.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_host::compute::ProcessInformation;
use winlab_host::{Guid, Listener, Program};

use super::streams::Stream;
use crate::command::Part;
use crate::host::Invocation;

/// Whose process it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A compute system's.
    System(String),
    /// The host's, in a job object; an empty name: in none.
    Job(String),
}

impl Owner {
    /// The container it belongs to.
    pub(crate) fn container(&self) -> &str {
        let (Self::System(name) | Self::Job(name)) = self;
        name
    }
}

/// A process, running or ended.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) owner: Owner,
    pub(crate) image_name: String,
    pub(crate) user: String,
    pub(crate) working_directory: String,
    pub(crate) command_line: String,
    pub(crate) environment: BTreeMap<String, String>,
    /// The program it is, or that its shell runs at this moment.
    pub(crate) program: Option<Program>,
    pub(crate) is_ready: bool,
    pub(crate) started: (VirtualInstant, Timestamp),
    pub(crate) ended: Option<(VirtualInstant, u32)>,
    pub(crate) stdin: Option<Input>,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    /// Bytes it uses while it runs.
    pub(crate) memory: u64,
    /// Commands of a shell that are still to come, and how the one before ended.
    pub(crate) script: VecDeque<Part>,
    /// The command of the shell that runs now.
    pub(crate) current: Option<Part>,
    /// What a piped command reads.
    pub(crate) piped: Vec<u8>,
    /// A shell without `/c`: it goes on until its input ends.
    pub(crate) is_interactive: bool,
    /// Whether a command of a shell runs that takes time.
    pub(crate) is_busy: bool,
    pub(crate) error_level: u32,
    /// A command that writes line after line.
    pub(crate) repeating: Option<Repeating>,
    /// Whether it is `cmd`, which knows commands that are no executables.
    pub(crate) in_shell: bool,
}

/// Input that nobody has read yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_closed: bool,
}

/// What is left of a command that writes line after line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repeating {
    pub(crate) line: Vec<u8>,
    pub(crate) every: VirtualSpan,
    pub(crate) left: Option<u32>,
    pub(crate) tail: Vec<u8>,
}

impl Process {
    /// What it uses, while it runs.
    pub(crate) fn memory_in_use(&self) -> Option<u64> {
        self.ended.is_none().then_some(self.memory)
    }

    /// How long it has run, or ran.
    pub(crate) fn run_time(&self, now: VirtualInstant) -> VirtualSpan {
        self.ended.map_or(now, |(at, _)| at).since(self.started.0)
    }

    /// `HCS_PROCESS_INFORMATION`
    pub(crate) fn information(&self) -> ProcessInformation {
        ProcessInformation {
            pid: self.pid,
            stdin: self.stdin.is_some(),
            stdout: self.stdout.is_kept(),
            stderr: self.stderr.is_kept(),
        }
    }

    /// `ProcessStatus`
    pub(crate) fn status(&self) -> Document {
        let exit_code = self.ended.map_or(0, |(_, code)| code);
        doc!({"ProcessId": self.pid, "Exited": self.ended.is_some(), "ExitCode": exit_code, "LastWaitResult": 0})
    }

    /// What it listens on at this moment.
    pub(crate) fn listening(&self) -> Vec<Listener> {
        self.program
            .as_ref()
            .filter(|_| self.is_ready)
            .map_or_else(Vec::new, |program| program.listen.clone())
    }
}

/// A process that runs: what a packet can meet.
#[derive(Debug, Clone)]
pub struct RunningProgram<'a> {
    /// Its compute system or job object; empty: a process of the host in no job.
    pub container: &'a str,
    /// Its compartment: 1 is the host's, 0 a container's without a network.
    pub compartment: u32,
    /// Its HNS namespace; nil of none.
    pub namespace: Guid,
    /// Its process.
    pub pid: u32,
    /// What it listens on at this moment.
    pub listening: Vec<Listener>,
    /// Its environment.
    pub environment: &'a BTreeMap<String, String>,
    /// How it behaves; `None` of a command that is no program of the lab.
    pub program: Option<&'a Program>,
}

/// A command that asks the network, and the process that waits for the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalCommand {
    /// The process.
    pub pid: u32,
    /// What it asks.
    pub invocation: Invocation,
}
