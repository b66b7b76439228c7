//! The state machine: one call in, its answer and its events out.

use winlab_clock::VirtualInstant;
use winlab_document::doc;
use winlab_host::Guid;
use winlab_host::linux::{Answer, Call, Errno, LinuxEvent, LinuxFault};

use crate::config::LinuxConfig;
use crate::containers::Containers;
use crate::context::{Context, Done, Reaction};
use crate::files::{Files, normal};
use crate::network::Stack;
use crate::timers::{Timer, Timers};
use crate::units::Units;
use crate::unmodelled::{COMMAND, Counters, LINK_KIND, NETFILTER_EXTENSION, SYSCTL, Unmodelled};

/// A Linux machine.
#[derive(Debug, Clone)]
pub struct Linux {
    pub(crate) config: LinuxConfig,
    pub(crate) powered: bool,
    pub(crate) boot_id: Guid,
    machine_id: Guid,
    pub(crate) stack: Stack,
    pub(crate) units: Units,
    pub(crate) files: Files,
    pub(crate) containers: Containers,
    pub(crate) timers: Timers,
    pub(crate) unmodelled: Counters,
}

impl Linux {
    /// A machine that has just booted for the first time.
    #[must_use]
    pub fn new(config: LinuxConfig, context: &mut Context<'_>) -> Self {
        let mut files = Files::new(config.disk);
        let servers: String = config.name_servers.iter().map(|ip| format!("nameserver {ip}\n")).collect();
        for (path, text) in [
            ("/etc/hostname", format!("{}\n", config.hostname)),
            ("/etc/os-release", format!("PRETTY_NAME=\"{}\"\n", config.os_image)),
            ("/etc/resolv.conf", servers),
        ] {
            // A disk too small for three lines is a machine that boots without them.
            let _full = files.write(path, text.as_bytes());
        }
        Self {
            powered: true,
            boot_id: context.guid(),
            machine_id: context.guid(),
            stack: Stack::boot(&config, context),
            units: Units::default(),
            files,
            containers: Containers::default(),
            timers: Timers::default(),
            unmodelled: Counters::default(),
            config,
        }
    }

    /// Carries out a call.
    pub fn handle(&mut self, call: Call, context: &mut Context<'_>) -> Reaction {
        let mut events = Vec::new();
        let answer = if self.powered {
            self.answer(call, context, &mut events)
        } else {
            Err(LinuxFault::because(Errno::ESHUTDOWN, "the machine is off"))
        };
        Reaction { answer, events }
    }

    /// When something happens by itself next.
    #[must_use]
    pub fn next_timer(&self) -> Option<VirtualInstant> {
        self.timers.next()
    }

    /// Does everything that is due by now.
    pub fn advance(&mut self, now: VirtualInstant) -> Vec<LinuxEvent> {
        let mut events = Vec::new();
        while let Some((_, timer)) = self.timers.due(now) {
            match timer {
                Timer::Restart { unit, attempt } => self.units.restart(&unit, attempt, &mut events),
                Timer::Exit { container, pid, code } => {
                    self.containers.exit(&container, pid, code, &mut events);
                }
            }
        }
        events
    }

    /// What was met that is not modelled, and how often.
    #[must_use]
    pub fn unmodelled(&self) -> Vec<(Unmodelled, u64)> {
        self.unmodelled.all()
    }

    /// One match over all calls: a call that is missing does not compile.
    fn answer(
        &mut self,
        call: Call,
        context: &mut Context<'_>,
        events: &mut Vec<LinuxEvent>,
    ) -> Done<Answer> {
        let stack = &mut self.stack;
        Ok(match call {
            Call::AddNamespace(c) => Answer::AddNamespace(stack.add_namespace(&c.name)?),
            Call::DeleteNamespace(c) => Answer::DeleteNamespace(stack.delete_namespace(&c.name)?),
            Call::ListNamespaces(_) => Answer::ListNamespaces(stack.namespaces()),
            Call::AddLink(c) => Answer::AddLink(
                stack
                    .add_link(&c.namespace, &c.name, c.kind, context)
                    .inspect_err(|e| count(&mut self.unmodelled, e, Errno::EOPNOTSUPP, LINK_KIND))?,
            ),
            Call::SetLink(c) => Answer::SetLink(stack.set_link(&c.namespace, &c.name, &c.settings)?),
            Call::DeleteLink(c) => Answer::DeleteLink(stack.delete_link(&c.namespace, &c.name)?),
            Call::ListLinks(c) => Answer::ListLinks(stack.links(&c.namespace)?),
            Call::AddAddress(c) => Answer::AddAddress(stack.add_address(&c.namespace, &c.link, c.address)?),
            Call::DeleteAddress(c) => {
                Answer::DeleteAddress(stack.delete_address(&c.namespace, &c.link, c.address)?)
            }
            Call::AppendFdb(c) => Answer::AppendFdb(stack.replace_fdb(&c.namespace, &c.link, c.entry)?),
            Call::DeleteFdb(c) => Answer::DeleteFdb(stack.delete_fdb(&c.namespace, &c.link, c.mac)?),
            Call::ListFdb(c) => Answer::ListFdb(stack.fdb(&c.namespace, &c.link)?),
            Call::ReplaceNeighbour(c) => {
                Answer::ReplaceNeighbour(stack.replace_neighbour(&c.namespace, &c.link, c.neighbour)?)
            }
            Call::DeleteNeighbour(c) => {
                Answer::DeleteNeighbour(stack.delete_neighbour(&c.namespace, &c.link, c.address)?)
            }
            Call::ListNeighbours(c) => Answer::ListNeighbours(stack.neighbours(&c.namespace)?),
            Call::ReplaceRoute(c) => Answer::ReplaceRoute(stack.replace_route(&c.namespace, c.route)?),
            Call::DeleteRoute(c) => Answer::DeleteRoute(stack.delete_route(&c.namespace, c.destination)?),
            Call::ListRoutes(c) => Answer::ListRoutes(stack.routes(&c.namespace)?),
            Call::RestoreTables(c) => {
                let restored = stack.netfilter(&c.namespace)?.restore(&c.rules, c.noflush);
                Answer::RestoreTables(restored.map_err(|error| {
                    if error.problem.starts_with("Couldn't load") {
                        self.unmodelled.met(NETFILTER_EXTENSION);
                    }
                    LinuxFault::because(Errno::EINVAL, error.to_string())
                })?)
            }
            Call::SaveTables(c) => {
                let saved = stack.netfilter(&c.namespace)?.save(&c.table);
                Answer::SaveTables(saved.map_err(|text| LinuxFault::because(Errno::ENOENT, text))?)
            }
            Call::SetSysctl(c) => Answer::SetSysctl(
                stack
                    .set_sysctl(&c.namespace, &c.name, &c.value)
                    .inspect_err(|e| count(&mut self.unmodelled, e, Errno::ENOENT, SYSCTL))?,
            ),
            Call::GetSysctl(c) => Answer::GetSysctl(
                stack
                    .sysctl(&c.namespace, &c.name)
                    .inspect_err(|e| count(&mut self.unmodelled, e, Errno::ENOENT, SYSCTL))?,
            ),
            Call::InstallUnit(c) => {
                self.units.install(&c.name, c.config);
                Answer::InstallUnit(())
            }
            Call::StartUnit(c) => Answer::StartUnit(self.units.start(&c.name, events)?),
            Call::StopUnit(c) => Answer::StopUnit(self.units.stop(&c.name, events)?),
            Call::UnitStatusOf(c) => Answer::UnitStatusOf(self.units.status(&c.name)?),
            Call::ListUnits(_) => Answer::ListUnits(self.units.all()),
            Call::ReportUnit(c) => {
                let restart = self.units.report(&c.status, events)?;
                self.schedule(restart, context.now);
                Answer::ReportUnit(())
            }
            Call::ReadFile(c) => Answer::ReadFile(self.files.read(&self.place(&c.container, &c.path)?)?),
            Call::WriteFile(c) => {
                let path = self.writable_place(&c.container, &c.path)?;
                self.files.write(&path, &c.bytes)?;
                events.push(LinuxEvent::FileChanged { path });
                Answer::WriteFile(())
            }
            Call::AppendFile(c) => {
                let path = self.writable_place(&c.container, &c.path)?;
                self.files.append(&path, &c.bytes)?;
                events.push(LinuxEvent::FileChanged { path });
                Answer::AppendFile(())
            }
            Call::DeleteFile(c) => {
                let path = self.writable_place(&c.container, &c.path)?;
                self.files.remove(&path)?;
                events.push(LinuxEvent::FileChanged { path });
                Answer::DeleteFile(())
            }
            Call::RemoveDirectory(c) => {
                let path = self.writable_place(&c.container, &c.path)?;
                let gone = self.files.remove_tree(&path);
                events.extend(gone.into_iter().map(|path| LinuxEvent::FileChanged { path }));
                Answer::RemoveDirectory(())
            }
            Call::ListDirectory(c) => {
                Answer::ListDirectory(self.files.list(&self.place(&c.container, &c.path)?)?)
            }
            Call::CreateContainer(c) => Answer::CreateContainer(self.create_container(&c.id, &c.bundle)?),
            Call::StartContainer(c) => {
                Answer::StartContainer(self.start_container(&c.id, context.now, events)?)
            }
            Call::KillContainer(c) => Answer::KillContainer(self.kill_container(&c.id, c.signal, events)?),
            Call::DeleteContainer(c) => {
                Answer::DeleteContainer(self.delete_container(&c.id, c.force, events)?)
            }
            Call::ContainerStatusOf(c) => Answer::ContainerStatusOf(self.containers.status(&c.id)?),
            Call::ListContainers(_) => Answer::ListContainers(self.containers.all()),
            Call::ExecInContainer(c) => {
                let (pid, known) = self.exec(&c.id, &c.args, &c.env, context.now, events)?;
                if !known {
                    self.unmodelled.met(COMMAND);
                }
                Answer::ExecInContainer(pid)
            }
            Call::ReadOutput(c) => Answer::ReadOutput(self.containers.read_output(&c.id, c.pid, c.stream)?),
            Call::WaitProcess(c) => Answer::WaitProcess(self.containers.exit_code(&c.id, c.pid)?),
            Call::GetSystemInformation(_) => Answer::GetSystemInformation(self.system_information()),
        })
    }

    pub(crate) fn schedule(&mut self, restart: Option<crate::units::Restart>, now: VirtualInstant) {
        if let Some(restart) = restart {
            let timer = Timer::Restart { unit: restart.unit, attempt: restart.attempt };
            self.timers.set(now + restart.after, timer);
        }
    }

    /// Where a path leads on the host.
    pub(crate) fn place(&self, container: &str, path: &str) -> Done<String> {
        let path = normal(path);
        if container.is_empty() {
            Ok(path)
        } else {
            self.containers.place(container, &path).map(|(at, _)| at)
        }
    }

    pub(crate) fn writable_place(&self, container: &str, path: &str) -> Done<String> {
        let path = normal(path);
        if container.is_empty() {
            return Ok(path);
        }
        let (at, read_only) = self.containers.place(container, &path)?;
        if read_only { Err(LinuxFault::new(Errno::EROFS)) } else { Ok(at) }
    }

    fn system_information(&self) -> winlab_document::Document {
        doc!({
            "Hostname": self.config.hostname.as_str(),
            "KernelVersion": self.config.kernel.as_str(),
            "OsImage": self.config.os_image.as_str(),
            "ProcessorArchitecture": "amd64",
            "NumberOfProcessors": self.config.processors,
            "PhysicalMemoryBytes": self.config.memory,
            "AvailableMemoryBytes": self.config.memory.saturating_sub(self.containers.memory()),
            "DiskBytes": self.config.disk,
            "DiskUsedBytes": self.files.used(),
            "BootId": self.boot_id,
            "MachineId": self.machine_id.to_string().replace('-', ""),
            "SystemUuid": self.machine_id,
        })
    }
}

fn count(counters: &mut Counters, fault: &LinuxFault, errno: Errno, what: Unmodelled) {
    if fault.errno == errno {
        counters.met(what);
    }
}
