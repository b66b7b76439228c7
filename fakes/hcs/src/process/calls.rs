//! The calls on processes of compute systems, and what runs for the data plane.

use winlab_document::Document;
use winlab_host::compute::{
    Answer, Call, CreateProcess, GetProcessInfo, GetProcessProperties, ModifyProcess, OpenProcess,
    OutputStream, ReadProcessOutput, SignalProcess, StreamChunk, TerminateProcess, WriteProcessInput,
};
use winlab_host::{Fault, Guid, HResult, Listener};

use super::end::{ERROR_PROCESS_ABORTED, Signal};
use super::record::{Owner, Process, RunningProgram};
use crate::hcs::Hcs;
use crate::host::Host;

/// The first build whose containers take signals (hcsshim `internal/hcs/process.go`).
const SIGNALS_SINCE: u32 = 17763;

impl Hcs {
    /// The calls on processes.
    pub(crate) fn handle_process(&mut self, call: Call, host: &mut dyn Host) -> Result<Answer, Fault> {
        match call {
            Call::CreateProcess(CreateProcess { id, parameters }) => {
                self.require_running(&id)?;
                self.create_process(Owner::System(id), &parameters, host).map(Answer::CreateProcess)
            }
            Call::OpenProcess(OpenProcess { id, pid }) => {
                self.live(&id)?;
                self.process_of(&id, pid).map(|_| Answer::OpenProcess(()))
            }
            Call::TerminateProcess(TerminateProcess { id, pid }) => {
                self.process_of(&id, pid)?;
                self.terminate_process(pid, ERROR_PROCESS_ABORTED, host).map(Answer::TerminateProcess)
            }
            Call::SignalProcess(SignalProcess { id, pid, options }) => {
                self.process_of(&id, pid)?;
                self.signal_process(pid, options.text(&["Signal"]), host).map(Answer::SignalProcess)
            }
            Call::GetProcessInfo(GetProcessInfo { id, pid }) => {
                self.process_of(&id, pid).map(|process| Answer::GetProcessInfo(process.information()))
            }
            Call::GetProcessProperties(GetProcessProperties { id, pid }) => {
                self.process_of(&id, pid).map(|process| Answer::GetProcessProperties(process.status()))
            }
            Call::ModifyProcess(ModifyProcess { id, pid, settings }) => {
                self.process_of(&id, pid)?;
                self.modify_process(pid, &settings, host).map(Answer::ModifyProcess)
            }
            Call::ReadProcessOutput(ReadProcessOutput { id, pid, stream }) => {
                self.process_of(&id, pid)?;
                self.read_output(pid, stream).map(Answer::ReadProcessOutput)
            }
            Call::WriteProcessInput(WriteProcessInput { id, pid, bytes }) => {
                self.process_of(&id, pid)?;
                self.write_input(pid, &bytes, host).map(Answer::WriteProcessInput)
            }
            _ => unreachable!("`Hcs::handle` gives this group its own calls"),
        }
    }

    /// A process of a system, running or ended.
    fn process_of(&self, id: &str, pid: u32) -> Result<&Process, Fault> {
        if !self.systems.contains_key(id) {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND));
        }
        self.processes
            .get(&pid)
            .filter(|process| process.owner == Owner::System(id.to_owned()))
            .ok_or(Fault::new(HResult::ERROR_NOT_FOUND))
    }

    /// Sends a signal by its name.
    pub(crate) fn signal_process(&mut self, pid: u32, name: &str, host: &mut dyn Host) -> Result<(), Fault> {
        if self.config.build.0 < SIGNALS_SINCE {
            return Err(Fault::new(HResult::ERROR_NOT_SUPPORTED));
        }
        let signal = Signal::parse(name).ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON))?;
        let process = self.processes.get(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        if process.ended.is_some() {
            return Err(Fault::new(HResult::HCS_E_PROCESS_ALREADY_STOPPED));
        }
        self.deliver_signal(pid, signal, host);
        Ok(())
    }

    /// `ConsoleSize` has no effect on what is modelled; `CloseHandle` ends a stream.
    fn modify_process(&mut self, pid: u32, settings: &Document, host: &mut dyn Host) -> Result<(), Fault> {
        let process = self.processes.get_mut(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        match settings.text(&["Operation"]) {
            "ConsoleSize" => Ok(()),
            "CloseHandle" => {
                let handle = settings.text(&["CloseHandle", "Handle"]);
                if !matches!(handle, "StdIn" | "StdOut" | "StdErr" | "All") {
                    return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON));
                }
                if matches!(handle, "StdOut" | "All") {
                    process.stdout.close();
                }
                if matches!(handle, "StdErr" | "All") {
                    process.stderr.close();
                }
                if matches!(handle, "StdIn" | "All") {
                    self.close_input(pid, host)?;
                }
                Ok(())
            }
            _ => Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON)),
        }
    }

    pub(crate) fn read_output(&mut self, pid: u32, stream: OutputStream) -> Result<StreamChunk, Fault> {
        let process = self.processes.get_mut(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        Ok(match stream {
            OutputStream::Stdout => process.stdout.read(),
            OutputStream::Stderr => process.stderr.read(),
        })
    }

    /// Input for a process: `E_HANDLE` of one that has no pipe for it or has ended.
    pub(crate) fn write_input(&mut self, pid: u32, bytes: &[u8], host: &mut dyn Host) -> Result<(), Fault> {
        let process = self.processes.get_mut(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        let ended = process.ended.is_some();
        let input = process
            .stdin
            .as_mut()
            .filter(|input| !input.is_closed && !ended)
            .ok_or(Fault::new(HResult::E_HANDLE))?;
        input.bytes.extend_from_slice(bytes);
        self.read_input(pid, host);
        Ok(())
    }

    /// A process's input ends; one that has none has nothing to end.
    pub(crate) fn close_input(&mut self, pid: u32, host: &mut dyn Host) -> Result<(), Fault> {
        let process = self.processes.get_mut(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        if let Some(input) = &mut process.stdin {
            input.is_closed = true;
            self.read_input(pid, host);
        }
        Ok(())
    }

    /// Every process that runs on the host, by process id.
    pub fn programs(&self) -> impl Iterator<Item = RunningProgram<'_>> {
        self.processes.values().filter(|process| process.ended.is_none()).map(|process| {
            let (compartment, namespace) = match &process.owner {
                Owner::System(id) => self.systems.get(id).map_or((0, Guid::NIL), |system| {
                    (system.compartment, system.namespace.unwrap_or_default())
                }),
                Owner::Job(_) => (1, Guid::NIL),
            };
            RunningProgram {
                container: process.owner.container(),
                compartment,
                namespace,
                pid: process.pid,
                listening: process.listening(),
                environment: &process.environment,
                program: process.program.as_ref(),
            }
        })
    }

    /// What processes of the host itself listen on.
    pub fn host_listeners(&self) -> impl Iterator<Item = Listener> {
        let pids = self.jobs.values().flat_map(|job| &job.processes);
        pids.filter_map(|pid| self.processes.get(pid)).flat_map(Process::listening)
    }

    /// The program a container was made for, running or not: the content of its image.
    #[must_use]
    pub fn program_of(&self, container: &str) -> Option<&winlab_host::Program> {
        self.systems
            .get(container)
            .map(|system| system.program.as_ref())
            .or_else(|| self.jobs.get(container).map(|job| job.program.as_ref()))?
    }
}
