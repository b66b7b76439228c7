//! How processes end: by themselves, by a signal, by force.

use winlab_host::compute::{ComputeEvent, ComputeEventKind};
use winlab_host::{Fault, HResult};

use super::record::Owner;
use super::run::is_component;
use crate::hcs::Hcs;
use crate::host::Host;
use crate::job::JobEvent;

/// Exit code of a process that was ended from outside (hcsshim's functional tests expect it of containers).
pub(crate) const ERROR_PROCESS_ABORTED: u32 = 1067;
/// Exit code of a console program without a handler that gets a console signal.
const STATUS_CONTROL_C_EXIT: u32 = 0xc000_013a;

/// Console signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    CtrlC,
    CtrlBreak,
    CtrlClose,
    CtrlLogOff,
    CtrlShutdown,
}

impl Signal {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            // Without a name HCS sends CtrlShutdown.
            "" | "CtrlShutdown" => Self::CtrlShutdown,
            "CtrlC" => Self::CtrlC,
            "CtrlBreak" => Self::CtrlBreak,
            "CtrlClose" => Self::CtrlClose,
            "CtrlLogOff" => Self::CtrlLogOff,
            _ => return None,
        })
    }
}

impl Hcs {
    /// A process gets a signal: a program that ignores requests to end goes on after any but `CtrlBreak`, which no
    /// handler may refuse here.
    pub(crate) fn deliver_signal(&mut self, pid: u32, signal: Signal, host: &mut dyn Host) {
        let ignores = self
            .processes
            .get(&pid)
            .and_then(|process| process.program.as_ref())
            .is_some_and(|program| program.ignores_shutdown);
        if !ignores || signal == Signal::CtrlBreak {
            self.process_exits(pid, STATUS_CONTROL_C_EXIT, host);
        }
    }

    /// A process has ended, with what that means for its streams, its listeners and its compute system.
    pub(crate) fn process_exits(&mut self, pid: u32, code: u32, host: &mut dyn Host) {
        let Some(process) = self.processes.get_mut(&pid).filter(|process| process.ended.is_none()) else {
            return;
        };
        process.ended = Some((host.now(), code));
        let was_component = is_component(process);
        process.is_ready = false;
        process.program = None;
        process.script.clear();
        process.current = None;
        process.repeating = None;
        // Probes start a process every few seconds: what ended keeps only what can still be asked for.
        process.environment.clear();
        process.command_line = String::new();
        process.piped = Vec::new();
        process.stdout.end();
        process.stderr.end();
        let (owner, status) = (process.owner.clone(), process.status());
        self.timers.forget_process(pid);
        self.external.retain(|command| command.pid != pid);
        match owner {
            Owner::System(system) => {
                self.events.push(ComputeEvent {
                    kind: ComputeEventKind::ProcessExited,
                    system: system.clone(),
                    pid,
                    status: HResult::S_OK,
                    data: status,
                });
                self.system_may_end(&system, host);
            }
            Owner::Job(job) => {
                if was_component {
                    self.job_events.push(JobEvent::ComponentStopped { job: job.clone(), pid });
                }
                self.job_events.push(JobEvent::Exited { job, pid, exit_code: code });
            }
        }
    }

    /// Ends a process by force.
    pub(crate) fn terminate_process(
        &mut self,
        pid: u32,
        code: u32,
        host: &mut dyn Host,
    ) -> Result<(), Fault> {
        let process = self.processes.get(&pid).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        if process.ended.is_some() {
            // hcsshim takes "Access is denied." for a process that has ended already.
            return Err(Fault::new(HResult::E_ACCESSDENIED));
        }
        self.process_exits(pid, code, host);
        Ok(())
    }

    pub(crate) fn output_event(&mut self, pid: u32) {
        let Some(process) = self.processes.get(&pid) else { return };
        match &process.owner {
            Owner::System(system) => self.events.push(ComputeEvent {
                kind: ComputeEventKind::ProcessOutput,
                system: system.clone(),
                pid,
                status: HResult::S_OK,
                data: winlab_document::Document::Null,
            }),
            Owner::Job(job) => self.job_events.push(JobEvent::Output { job: job.clone(), pid }),
        }
    }

    /// Processes of a system that run, oldest first.
    pub(crate) fn running_processes(&self, id: &str) -> Vec<u32> {
        let all = self.systems.get(id).map_or(&[][..], |system| &system.processes);
        all.iter().copied().filter(|pid| self.processes.get(pid).is_some_and(|p| p.ended.is_none())).collect()
    }
}
