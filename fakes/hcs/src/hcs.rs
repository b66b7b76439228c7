//! The service of one host: its state, and which part answers which call.

use std::collections::BTreeMap;

use winlab_clock::VirtualInstant;
use winlab_host::compute::{Answer, Call, ComputeEvent};
use winlab_host::{Fault, HResult, Unmodelled, UnmodelledCounts};

use crate::config::HcsConfig;
use crate::host::{Host, Load};
use crate::job::{Job, JobEvent};
use crate::layers::Layers;
use crate::process::{ExternalCommand, Process};
use crate::system::ComputeSystem;
use crate::timers::{Timer, Timers};

/// One host's Host Compute Service.
#[derive(Debug, Clone)]
pub struct Hcs {
    pub(crate) config: HcsConfig,
    pub(crate) is_running: bool,
    pub(crate) systems: BTreeMap<String, ComputeSystem>,
    pub(crate) jobs: BTreeMap<String, Job>,
    pub(crate) processes: BTreeMap<u32, Process>,
    pub(crate) layers: Layers,
    pub(crate) timers: Timers,
    pub(crate) events: Vec<ComputeEvent>,
    pub(crate) job_events: Vec<JobEvent>,
    pub(crate) external: Vec<ExternalCommand>,
    unmodelled: UnmodelledCounts,
}

impl Hcs {
    /// The service of a host on which nothing runs yet.
    #[must_use]
    pub fn new(config: HcsConfig) -> Self {
        Self {
            config,
            is_running: true,
            systems: BTreeMap::new(),
            jobs: BTreeMap::new(),
            processes: BTreeMap::new(),
            layers: Layers::default(),
            timers: Timers::default(),
            events: Vec::new(),
            job_events: Vec::new(),
            external: Vec::new(),
            unmodelled: UnmodelledCounts::default(),
        }
    }

    /// Carries out one call.
    ///
    /// # Errors
    /// What HCS answers; the parts say what. `RPC_S_SERVER_UNAVAILABLE` while the service does not run.
    pub fn handle(&mut self, call: Call, host: &mut dyn Host) -> Result<Answer, Fault> {
        if !self.is_running && needs_the_service(&call) {
            return Err(Fault::new(HResult::RPC_S_SERVER_UNAVAILABLE));
        }
        match call {
            Call::EnumerateComputeSystems(_)
            | Call::CreateComputeSystem(_)
            | Call::OpenComputeSystem(_)
            | Call::CloseComputeSystem(_)
            | Call::StartComputeSystem(_)
            | Call::ShutdownComputeSystem(_)
            | Call::TerminateComputeSystem(_)
            | Call::PauseComputeSystem(_)
            | Call::ResumeComputeSystem(_)
            | Call::SaveComputeSystem(_)
            | Call::CrashComputeSystem(_)
            | Call::GetComputeSystemProperties(_)
            | Call::ModifyComputeSystem(_)
            | Call::ModifyServiceSettings(_)
            | Call::GetServiceProperties(_) => self.handle_system(call, host),
            Call::CreateProcess(_)
            | Call::OpenProcess(_)
            | Call::TerminateProcess(_)
            | Call::SignalProcess(_)
            | Call::GetProcessInfo(_)
            | Call::GetProcessProperties(_)
            | Call::ModifyProcess(_)
            | Call::ReadProcessOutput(_)
            | Call::WriteProcessInput(_) => self.handle_process(call, host),
            Call::ActivateLayer(_)
            | Call::DeactivateLayer(_)
            | Call::CopyLayer(_)
            | Call::CreateLayer(_)
            | Call::CreateSandboxLayer(_)
            | Call::ExpandSandboxSize(_)
            | Call::DestroyLayer(_)
            | Call::ExportLayer(_)
            | Call::ImportLayer(_)
            | Call::GetLayerMountPath(_)
            | Call::GetBaseImages(_)
            | Call::LayerExists(_)
            | Call::NameToGuid(_)
            | Call::PrepareLayer(_)
            | Call::UnprepareLayer(_)
            | Call::ProcessBaseImage(_)
            | Call::ProcessUtilityImage(_)
            | Call::GrantVmAccess(_) => self.handle_layer(call, host),
            Call::ImportStorageLayer(_)
            | Call::ExportStorageLayer(_)
            | Call::DestroyStorageLayer(_)
            | Call::SetupBaseOsLayer(_)
            | Call::SetupBaseOsVolume(_)
            | Call::InitializeWritableLayer(_)
            | Call::AttachLayerStorageFilter(_)
            | Call::DetachLayerStorageFilter(_)
            | Call::AttachOverlayFilter(_)
            | Call::DetachOverlayFilter(_)
            | Call::FormatWritableLayerVhd(_)
            | Call::GetLayerVhdMountPath(_) => self.handle_storage(call, host),
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, host: &mut dyn Host) {
        while let Some(timer) = self.timers.take_due(host.now()) {
            match timer {
                Timer::Ready(pid) => self.process_is_ready(pid),
                Timer::Exit(pid, code) => self.process_exits(pid, code, host),
                Timer::Step(pid, code) => self.script_goes_on(pid, code, host),
                Timer::Line(pid) => self.next_line(pid, host),
                Timer::ShutdownOver(id) => self.shutdown_is_over(&id, host),
            }
        }
    }

    /// When the service wants to be told the time next.
    #[must_use]
    pub fn next_timer(&self) -> Option<VirtualInstant> {
        self.timers.next()
    }

    /// What listeners have to hear, in order.
    pub fn take_events(&mut self) -> Vec<ComputeEvent> {
        std::mem::take(&mut self.events)
    }

    /// What listeners of the host's own processes have to hear, in order.
    pub fn take_job_events(&mut self) -> Vec<JobEvent> {
        std::mem::take(&mut self.job_events)
    }

    /// Commands that ask the network, for whoever can answer: see [`Hcs::complete`].
    pub fn take_external(&mut self) -> Vec<ExternalCommand> {
        std::mem::take(&mut self.external)
    }

    /// What its processes and virtual machines use.
    #[must_use]
    pub fn load(&self) -> Load {
        let running: Vec<u64> = self.processes.values().filter_map(Process::memory_in_use).collect();
        let machines: u64 = self.systems.values().map(ComputeSystem::machine_memory).sum();
        Load {
            memory: running.iter().sum::<u64>() + machines,
            processes: u32::try_from(running.len()).unwrap_or(u32::MAX),
        }
    }

    /// What was asked for and is not modelled.
    #[must_use]
    pub fn unmodelled(&self) -> &UnmodelledCounts {
        &self.unmodelled
    }

    pub(crate) fn count(&mut self, entry: &Unmodelled) {
        self.unmodelled.count(entry);
    }
}

/// Layers are files: their functions need no service, and neither does a name's GUID.
fn needs_the_service(call: &Call) -> bool {
    use winlab_host::compute::Call as C;
    !matches!(call, C::LayerExists(_) | C::NameToGuid(_) | C::GetBaseImages(_))
}
