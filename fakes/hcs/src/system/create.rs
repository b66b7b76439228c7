//! Making compute systems.

use winlab_document::Document;
use winlab_host::compute::{Answer, Call, CreateComputeSystem};
use winlab_host::compute::{
    CloseComputeSystem, CrashComputeSystem, EnumerateComputeSystems, GetComputeSystemProperties,
    GetServiceProperties, ModifyComputeSystem, OpenComputeSystem, PauseComputeSystem, ResumeComputeSystem,
    SaveComputeSystem, ShutdownComputeSystem, StartComputeSystem, TerminateComputeSystem,
};
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, HResult, Program};
use winlab_profiles::{Isolation, container_runs};

use super::compute_system::{ComputeSystem, Kind, SystemState};
use super::configuration::{self, Configuration, ContainerSpec};
use crate::hcs::Hcs;
use crate::host::Host;
use crate::unmodelled;

impl Hcs {
    /// The calls on compute systems.
    pub(crate) fn handle_system(&mut self, call: Call, host: &mut dyn Host) -> Result<Answer, Fault> {
        match call {
            Call::EnumerateComputeSystems(EnumerateComputeSystems { query }) => {
                Ok(Answer::EnumerateComputeSystems(self.enumerate(&query)))
            }
            Call::CreateComputeSystem(CreateComputeSystem { id, configuration }) => {
                self.create_system(id, configuration, host).map(Answer::CreateComputeSystem)
            }
            Call::OpenComputeSystem(OpenComputeSystem { id }) => {
                self.live(&id).map(|_| Answer::OpenComputeSystem(()))
            }
            Call::CloseComputeSystem(CloseComputeSystem { id }) => {
                self.close_system(&id, host);
                Ok(Answer::CloseComputeSystem(()))
            }
            Call::StartComputeSystem(StartComputeSystem { id, .. }) => {
                self.start_system(&id, host).map(Answer::StartComputeSystem)
            }
            Call::ShutdownComputeSystem(ShutdownComputeSystem { id, .. }) => {
                self.shut_down(&id, host).map(Answer::ShutdownComputeSystem)
            }
            Call::TerminateComputeSystem(TerminateComputeSystem { id, .. }) => {
                self.terminate(&id, host).map(Answer::TerminateComputeSystem)
            }
            Call::PauseComputeSystem(PauseComputeSystem { id, .. }) => {
                self.pause(&id, host).map(Answer::PauseComputeSystem)
            }
            Call::ResumeComputeSystem(ResumeComputeSystem { id, .. }) => {
                self.resume(&id, host).map(Answer::ResumeComputeSystem)
            }
            Call::SaveComputeSystem(SaveComputeSystem { id, .. }) => {
                self.save(&id).map(Answer::SaveComputeSystem)
            }
            Call::CrashComputeSystem(CrashComputeSystem { id, .. }) => {
                self.crash(&id, host).map(Answer::CrashComputeSystem)
            }
            Call::GetComputeSystemProperties(GetComputeSystemProperties { id, query }) => {
                self.properties(&id, &query, host).map(Answer::GetComputeSystemProperties)
            }
            Call::ModifyComputeSystem(ModifyComputeSystem { id, configuration }) => {
                self.modify(&id, &configuration, host).map(Answer::ModifyComputeSystem)
            }
            Call::ModifyServiceSettings(_) => self.modify_service().map(Answer::ModifyServiceSettings),
            Call::GetServiceProperties(GetServiceProperties { query }) => {
                Ok(Answer::GetServiceProperties(self.service_properties(&query)))
            }
            _ => unreachable!("`Hcs::handle` gives this group its own calls"),
        }
    }

    fn create_system(
        &mut self,
        id: String,
        configuration: Document,
        host: &mut dyn Host,
    ) -> Result<(), Fault> {
        if id.is_empty() {
            return Err(Fault::new(HResult::E_INVALIDARG));
        }
        if self.systems.get(&id).is_some_and(ComputeSystem::is_live) {
            return Err(Fault::new(HResult::HCS_E_SYSTEM_ALREADY_EXISTS));
        }
        let read = configuration::read(&configuration)?;
        self.check_hosting(&read)?;
        let mut image_build = self.config.build;
        let mut program = None;
        let (mut namespace, mut endpoints) = (None, Vec::new());
        if let Kind::Container(spec) = &read.kind {
            check_storage(spec, host)?;
            program = find_program(&spec.layers, host)?;
            image_build = self.check_image(&read, program.as_ref())?;
            (namespace, endpoints) = self.network_of(spec)?;
            if spec.has_credentials {
                self.count(&unmodelled::CREDENTIALS);
            }
        }
        self.forget_system(&id);
        let system = ComputeSystem {
            id: id.clone(),
            kind: read.kind,
            owner: read.owner,
            name: read.name,
            runtime_id: host.guid(),
            hosting: read.hosting,
            is_hyper_v: read.is_hyper_v,
            ends_with_last_handle: read.ends_with_last_handle,
            state: SystemState::Created,
            exit: None,
            started: None,
            program,
            image_build,
            namespace,
            endpoints,
            compartment: 0,
            shutdown_asked: false,
            processes: Vec::new(),
            frozen: Vec::new(),
            configuration,
        };
        self.systems.insert(id, system);
        Ok(())
    }

    /// A kernel of its own needs Hyper-V; a hosted container needs its virtual machine to run.
    fn check_hosting(&self, read: &Configuration) -> Result<(), Fault> {
        let own_kernel = matches!(read.kind, Kind::VirtualMachine { .. }) || read.is_hyper_v;
        if own_kernel && !self.config.hyper_v {
            return Err(Fault::new(HResult::HCS_E_HYPERV_NOT_INSTALLED));
        }
        let Some(hosting) = &read.hosting else { return Ok(()) };
        let machine = self.live(hosting)?;
        if !matches!(machine.kind, Kind::VirtualMachine { .. }) || machine.state != SystemState::Running {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
        }
        Ok(())
    }

    /// The image's build, if this host can run it in the way the document asks for.
    fn check_image(&mut self, read: &Configuration, program: Option<&Program>) -> Result<(u32, u32), Fault> {
        let mismatch = Err(Fault::new(HResult::ERROR_VMCOMPUTE_IMAGE_MISMATCH));
        let Some(program) = program else { return Ok(self.config.build) };
        if program.os.eq_ignore_ascii_case("linux") {
            self.count(&unmodelled::LINUX_GUEST);
            return mismatch;
        }
        if program.os_version.is_empty() {
            return Ok(self.config.build);
        }
        let Some(image) = parse_version(&program.os_version) else { return mismatch };
        let in_own_kernel = read.is_hyper_v || read.hosting.is_some();
        let isolation = if in_own_kernel { Isolation::HyperV } else { Isolation::Process };
        if container_runs(self.config.build.0, image.0, isolation) { Ok(image) } else { mismatch }
    }

    /// The namespace and endpoints it will live with: its own, or those of the container whose network it shares.
    fn network_of(
        &self,
        spec: &ContainerSpec,
    ) -> Result<(Option<winlab_host::Guid>, Vec<winlab_host::Guid>), Fault> {
        if spec.shares_network_of.is_empty() {
            return Ok((spec.namespace, spec.endpoints.clone()));
        }
        let other = self.live(&spec.shares_network_of)?;
        Ok((other.namespace, other.endpoints.clone()))
    }

    /// A system that is not stopped.
    pub(crate) fn live(&self, id: &str) -> Result<&ComputeSystem, Fault> {
        self.systems
            .get(id)
            .filter(|system| system.is_live())
            .ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))
    }

    /// A system that is not stopped; one that has been says so while somebody holds it.
    pub(crate) fn live_mut(&mut self, id: &str) -> Result<&mut ComputeSystem, Fault> {
        match self.systems.get_mut(id) {
            None => Err(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND)),
            Some(system) if !system.is_live() => {
                Err(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED))
            }
            Some(system) => Ok(system),
        }
    }

    /// Removes a system's record with those of its processes.
    pub(crate) fn forget_system(&mut self, id: &str) {
        if let Some(system) = self.systems.remove(id) {
            for pid in system.processes {
                self.processes.remove(&pid);
                self.timers.forget_process(pid);
            }
        }
    }
}

fn check_storage(spec: &ContainerSpec, host: &mut dyn Host) -> Result<(), Fault> {
    if spec.layers.is_empty() || spec.scratch.is_empty() {
        return Err(Fault::new(HResult::E_INVALIDARG));
    }
    for path in spec.layers.iter().chain([&spec.scratch]) {
        if host.kind_of(&Scope::Host, path) != Some(FileKind::Directory) {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
    }
    Ok(())
}

/// The image's program: the topmost layer that carries one, in its `Files` or beside it.
pub(crate) fn find_program(layers: &[String], host: &mut dyn Host) -> Result<Option<Program>, Fault> {
    for layer in layers {
        let layer = layer.trim_end_matches('\\');
        for path in [format!(r"{layer}\Files\{}", Program::FILE), format!(r"{layer}\{}", Program::FILE)] {
            if let Some(bytes) = host.read_file(&Scope::Host, &path) {
                let parsed = Document::from_slice(&bytes)
                    .map_err(|error| error.to_string())
                    .and_then(|document| document.decode::<Program>().map_err(|error| error.to_string()));
                return parsed.map(Some).map_err(|error| {
                    Fault::because(HResult::HCS_E_INVALID_LAYER, format!("{path}: {error}"))
                });
            }
        }
    }
    Ok(None)
}

/// Build and revision of `10.0.17763.1`; none where that is not one of Windows 10 and its kin.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    if (parts.next(), parts.next()) != (Some("10"), Some("0")) {
        return None;
    }
    let build = parts.next()?.parse().ok()?;
    Some((build, parts.next().and_then(|revision| revision.parse().ok()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn image_versions() {
        assert_eq!(super::parse_version("10.0.17763.1"), Some((17763, 1)));
        assert_eq!(super::parse_version("10.0.20348"), Some((20348, 0)));
        assert_eq!(super::parse_version("6.1.7601"), None);
    }
}
