//! Starting, pausing and asking compute systems to end.

use winlab_clock::VirtualSpan;
use winlab_document::Document;
use winlab_host::compute::{ComputeEvent, ComputeEventKind};
use winlab_host::{Fault, HResult};

use super::compute_system::{ComputeSystem, ExitType, SystemState};
use crate::hcs::Hcs;
use crate::host::{ContainerSetup, Host};
use crate::process::Signal;
use crate::timers::Timer;
use crate::unmodelled;

/// `WaitToKillServiceTimeout`'s default: what an orderly shutdown of a container has unless its registry says more.
const WAIT_TO_KILL: VirtualSpan = VirtualSpan::from_secs(5);

impl Hcs {
    /// Created → Running: storage, registry, then network; a failure there ends the system.
    pub(crate) fn start_system(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        if system.state != SystemState::Created {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        if let Some(spec) = system.spec() {
            let setup = ContainerSetup {
                build: system.image_build,
                host_name: spec.host_name.clone(),
                scratch: spec.scratch.clone(),
                layers: spec.layers.clone(),
                mapped: spec.mapped.clone(),
                registry: spec.registry.clone(),
                dns_search: spec.dns_search.clone(),
            };
            host.open_container(id, &setup)?;
        }
        if let Err(fault) = self.attach(id, host) {
            self.end_system(id, ExitType::Unexpected, host);
            return Err(fault);
        }
        let Ok(system) = self.live_mut(id) else { return Ok(()) };
        system.state = SystemState::Running;
        system.started = Some((host.now(), host.date()));
        if !system.has_own_kernel() {
            self.system_event(ComputeEventKind::SiloJobCreated, id, HResult::S_OK, Document::Null);
        }
        Ok(())
    }

    /// Attaches every endpoint of the namespace, or those named one by one. What HNS says against it is one failure to
    /// HCS's client: "The requested operation for attach namespace failed." (containerd/containerd#5729).
    fn attach(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        let failed = |fault: Fault| Fault {
            code: HResult::HCN_E_NAMESPACE_ATTACH_FAILED,
            message: HResult::HCN_E_NAMESPACE_ATTACH_FAILED.message().to_owned(),
            detail: Some(
                winlab_document::doc!({"Error": fault.code.0.cast_signed(), "ErrorMessage": fault.message}),
            ),
        };
        if let Some(namespace) = system.namespace {
            system.compartment = host.attach_namespace(namespace, id).map_err(failed)?;
            return Ok(());
        }
        for endpoint in system.endpoints.clone() {
            system.compartment = host.attach_endpoint(endpoint, id).map_err(failed)?;
        }
        Ok(())
    }

    /// Running → Paused, for systems with a kernel of their own.
    pub(crate) fn pause(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        if !system.has_own_kernel() {
            return Err(Fault::new(HResult::ERROR_NOT_SUPPORTED));
        }
        if system.state != SystemState::Running {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        system.state = SystemState::Paused;
        let processes = system.processes.clone();
        let now = host.now();
        let frozen = self.timers.suspend(&processes);
        if let Ok(system) = self.live_mut(id) {
            system.frozen = frozen.into_iter().map(|(at, timer)| (at.since(now), timer)).collect();
        }
        for guest in self.hosted(id) {
            self.pause(&guest, host)?;
        }
        Ok(())
    }

    /// Paused → Running: what was due so long after the pause is due so long from now.
    pub(crate) fn resume(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        if system.state != SystemState::Paused {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        system.state = SystemState::Running;
        let asked = system.shutdown_asked;
        for (after, timer) in std::mem::take(&mut system.frozen) {
            self.timers.add(host.now() + after, timer);
        }
        for guest in self.hosted(id) {
            self.resume(&guest, host)?;
        }
        if asked { self.ask_processes_to_end(id, host) } else { Ok(()) }
    }

    pub(crate) fn save(&mut self, id: &str) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        if system.state != SystemState::Paused {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        self.count(&unmodelled::SAVE);
        Err(Fault::new(HResult::ERROR_NOT_SUPPORTED))
    }

    /// The guest of a virtual machine crashes.
    pub(crate) fn crash(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        if system.spec().is_some() {
            return Err(Fault::new(HResult::ERROR_NOT_SUPPORTED));
        }
        if system.state != SystemState::Running {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        self.system_event(ComputeEventKind::CrashInitiated, id, HResult::S_OK, Document::Null);
        self.end_system(id, ExitType::Unexpected, host);
        Ok(())
    }

    /// Asks a system to end; it does so once its processes have.
    pub(crate) fn shut_down(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        let system = self.live_mut(id)?;
        system.shutdown_asked = true;
        match system.state {
            SystemState::Paused => Ok(()),
            SystemState::Running if system.spec().is_some() => {
                let patience = wait_to_kill(system);
                self.timers.add(host.now() + patience, Timer::ShutdownOver(id.to_owned()));
                self.ask_processes_to_end(id, host)
            }
            _ => {
                self.end_system(id, ExitType::Graceful, host);
                Ok(())
            }
        }
    }

    fn ask_processes_to_end(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        for pid in self.running_processes(id) {
            self.deliver_signal(pid, Signal::CtrlShutdown, host);
        }
        self.system_may_end(id, host);
        Ok(())
    }

    /// A process has ended: if a shutdown was asked for and it was the last one, the system ends.
    pub(crate) fn system_may_end(&mut self, id: &str, host: &mut dyn Host) {
        let asked = self.live(id).is_ok_and(|s| s.shutdown_asked && s.state == SystemState::Running);
        if asked && self.running_processes(id).is_empty() {
            self.end_system(id, ExitType::Graceful, host);
        }
    }

    pub(crate) fn shutdown_is_over(&mut self, id: &str, host: &mut dyn Host) {
        if self.live(id).is_ok_and(|system| system.shutdown_asked) {
            self.end_system(id, ExitType::Graceful, host);
        }
    }

    pub(crate) fn terminate(&mut self, id: &str, host: &mut dyn Host) -> Result<(), Fault> {
        self.live_mut(id)?;
        self.end_system(id, ExitType::Forced, host);
        Ok(())
    }

    /// The last handle of a client is closed.
    pub(crate) fn close_system(&mut self, id: &str, host: &mut dyn Host) {
        if self.live(id).is_ok_and(|system| system.ends_with_last_handle) {
            self.end_system(id, ExitType::Forced, host);
        }
        if self.systems.get(id).is_some_and(|system| !system.is_live()) {
            self.forget_system(id);
        }
    }

    /// Systems that run in a virtual machine.
    pub(crate) fn hosted(&self, machine: &str) -> Vec<String> {
        self.systems
            .values()
            .filter(|system| system.is_live() && system.hosting.as_deref() == Some(machine))
            .map(|system| system.id.clone())
            .collect()
    }

    pub(crate) fn system_event(&mut self, kind: ComputeEventKind, id: &str, status: HResult, data: Document) {
        self.events.push(ComputeEvent { kind, system: id.to_owned(), pid: 0, status, data });
    }
}

/// How long a container's processes have: `WaitToKillServiceTimeout` of the document's `RegistryChanges`, in
/// milliseconds. hcsshim sets it to more than three weeks (`internal/hcsoci/hcsdoc_wcow.go`).
fn wait_to_kill(system: &ComputeSystem) -> VirtualSpan {
    use crate::host::RegistryChange;
    let set = system.spec().and_then(|spec| {
        spec.registry.iter().find_map(|change| match change {
            RegistryChange::Add(value) if value.text(&["Name"]) == "WaitToKillServiceTimeout" => {
                value.text(&["StringValue"]).parse().ok()
            }
            _ => None,
        })
    });
    set.map_or(WAIT_TO_KILL, VirtualSpan::from_millis)
}
