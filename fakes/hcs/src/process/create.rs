//! Starting processes.

use std::collections::{BTreeMap, VecDeque};

use winlab_document::Document;
use winlab_host::compute::ProcessInformation;
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, HResult, Program};

use super::parameters::Parameters;
use super::record::{Input, Owner, Process};
use super::run::read_line;
use super::streams::Stream;
use crate::command::{executable_name, split_arguments};
use crate::hcs::Hcs;
use crate::host::{Behaviour, Host, Launch};
use crate::job::JobEvent;
use crate::timers::Timer;

/// Where hcsshim says a HostProcess container's files are; it fills it in before the process starts.
const MOUNT_POINT: &str = "CONTAINER_SANDBOX_MOUNT_POINT";
/// How long PowerShell takes until a script gives up.
const SCRIPT_START: winlab_clock::VirtualSpan = winlab_clock::VirtualSpan::from_millis(500);
/// What a small console program uses.
const SMALL_PROGRAM: u64 = 4 << 20;
/// Exit code of a program that gets no memory within its container's limit: Windows refuses the allocation, nothing
/// kills the process from outside (`STATUS_NO_MEMORY`).
const STATUS_NO_MEMORY: u32 = 0xc000_0017;
/// How many ended processes a system remembers.
const REMEMBERED: usize = 16;
/// Accounts of every Windows image (Microsoft, "Secure Windows containers").
const ACCOUNTS: [&str; 3] = ["ContainerUser", "ContainerAdministrator", "Administrator"];
/// Service accounts, which containers and hosts have alike.
const SERVICE_ACCOUNTS: [&str; 6] =
    ["SYSTEM", "LOCAL SERVICE", "LocalService", "NETWORK SERVICE", "NetworkService", "LocalSystem"];
/// Local groups of every host: a HostProcess container may name one and runs as a temporary member of it
/// (hcsshim `internal/jobcontainers/logon.go`).
const LOCAL_GROUPS: [&str; 4] = ["Administrators", "Users", "Guests", "Hyper-V Administrators"];

/// What a command line turned out to be.
enum Found {
    Program(Box<Program>),
    Script(String),
    Interactive,
    Behaviour(Behaviour),
}

impl Hcs {
    /// `HcsCreateProcess`: state, account, folder, executable, in this order.
    pub(crate) fn create_process(
        &mut self,
        owner: Owner,
        parameters: &Document,
        host: &mut dyn Host,
    ) -> Result<ProcessInformation, Fault> {
        let parameters = Parameters::read(parameters)?;
        let scope = self.scope_of(&owner);
        let program = self.image_program(&owner).cloned();
        let user = match owner {
            Owner::System(_) => account(&parameters.user, program.as_ref())?,
            Owner::Job(_) => host_account(&parameters.user)?,
        };
        if !parameters.working_directory.is_empty()
            && host.kind_of(&scope, &parameters.working_directory) != Some(FileKind::Directory)
        {
            return Err(Fault::new(HResult::ERROR_DIRECTORY));
        }
        let pid = host.pid();
        let working_directory = if parameters.working_directory.is_empty() {
            String::from(r"C:\")
        } else {
            parameters.working_directory.clone()
        };
        let environment = self.environment(&owner, &user, &parameters);
        let arguments = parameters.arguments();
        let launch = Launch {
            scope: &scope,
            user: &user,
            working_directory: &working_directory,
            environment: &environment,
            arguments: &arguments,
            input: &[],
            in_shell: false,
            error_level: 0,
        };
        let found = find_executable(&launch, &parameters.command_line, program.as_ref(), host)
            .ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))?;
        let process = Process {
            pid,
            image_name: image_name(&arguments, program.as_ref()),
            owner: owner.clone(),
            user,
            working_directory,
            command_line: parameters.command_line.clone(),
            environment,
            program: None,
            is_ready: false,
            started: (host.now(), host.date()),
            ended: None,
            stdin: parameters.stdin.then(Input::default),
            stdout: Stream::new(parameters.stdout),
            // A console has one stream: what goes to standard error shows on standard output.
            stderr: Stream::new(parameters.stderr && !parameters.console),
            memory: SMALL_PROGRAM,
            script: VecDeque::new(),
            current: None,
            piped: Vec::new(),
            is_interactive: false,
            is_busy: false,
            error_level: 0,
            repeating: None,
            in_shell: false,
        };
        let information = process.information();
        self.processes.insert(pid, process);
        self.remember(&owner, pid);
        self.begin(pid, found, host);
        Ok(information)
    }

    fn begin(&mut self, pid: u32, found: Found, host: &mut dyn Host) {
        match found {
            Found::Program(program) => self.run_program(pid, *program, host),
            Found::Behaviour(behaviour) => self.behave(pid, behaviour, host),
            Found::Script(script) => {
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.in_shell = true;
                    process.script = read_line(&script, &process.environment, 0).into();
                }
                self.run_script(pid, host);
            }
            Found::Interactive => {
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.in_shell = true;
                    process.is_interactive = true;
                }
                self.read_input(pid, host);
            }
        }
    }

    /// A process becomes a program of the lab: it writes its logs, gets ready, and ends when its image says so.
    pub(crate) fn run_program(&mut self, pid: u32, program: Program, host: &mut dyn Host) {
        let limit = self.memory_limit_of(pid);
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.memory = program.memory.max(SMALL_PROGRAM);
        if limit > 0 && process.memory > limit {
            process.memory = limit;
            self.timers.add(host.now(), Timer::Exit(pid, STATUS_NO_MEMORY));
            return;
        }
        if program.ready_after_ms == 0 {
            process.is_ready = true;
        } else {
            self.timers.add(host.now() + program.ready_after(), Timer::Ready(pid));
        }
        if let Some(exit) = program.exit {
            let at = host.now() + winlab_clock::VirtualSpan::from_millis(exit.after_ms);
            let timer = if process.in_shell {
                Timer::Step(pid, exit.code.cast_unsigned())
            } else {
                Timer::Exit(pid, exit.code.cast_unsigned())
            };
            self.timers.add(at, timer);
        }
        if matches!(process.owner, Owner::System(_)) && !program.component.is_empty() {
            // Node components ask HNS, which no container reaches.
            let text = format!(
                "{}: the Host Networking Service is not available in a container: run it as a HostProcess container\r\n",
                program.component
            );
            self.timers.add(host.now() + SCRIPT_START, Timer::Exit(pid, 1));
            self.write(pid, &[], text.as_bytes(), host);
            return;
        }
        let logs: Vec<u8> = program.logs.iter().flat_map(|line| format!("{line}\r\n").into_bytes()).collect();
        process.program = Some(program);
        self.tell_component(pid);
        self.write(pid, &logs, &[], host);
    }

    /// Whoever runs components hears of a process of the host that is one.
    fn tell_component(&mut self, pid: u32) {
        let Some(process) = self.processes.get(&pid) else { return };
        let (Owner::Job(job), Some(program)) = (&process.owner, &process.program) else { return };
        if program.component.is_empty() {
            return;
        }
        let within_shell = process.current.as_ref().map(|part| part.command.clone());
        let environment =
            process.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.job_events.push(JobEvent::ComponentStarted {
            job: job.clone(),
            pid,
            component: program.component.clone(),
            version: program.version.clone(),
            command_line: within_shell.unwrap_or_else(|| process.command_line.clone()),
            environment,
        });
    }

    pub(crate) fn process_is_ready(&mut self, pid: u32) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.is_ready = true;
        }
    }

    /// Whose files and registry a process sees. A job object's processes see the host's registry, and its files but
    /// for the job's root file system.
    pub(crate) fn scope_of(&self, owner: &Owner) -> Scope {
        match owner {
            Owner::System(id) => Scope::Container(id.clone()),
            Owner::Job(name) if self.jobs.get(name).is_some_and(|job| job.has_files) => {
                Scope::Container(name.clone())
            }
            Owner::Job(_) => Scope::Host,
        }
    }

    /// The program of the image that a process's owner was made of.
    pub(crate) fn image_program(&self, owner: &Owner) -> Option<&Program> {
        match owner {
            Owner::System(id) => self.systems.get(id)?.program.as_ref(),
            Owner::Job(name) => self.jobs.get(name)?.program.as_ref(),
        }
    }

    fn memory_limit_of(&self, pid: u32) -> u64 {
        match self.processes.get(&pid).map(|process| &process.owner) {
            Some(Owner::System(id)) => {
                self.systems.get(id).and_then(|system| system.spec()).map_or(0, |spec| spec.memory_limit)
            }
            Some(Owner::Job(name)) => self.jobs.get(name).map_or(0, |job| job.memory_limit),
            None => 0,
        }
    }

    /// Variables that every process has, and over them those the client gives: names compare without regard to case,
    /// the client's spelling stays.
    fn environment(&self, owner: &Owner, user: &str, parameters: &Parameters) -> BTreeMap<String, String> {
        let host_name = match owner {
            Owner::System(id) => {
                self.systems.get(id).and_then(|s| s.spec()).map_or("", |spec| spec.host_name.as_str())
            }
            Owner::Job(_) => "",
        };
        let bare = user.rsplit('\\').next().unwrap_or_default();
        let mut variables = vec![
            ("ComSpec", r"C:\Windows\system32\cmd.exe"),
            ("OS", "Windows_NT"),
            ("Path", r"C:\Windows\system32;C:\Windows;C:\Windows\System32\WindowsPowerShell\v1.0\"),
            ("PATHEXT", ".COM;.EXE;.BAT;.CMD"),
            ("SystemDrive", "C:"),
            ("SystemRoot", r"C:\Windows"),
            ("USERNAME", bare),
            ("windir", r"C:\Windows"),
        ];
        if !host_name.is_empty() {
            variables.extend([("COMPUTERNAME", host_name), ("HOSTNAME", host_name)]);
        }
        let mut environment: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, value) in &parameters.environment {
            environment.retain(|known, _| !known.eq_ignore_ascii_case(name));
            environment.insert(name.clone(), value.clone());
        }
        environment
    }

    /// The owner has one more process; of those that ended long ago, the oldest are forgotten.
    fn remember(&mut self, owner: &Owner, pid: u32) {
        let list = match owner {
            Owner::System(id) => self.systems.get_mut(id).map(|system| &mut system.processes),
            Owner::Job(name) => Some(&mut self.jobs.entry(name.clone()).or_default().processes),
        };
        let Some(list) = list else { return };
        list.push(pid);
        let ended: Vec<u32> = list
            .iter()
            .copied()
            .filter(|pid| self.processes.get(pid).is_some_and(|process| process.ended.is_some()))
            .collect();
        let surplus = ended.len().saturating_sub(REMEMBERED);
        for gone in &ended[..surplus] {
            list.retain(|pid| pid != gone);
            self.processes.remove(gone);
        }
    }
}

/// The account, if there is one: of every image, or the one the image's own program runs as.
fn account(user: &str, program: Option<&Program>) -> Result<String, Fault> {
    let of_image = program.map_or("", |program| program.user.as_str());
    if user.is_empty() {
        return Ok(if of_image.is_empty() { "ContainerUser" } else { of_image }.to_owned());
    }
    let bare = user.rsplit('\\').next().unwrap_or_default();
    let mut known = ACCOUNTS.iter().chain(&SERVICE_ACCOUNTS).chain([&of_image]);
    if known.any(|account| account.eq_ignore_ascii_case(bare)) {
        return Ok(user.to_owned());
    }
    Err(Fault::new(HResult::ERROR_LOGON_FAILURE))
}

/// The account of a process of the host: a service account, or a local group's temporary member. Without a name it is
/// that of the container runtime.
fn host_account(user: &str) -> Result<String, Fault> {
    if user.is_empty() {
        return Ok(r"NT AUTHORITY\SYSTEM".to_owned());
    }
    let bare = user.rsplit('\\').next().unwrap_or_default();
    if SERVICE_ACCOUNTS.iter().chain(&LOCAL_GROUPS).any(|account| account.eq_ignore_ascii_case(bare)) {
        return Ok(user.to_owned());
    }
    Err(Fault::new(HResult::ERROR_LOGON_FAILURE))
}

fn image_name(arguments: &[String], program: Option<&Program>) -> String {
    let first = arguments.first().or_else(|| program?.command.first()).map_or("", String::as_str);
    let name = first.rsplit(['\\', '/']).next().unwrap_or_default();
    if name.contains('.') { name.to_owned() } else { format!("{name}.exe") }
}

/// What a command line is: the image's program, a file that is one, a shell, or a command the host knows.
fn find_executable(
    launch: &Launch<'_>,
    command_line: &str,
    program: Option<&Program>,
    host: &mut dyn Host,
) -> Option<Found> {
    let Some(first) = launch.arguments.first() else {
        let own = program.filter(|program| program.command.is_empty())?;
        return Some(Found::Program(Box::new(own.clone())));
    };
    let is_own = |program: &&Program| is_own_command(program, launch.arguments, launch.environment);
    if let Some(own) = program.filter(is_own) {
        return Some(Found::Program(Box::new(own.clone())));
    }
    if let Some(program) = read_program(launch.scope, first, host) {
        return Some(Found::Program(Box::new(program)));
    }
    if executable_name(first) == "cmd" {
        return Some(shell(command_line));
    }
    host.run(launch).map(Found::Behaviour)
}

/// Whether a command line starts the image's own program: the same executable with any arguments. Where that is a
/// shell, the whole command must be the image's, wherever its files are mounted.
pub(crate) fn is_own_command(
    program: &Program,
    arguments: &[String],
    environment: &BTreeMap<String, String>,
) -> bool {
    let (Some(own), Some(first)) = (program.command.first(), arguments.first()) else { return false };
    let root = environment.get(MOUNT_POINT).map_or("", String::as_str);
    let filled = |own: &String| own.replace(&format!("$env:{MOUNT_POINT}"), root);
    let same = |(own, given): (&String, &String)| own == given || filled(own) == *given;
    if program.command.len() == arguments.len() && program.command.iter().zip(arguments).all(same) {
        return true;
    }
    let name = executable_name(own);
    !matches!(name.as_str(), "cmd" | "powershell" | "pwsh") && name == executable_name(first)
}

/// A file that holds a program, as an executable does.
pub(crate) fn read_program(scope: &Scope, path: &str, host: &mut dyn Host) -> Option<Program> {
    if !path.contains(['\\', '/']) {
        return None;
    }
    let bytes = host.read_file(scope, path).or_else(|| host.read_file(scope, &format!("{path}.exe")))?;
    Document::from_slice(&bytes).ok()?.decode().ok()
}

/// `cmd /c <script>`; without `/c` it reads its input.
fn shell(command_line: &str) -> Found {
    let lower = command_line.to_ascii_lowercase();
    let at = ["/c", "/k"].iter().filter_map(|option| lower.find(option)).min();
    let Some(at) = at else { return Found::Interactive };
    let script = command_line[at + 2..].trim();
    // One pair of quotes around the whole script is cmd's own.
    let inner = script.strip_prefix('"').and_then(|script| script.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains('"') || split_arguments(script).len() == 1 => {
            Found::Script(inner.to_owned())
        }
        _ => Found::Script(script.to_owned()),
    }
}
