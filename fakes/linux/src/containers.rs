//! Containers of the OCI runtime.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::Document;
use winlab_host::Program;
use winlab_host::compute::{OutputStream, StreamChunk};
use winlab_host::linux::{ContainerState, ContainerStatus, Errno, LinuxEvent, LinuxFault};

use crate::context::Done;
use crate::files::normal;
use crate::machine::Linux;
use crate::process::{Finished, interpret};
use crate::timers::Timer;
use crate::unmodelled::{ARGUMENTS, MOUNT, SIGNAL};

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGQUIT: i32 = 3;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// How many ended `runc exec` processes a container remembers for whoever still reads their output.
const REMEMBERED: usize = 64;

/// File systems that the kernel makes for a container; they hold what the container writes and go with it.
const OWN_MOUNTS: [&str; 7] = ["tmpfs", "proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2"];

#[derive(Debug, Clone)]
struct Mount {
    destination: String,
    source: String,
    read_only: bool,
}

#[derive(Debug, Clone, Default)]
struct Process {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    exit: Option<i32>,
}

/// One container.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) namespace: String,
    pub(crate) program: Program,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) pid: u32,
    pub(crate) state: ContainerState,
    pub(crate) started: VirtualInstant,
    arguments: Vec<String>,
    memory_limit: Option<u64>,
    root: String,
    mounts: Vec<Mount>,
    exit_code: i32,
    processes: BTreeMap<u32, Process>,
    /// Whether the network namespace was made for it and goes with it.
    own_namespace: bool,
}

impl Container {
    /// Whether it listens by now.
    pub(crate) fn is_ready(&self, now: VirtualInstant) -> bool {
        self.state == ContainerState::Running && now >= self.started + self.program.ready_after()
    }
}

/// Every container of the machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Containers {
    pub(crate) all: BTreeMap<String, Container>,
    last_pid: u32,
}

impl Containers {
    fn next_pid(&mut self) -> u32 {
        // Low numbers belong to the machine's own programs.
        self.last_pid = self.last_pid.max(1000) + 1;
        self.last_pid
    }

    fn get(&self, id: &str) -> Done<&Container> {
        self.all.get(id).ok_or_else(|| does_not_exist(id))
    }

    fn get_mut(&mut self, id: &str) -> Done<&mut Container> {
        self.all.get_mut(id).ok_or_else(|| does_not_exist(id))
    }

    pub(crate) fn status(&self, id: &str) -> Done<ContainerStatus> {
        let container = self.get(id)?;
        Ok(ContainerStatus {
            id: id.to_owned(),
            state: container.state,
            pid: if container.state == ContainerState::Stopped { 0 } else { container.pid },
            exit_code: container.exit_code,
        })
    }

    /// What the running programs hold, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let running = |container: &&Container| container.state == ContainerState::Running;
        self.all.values().filter(running).map(|container| container.program.memory).sum()
    }

    pub(crate) fn all(&self) -> Vec<ContainerStatus> {
        self.all.keys().filter_map(|id| self.status(id).ok()).collect()
    }

    /// Where a path of a container lies on the host, and whether it is read-only there.
    pub(crate) fn place(&self, id: &str, path: &str) -> Done<(String, bool)> {
        let container = self.get(id)?;
        let inside = |mount: &&Mount| {
            path == mount.destination || path.starts_with(&format!("{}/", mount.destination))
        };
        let mount = container.mounts.iter().filter(inside).max_by_key(|mount| mount.destination.len());
        Ok(match mount {
            Some(mount) => {
                (normal(&format!("{}{}", mount.source, &path[mount.destination.len()..])), mount.read_only)
            }
            None => (normal(&format!("{}{path}", container.root)), false),
        })
    }

    pub(crate) fn read_output(&mut self, id: &str, pid: u32, stream: OutputStream) -> Done<StreamChunk> {
        let process = self.process_mut(id, pid)?;
        let bytes = match stream {
            OutputStream::Stdout => std::mem::take(&mut process.stdout),
            OutputStream::Stderr => std::mem::take(&mut process.stderr),
        };
        Ok(StreamChunk { bytes: Arc::from(bytes), end: process.exit.is_some() })
    }

    pub(crate) fn exit_code(&self, id: &str, pid: u32) -> Done<Option<i32>> {
        let container = self.get(id)?;
        let pid = if pid == 0 { container.pid } else { pid };
        container.processes.get(&pid).map(|process| process.exit).ok_or_else(|| LinuxFault::new(Errno::ESRCH))
    }

    /// The first process writes to its standard output, if it still runs.
    pub(crate) fn write(&mut self, id: &str, text: &[u8]) -> Vec<LinuxEvent> {
        match self.process_mut(id, 0) {
            Ok(process) if process.exit.is_none() => {
                process.stdout.extend(text);
                vec![LinuxEvent::ContainerOutput { id: id.to_owned() }]
            }
            _ => Vec::new(),
        }
    }

    fn process_mut(&mut self, id: &str, pid: u32) -> Done<&mut Process> {
        let container = self.get_mut(id)?;
        let pid = if pid == 0 { container.pid } else { pid };
        container.processes.get_mut(&pid).ok_or_else(|| LinuxFault::new(Errno::ESRCH))
    }

    /// A process ended; with the first one the container does.
    pub(crate) fn exit(&mut self, id: &str, pid: u32, code: i32, events: &mut Vec<LinuxEvent>) {
        let Some(container) = self.all.get_mut(id) else { return };
        let Some(process) = container.processes.get_mut(&pid).filter(|process| process.exit.is_none()) else {
            return;
        };
        process.exit = Some(code);
        events.push(LinuxEvent::ContainerOutput { id: id.to_owned() });
        if pid != container.pid {
            return;
        }
        // The first process of a PID namespace takes the others with it.
        for process in container.processes.values_mut() {
            process.exit.get_or_insert(128 + SIGKILL);
        }
        container.state = ContainerState::Stopped;
        container.exit_code = code;
        events.push(LinuxEvent::ContainerExited { id: id.to_owned(), code });
    }
}

impl Linux {
    pub(crate) fn create_container(&mut self, id: &str, bundle: &Document) -> Done<()> {
        if self.containers.all.contains_key(id) {
            return Err(LinuxFault::because(Errno::EEXIST, "container with given ID already exists"));
        }
        let root = normal(bundle.text(&["root", "path"]));
        let file = format!("{}/{}", root.trim_end_matches('/'), Program::FILE);
        let text = self.files.text(&file).ok_or_else(|| {
            let command = bundle.pointer("/process/args/0").and_then(Document::as_str).unwrap_or_default();
            runc(Errno::ENOENT, format!("exec: \"{command}\": stat {command}: no such file or directory"))
        })?;
        let program: Program = Document::parse(&text)
            .map_err(|error| error.to_string())
            .and_then(|document| document.decode().map_err(|error| error.to_string()))
            .map_err(|error| runc(Errno::ENOEXEC, format!("exec format error: {error}")))?;
        if program.os == "windows" {
            return Err(runc(Errno::ENOEXEC, "exec format error".into()));
        }
        let mounts = self.mounts(id, bundle)?;
        let (namespace, own_namespace) = self.network_namespace(id, bundle)?;
        let hostname = match bundle.text(&["hostname"]) {
            "" => self.config.hostname.clone(),
            name => name.to_owned(),
        };
        let pid = self.containers.next_pid();
        let container = Container {
            namespace,
            environment: environment(bundle, &hostname),
            pid,
            state: ContainerState::Created,
            started: VirtualInstant::START,
            arguments: strings(bundle.path(&["process", "args"])),
            memory_limit: bundle.path(&["linux", "resources", "memory", "limit"]).and_then(Document::as_u64),
            root,
            mounts,
            exit_code: 0,
            processes: BTreeMap::from([(pid, Process::default())]),
            own_namespace,
            program,
        };
        self.containers.all.insert(id.to_owned(), container);
        Ok(())
    }

    fn mounts(&mut self, id: &str, bundle: &Document) -> Done<Vec<Mount>> {
        let mut mounts = Vec::new();
        for mount in bundle.path(&["mounts"]).map(Document::items).unwrap_or_default() {
            let destination = normal(mount.text(&["destination"]));
            let options = strings(mount.get("options"));
            let bind = options.iter().any(|option| option == "bind" || option == "rbind");
            let source = match mount.text(&["type"]) {
                "bind" => normal(mount.text(&["source"])),
                _ if bind => normal(mount.text(&["source"])),
                kind if OWN_MOUNTS.contains(&kind) => format!("/run/runc/{id}{destination}"),
                kind => {
                    self.unmodelled.met(MOUNT);
                    return Err(runc(
                        Errno::ENODEV,
                        format!("error mounting \"{kind}\" to rootfs at \"{destination}\": no such device"),
                    ));
                }
            };
            let read_only = options.iter().any(|option| option == "ro");
            mounts.push(Mount { destination, source, read_only });
        }
        Ok(mounts)
    }

    /// The namespace that the bundle names by its path, one of its own if it names none, or the host's if it does not
    /// ask for one (OCI runtime specification, `config-linux.md`).
    fn network_namespace(&mut self, id: &str, bundle: &Document) -> Done<(String, bool)> {
        let namespaces = bundle.path(&["linux", "namespaces"]).map(Document::items).unwrap_or_default();
        let Some(network) = namespaces.iter().find(|namespace| namespace.text(&["type"]) == "network") else {
            return Ok((String::new(), false));
        };
        let path = network.text(&["path"]);
        if path.is_empty() {
            let name = format!("runc-{id}");
            self.stack.add_namespace(&name)?;
            return Ok((name, true));
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if self.stack.has_namespace(name) {
            return Ok((name.to_owned(), false));
        }
        Err(runc(Errno::ENOENT, format!("lstat {path}: no such file or directory")))
    }

    pub(crate) fn start_container(
        &mut self,
        id: &str,
        now: VirtualInstant,
        events: &mut Vec<LinuxEvent>,
    ) -> Done<()> {
        let container = self.containers.get_mut(id)?;
        if container.state != ContainerState::Created {
            let text = format!("cannot start a container that has {}", container.state);
            return Err(runc(Errno::EINVAL, text));
        }
        container.state = ContainerState::Running;
        container.started = now;
        let pid = container.pid;
        let given = !container.arguments.is_empty() && container.arguments != container.program.command;
        let arguments = container.arguments.clone();
        if container.memory_limit.is_some_and(|limit| limit > 0 && limit < container.program.memory) {
            self.timers.set(now, Timer::Exit { container: id.to_owned(), pid, code: 128 + SIGKILL });
            return Ok(());
        }
        if given {
            if let Some(finished) = interpret(self, id, &arguments, &[]) {
                self.finish(id, pid, finished, now, events);
                return Ok(());
            }
            // The image's own program with arguments: it does what its image says.
            let own = self.containers.get(id)?.program.command.clone();
            if own.is_empty() || !arguments.starts_with(&own) {
                self.unmodelled.met(ARGUMENTS);
            }
        }
        let container = self.containers.get_mut(id)?;
        if !container.program.component.is_empty() {
            let environment = &container.environment;
            events.push(LinuxEvent::ContainerStarted {
                id: id.to_owned(),
                component: container.program.component.clone(),
                version: container.program.version.clone(),
                namespace: container.namespace.clone(),
                args: if given { arguments } else { container.program.command.clone() },
                environment: environment.iter().map(|(n, value)| (n.as_str(), value.as_str())).collect(),
            });
        }
        let logs: Vec<u8> =
            container.program.logs.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
        if let Some(exit) = container.program.exit {
            let at = now + VirtualSpan::from_millis(exit.after_ms);
            self.timers.set(at, Timer::Exit { container: id.to_owned(), pid, code: exit.code });
        }
        if !logs.is_empty() {
            self.containers.process_mut(id, pid)?.stdout.extend(logs);
            events.push(LinuxEvent::ContainerOutput { id: id.to_owned() });
        }
        Ok(())
    }

    pub(crate) fn kill_container(&mut self, id: &str, signal: i32, events: &mut Vec<LinuxEvent>) -> Done<()> {
        let container = self.containers.get(id)?;
        let (pid, ignores) = (container.pid, container.program.ignores_shutdown);
        if container.state == ContainerState::Stopped {
            return Err(runc(Errno::ESRCH, "container not running".into()));
        }
        match signal {
            SIGKILL => self.containers.exit(id, pid, 128 + signal, events),
            SIGHUP | SIGINT | SIGQUIT | SIGTERM if !ignores => {
                self.containers.exit(id, pid, 128 + signal, events);
            }
            SIGHUP | SIGINT | SIGQUIT | SIGTERM => {}
            1..=64 => self.unmodelled.met(SIGNAL),
            _ => return Err(runc(Errno::EINVAL, format!("unknown signal \"{signal}\""))),
        }
        Ok(())
    }

    pub(crate) fn delete_container(
        &mut self,
        id: &str,
        force: bool,
        events: &mut Vec<LinuxEvent>,
    ) -> Done<()> {
        let container = self.containers.get(id)?;
        let (pid, state) = (container.pid, container.state);
        if state == ContainerState::Running && !force {
            let text = format!("cannot delete container {id} that is not stopped: {state}");
            return Err(runc(Errno::EBUSY, text));
        }
        self.containers.exit(id, pid, 128 + SIGKILL, events);
        let Some(gone) = self.containers.all.remove(id) else { return Ok(()) };
        self.files.remove_tree(&format!("/run/runc/{id}"));
        if gone.own_namespace { self.stack.delete_namespace(&gone.namespace) } else { Ok(()) }
    }

    /// Runs another process; the answer is its id and whether its command is one that is modelled.
    pub(crate) fn exec(
        &mut self,
        id: &str,
        arguments: &[String],
        environment: &[String],
        now: VirtualInstant,
        events: &mut Vec<LinuxEvent>,
    ) -> Done<(u32, bool)> {
        let state = self.containers.get(id)?.state;
        if state != ContainerState::Running {
            return Err(runc(Errno::ESRCH, format!("cannot exec in a {state} container")));
        }
        let command =
            arguments.first().ok_or_else(|| runc(Errno::EINVAL, "process args cannot be empty".into()))?;
        let interpreted = interpret(self, id, arguments, environment);
        let known = interpreted.is_some();
        let finished = interpreted.unwrap_or_else(|| Finished {
            errors: format!("exec: \"{command}\": executable file not found in $PATH\n"),
            code: 127,
            ..Finished::default()
        });
        let pid = self.containers.next_pid();
        let container = self.containers.get_mut(id)?;
        let first = container.pid;
        while container.processes.len() > REMEMBERED {
            let ended =
                |(pid, process): (&u32, &Process)| (*pid != first && process.exit.is_some()).then_some(*pid);
            let Some(oldest) = container.processes.iter().find_map(ended) else { break };
            container.processes.remove(&oldest);
        }
        container.processes.insert(pid, Process::default());
        self.finish(id, pid, finished, now, events);
        Ok((pid, known))
    }

    /// Gives a process its output and its end.
    fn finish(
        &mut self,
        id: &str,
        pid: u32,
        finished: Finished,
        now: VirtualInstant,
        events: &mut Vec<LinuxEvent>,
    ) {
        let mut finished = finished;
        for (path, bytes) in std::mem::take(&mut finished.writes) {
            let place = self.writable_place(id, &path);
            if let Err(fault) = place.and_then(|place| self.files.write(&place, &bytes)) {
                finished.code = 1;
                finished.errors.push_str(&format!("cannot create '{path}': {}\n", fault.errno.text()));
            }
        }
        if let Ok(process) = self.containers.process_mut(id, pid) {
            process.stdout.extend(finished.output.as_bytes());
            process.stderr.extend(finished.errors.as_bytes());
        }
        let Some(lasts) = finished.lasts else { return };
        if lasts == VirtualSpan::ZERO {
            self.containers.exit(id, pid, finished.code, events);
        } else {
            self.timers.set(now + lasts, Timer::Exit { container: id.to_owned(), pid, code: finished.code });
        }
    }
}

fn environment(bundle: &Document, hostname: &str) -> BTreeMap<String, String> {
    let names = ["HOSTNAME", "COMPUTERNAME"].map(|name| (name.to_owned(), hostname.to_owned()));
    let given = strings(bundle.path(&["process", "env"]));
    let given = given.iter().filter_map(|pair| pair.split_once('='));
    names.into_iter().chain(given.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

fn strings(list: Option<&Document>) -> Vec<String> {
    list.map(Document::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Document::as_str)
        .map(str::to_owned)
        .collect()
}

fn runc(errno: Errno, text: String) -> LinuxFault {
    LinuxFault::because(errno, text)
}

fn does_not_exist(id: &str) -> LinuxFault {
    runc(Errno::ENOENT, format!("container {id}: container does not exist"))
}
