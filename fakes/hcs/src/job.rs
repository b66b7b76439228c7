//! Job objects and processes of the host itself.
//!
//! A HostProcess container is no compute system: hcsshim makes a job object and starts its processes on the host
//! (`internal/jobcontainers`), in the host's compartment, with the host's registry and files. What such a process is
//! comes from the layers of the job's root file system, or from a file of the host.

use jiff::Timestamp;
use winlab_clock::VirtualInstant;
use winlab_document::{Document, doc};
use winlab_host::system::{
    Answer, Call, CloseJobObject, CloseJobProcessInput, CreateJobObject, CreateJobProcess,
    GetJobProcessStatus, QueryJobObject, ReadJobProcessOutput, SignalJobProcess, TerminateJobObject,
    TerminateJobProcess, WriteJobProcessInput,
};
use winlab_host::{Fault, HResult, Program};

use crate::hcs::Hcs;
use crate::host::{ContainerSetup, Host};
use crate::process::Owner;
use crate::system::{find_program, read_container};

/// What listeners of the host's own processes hear.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    /// A process has begun to run a component.
    ComponentStarted {
        /// Its job object.
        job: String,
        /// The process.
        pid: u32,
        /// The component, as its image names it.
        component: String,
        /// The component's version.
        version: String,
        /// Its command line.
        command_line: String,
        /// Its environment.
        environment: Document,
    },
    /// Such a process has ended.
    ComponentStopped {
        /// Its job object.
        job: String,
        /// The process.
        pid: u32,
    },
    /// A process has ended.
    Exited {
        /// Its job object; empty of none.
        job: String,
        /// The process.
        pid: u32,
        /// Its exit code.
        exit_code: u32,
    },
    /// A process has written something.
    Output {
        /// Its job object; empty of none.
        job: String,
        /// The process.
        pid: u32,
    },
}

/// A job object; the one without a name holds processes that are in none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Job {
    pub(crate) program: Option<Program>,
    pub(crate) memory_limit: u64,
    pub(crate) processes: Vec<u32>,
    pub(crate) made: Option<(VirtualInstant, Timestamp)>,
    /// Whether it has a root file system of its own.
    pub(crate) has_files: bool,
}

impl Hcs {
    /// The calls of the system that are about processes and job objects; `None` of any other.
    ///
    /// They need no service: job objects are the kernel's.
    pub fn handle_job(&mut self, call: &Call, host: &mut dyn Host) -> Option<Result<Answer, Fault>> {
        Some(match call {
            Call::CreateJobObject(CreateJobObject { name, settings }) => {
                self.create_job(name, settings, host).map(Answer::CreateJobObject)
            }
            Call::CreateJobProcess(CreateJobProcess { job, parameters }) => {
                self.create_job_process(job, parameters, host).map(Answer::CreateJobProcess)
            }
            Call::SignalJobProcess(SignalJobProcess { pid, signal }) => self
                .require_job_process(*pid)
                .and_then(|()| self.signal_process(*pid, signal, host))
                .map(Answer::SignalJobProcess),
            Call::TerminateJobProcess(TerminateJobProcess { pid, exit_code }) => self
                .require_job_process(*pid)
                .and_then(|()| self.terminate_process(*pid, *exit_code, host))
                .map(Answer::TerminateJobProcess),
            Call::GetJobProcessStatus(GetJobProcessStatus { pid }) => self
                .require_job_process(*pid)
                .map(|()| Answer::GetJobProcessStatus(self.processes[pid].status())),
            Call::ReadJobProcessOutput(ReadJobProcessOutput { pid, stream }) => self
                .require_job_process(*pid)
                .and_then(|()| self.read_output(*pid, *stream))
                .map(Answer::ReadJobProcessOutput),
            Call::WriteJobProcessInput(WriteJobProcessInput { pid, bytes }) => self
                .require_job_process(*pid)
                .and_then(|()| self.write_input(*pid, bytes, host))
                .map(Answer::WriteJobProcessInput),
            Call::CloseJobProcessInput(CloseJobProcessInput { pid }) => self
                .require_job_process(*pid)
                .and_then(|()| self.close_input(*pid, host))
                .map(Answer::CloseJobProcessInput),
            Call::TerminateJobObject(TerminateJobObject { name, exit_code }) => {
                self.terminate_job(name, *exit_code, host).map(Answer::TerminateJobObject)
            }
            Call::QueryJobObject(QueryJobObject { name }) => {
                self.query_job(name, host).map(Answer::QueryJobObject)
            }
            Call::CloseJobObject(CloseJobObject { name }) => {
                self.close_job(name, host).map(Answer::CloseJobObject)
            }
            _ => return None,
        })
    }

    /// Whether a process is one of the host's own that this part knows.
    #[must_use]
    pub fn has_job_process(&self, pid: u32) -> bool {
        self.processes.get(&pid).is_some_and(|process| matches!(process.owner, Owner::Job(_)))
    }

    fn require_job_process(&self, pid: u32) -> Result<(), Fault> {
        // OpenProcess of an id that nobody has fails with ERROR_INVALID_PARAMETER.
        if self.has_job_process(pid) { Ok(()) } else { Err(Fault::new(HResult::E_INVALIDARG)) }
    }

    fn job(&self, name: &str) -> Result<&Job, Fault> {
        self.jobs.get(name).filter(|_| !name.is_empty()).ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))
    }

    fn create_job(&mut self, name: &str, settings: &Document, host: &mut dyn Host) -> Result<(), Fault> {
        if name.is_empty() {
            return Err(Fault::new(HResult::E_INVALIDARG));
        }
        if self.jobs.contains_key(name) {
            return Err(Fault::new(HResult::ERROR_ALREADY_EXISTS));
        }
        let spec = if settings.is_null() { None } else { Some(read_container(settings)?) };
        let program = match &spec {
            // The image's build does not matter: its program runs in the host's kernel as the host's programs do.
            Some(spec) => find_program(&spec.layers, host)?,
            None => None,
        };
        let has_files = spec.as_ref().is_some_and(|spec| !spec.layers.is_empty() && !spec.scratch.is_empty());
        if let Some(spec) = spec.as_ref().filter(|_| has_files) {
            let setup = ContainerSetup {
                build: self.config.build,
                host_name: String::new(),
                scratch: spec.scratch.clone(),
                layers: spec.layers.clone(),
                mapped: spec.mapped.clone(),
                registry: Vec::new(),
                dns_search: Vec::new(),
            };
            host.open_job(name, &setup)?;
        }
        let job = Job {
            has_files,
            program,
            memory_limit: spec.map_or(0, |spec| spec.memory_limit),
            processes: Vec::new(),
            made: Some((host.now(), host.date())),
        };
        self.jobs.insert(name.to_owned(), job);
        Ok(())
    }

    fn create_job_process(
        &mut self,
        job: &str,
        parameters: &Document,
        host: &mut dyn Host,
    ) -> Result<winlab_host::compute::ProcessInformation, Fault> {
        if !job.is_empty() {
            self.job(job)?;
        }
        self.create_process(Owner::Job(job.to_owned()), parameters, host)
    }

    fn terminate_job(&mut self, name: &str, exit_code: u32, host: &mut dyn Host) -> Result<(), Fault> {
        for pid in self.job(name)?.processes.clone() {
            self.process_exits(pid, exit_code, host);
        }
        Ok(())
    }

    fn query_job(&mut self, name: &str, host: &mut dyn Host) -> Result<Document, Fault> {
        let job = self.job(name)?;
        let (processes, made) = (job.processes.clone(), job.made);
        Ok(doc!({
            "Statistics": self.figures(&processes, made, host),
            "ProcessList": self.list_processes(&processes),
        }))
    }

    /// Kill on close: hcsshim asks for it of every job it makes. Exit code 1, as its job containers have it.
    fn close_job(&mut self, name: &str, host: &mut dyn Host) -> Result<(), Fault> {
        self.terminate_job(name, 1, host)?;
        if let Some(job) = self.jobs.remove(name) {
            if job.has_files {
                host.close_job(name);
            }
            for pid in job.processes {
                self.processes.remove(&pid);
            }
        }
        Ok(())
    }
}
