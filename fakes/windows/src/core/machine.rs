//! The joined host: calls in, answers and events out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use winlab_clock::{Seed, VirtualInstant};
use winlab_fake_hcs::{CommandOutput, ExternalCommand, Hcs};
use winlab_fake_hns::{BoundPort, Hns, Rehydration};
use winlab_fake_system::{Load, System};
use winlab_host::compute::ComputeEvent;
use winlab_host::network::Notification;
use winlab_host::system::SystemEvent;
use winlab_host::{Fault, Guid, HResult, UnmodelledCounts, compute, network, system};

use super::context::{Ids, Moment};
use super::join::{ContainerRecord, Joined};
use super::power::Power;
use crate::commands::NetworkCommands;
use crate::config::WindowsConfig;

/// One Windows host without a clock.
pub struct Core {
    pub(crate) hns: Hns,
    pub(crate) hcs: Hcs,
    pub(crate) system: System,
    pub(crate) ids: Ids,
    pub(crate) containers: BTreeMap<String, ContainerRecord>,
    pub(crate) power: Power,
    /// What HNS finds when it starts.
    pub(crate) rehydration: Rehydration,
    /// What HNS was told of the ports that programs of the host listen on.
    pub(crate) bound_ports: BTreeSet<BoundPort>,
    /// Containers that ended while HNS was down: it hears of them when it starts.
    pub(crate) to_detach: Vec<(Guid, String)>,
    /// Commands that are not modelled and were asked for.
    pub(crate) unmodelled: UnmodelledCounts,
    pub(crate) network_commands: Option<Arc<dyn NetworkCommands>>,
    pub(crate) events: Events,
}

/// What listeners have to hear, service by service, each in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events {
    /// Of HNS.
    pub network: Vec<Notification>,
    /// Of HCS.
    pub compute: Vec<ComputeEvent>,
    /// Of the system.
    pub system: Vec<SystemEvent>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("power", &self.power).finish_non_exhaustive()
    }
}

/// 1601-01-01 to 1970-01-01 in units of 100 ns.
const UNIX_EPOCH_AS_FILETIME: i128 = 116_444_736_000_000_000;

impl Core {
    /// A host that has just been installed and booted. `moment` is when; ids follow from `seed`.
    #[must_use]
    pub fn new(config: &WindowsConfig, moment: Moment, seed: Seed) -> Self {
        let mut ids = Ids::new(moment, seed);
        let since_start = i128::from(moment.now.as_nanos()) / 100;
        let epoch = moment.date.as_nanosecond() / 100 - since_start + UNIX_EPOCH_AS_FILETIME;
        let hns = Hns::new(config.hns(u64::try_from(epoch).unwrap_or_default()), &mut ids);
        let uuid = ids.next_guid();
        let mut core = Self {
            hns,
            hcs: Hcs::new(config.hcs()),
            system: System::new(config.system(uuid)),
            ids,
            containers: BTreeMap::new(),
            power: Power::On,
            rehydration: Rehydration::of(config.windows),
            bound_ports: BTreeSet::new(),
            to_detach: Vec::new(),
            unmodelled: UnmodelledCounts::default(),
            network_commands: None,
            events: Events::default(),
        };
        core.boot();
        core.events = Events::default();
        core
    }

    /// HCS, and the rest of the host as it sees it.
    pub(crate) fn parts(&mut self) -> (&mut Hcs, Joined<'_>) {
        let joined = Joined {
            hns: &mut self.hns,
            system: &mut self.system,
            ids: &mut self.ids,
            containers: &mut self.containers,
            to_detach: &mut self.to_detach,
            unmodelled: &mut self.unmodelled,
            network_commands: self.network_commands.as_deref(),
        };
        (&mut self.hcs, joined)
    }

    /// A call of HNS.
    ///
    /// # Errors
    /// What HNS answers; `RPC_S_SERVER_UNAVAILABLE` of a host that is off.
    pub fn network(&mut self, call: network::Call, moment: Moment) -> Result<network::Answer, Fault> {
        self.enter(moment)?;
        let answer = self.hns.handle(call, &mut self.ids);
        self.settle();
        answer
    }

    /// A call of HCS.
    ///
    /// # Errors
    /// What HCS answers; `RPC_S_SERVER_UNAVAILABLE` of a host that is off.
    pub fn compute(&mut self, call: compute::Call, moment: Moment) -> Result<compute::Answer, Fault> {
        self.enter(moment)?;
        let (hcs, mut joined) = self.parts();
        let answer = hcs.handle(call, &mut joined);
        self.settle();
        answer
    }

    /// A call of the system.
    ///
    /// # Errors
    /// What the system answers; `RPC_S_SERVER_UNAVAILABLE` of a host that is off.
    pub fn system(&mut self, call: system::Call, moment: Moment) -> Result<system::Answer, Fault> {
        self.enter(moment)?;
        if let system::Call::TerminateJobProcess(terminate) = &call
            && !self.hcs.has_job_process(terminate.pid)
            && self.system.process_ended(terminate.pid, &mut self.ids)
        {
            self.settle();
            return Ok(system::Answer::TerminateJobProcess(()));
        }
        let (hcs, mut joined) = self.parts();
        let call = joined.located(call);
        let answer = match hcs.handle_job(&call, &mut joined) {
            Some(answer) => answer,
            None => {
                if matches!(call, system::Call::GetSystemInformation(_) | system::Call::QueryCounters(_)) {
                    self.ids.load = self.load();
                }
                self.system.handle(call, &mut self.ids)
            }
        };
        self.settle();
        answer
    }

    /// What runs on the host uses so much.
    fn load(&self) -> Load {
        let load = self.hcs.load();
        let services = self.system.services().enumerate().iter().filter(|service| service.pid != 0).count();
        let processors = self.system.config().processors.max(1);
        Load {
            committed: load.memory,
            private_working_set: load.memory,
            // One percent of one processor for each process, as HCS counts it.
            processor: (load.processes * 100 / processors).min(10_000),
            processes: load.processes + u32::try_from(services).unwrap_or_default(),
        }
    }

    /// Before anything else at a moment: what was due until then.
    fn enter(&mut self, moment: Moment) -> Result<(), Fault> {
        self.tick(moment);
        if self.power.is_off() { Err(Fault::new(HResult::RPC_S_SERVER_UNAVAILABLE)) } else { Ok(()) }
    }

    /// Does what is due.
    pub fn tick(&mut self, moment: Moment) {
        self.ids.moment = moment;
        loop {
            let due = self.next_timer().is_some_and(|at| at <= moment.now);
            if !due {
                return;
            }
            self.system.tick(&mut self.ids);
            let (hcs, mut joined) = self.parts();
            hcs.tick(&mut joined);
            self.power_tick();
            self.settle();
        }
    }

    /// When the host wants to be told the time next.
    #[must_use]
    pub fn next_timer(&self) -> Option<VirtualInstant> {
        [self.system.next_timer(), self.hcs.next_timer(), self.power.due()].into_iter().flatten().min()
    }

    /// What listeners have to hear.
    pub fn take_events(&mut self) -> Events {
        std::mem::take(&mut self.events)
    }

    /// Commands that wait for the network's answer: see [`Core::complete`].
    pub fn take_external(&mut self) -> Vec<ExternalCommand> {
        self.hcs.take_external()
    }

    /// A process whose component runs outside has written something.
    pub fn process_writes(&mut self, pid: u32, text: &[u8], moment: Moment) {
        self.tick(moment);
        let (hcs, mut joined) = self.parts();
        hcs.program_writes(pid, text, &mut joined);
        self.settle();
    }

    /// A process whose component runs outside has ended by itself.
    pub fn process_ends(&mut self, pid: u32, code: u32, moment: Moment) {
        self.tick(moment);
        let (hcs, mut joined) = self.parts();
        hcs.program_ends(pid, code, &mut joined);
        self.settle();
    }

    /// The network has answered a command.
    pub fn complete(&mut self, pid: u32, output: CommandOutput, moment: Moment) {
        self.tick(moment);
        let (hcs, mut joined) = self.parts();
        hcs.complete(pid, output, &mut joined);
        self.settle();
    }
}
