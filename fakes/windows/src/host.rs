//! The host in a lab: the core behind a lock, the clock's timers, the feeds.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use winlab_clock::{Clock, Seed};
use winlab_fake_hcs::ExternalCommand;
use winlab_host::compute::{Compute, ComputeEvent, ComputeEventKind};
use winlab_host::network::{Network, Notification, NotificationKind};
use winlab_host::system::{System, SystemEvent};
use winlab_host::{
    Boundary, DataPlaneView, EventStream, Fault, Feed, HostCompute, HostDataPlane, HostNetwork, HostSystem,
    compute, network, system,
};

use crate::commands::NetworkCommands;
use crate::config::WindowsConfig;
use crate::core::{Core, Moment, Power};

/// One Windows host of a lab. It answers all three services of the boundary.
pub struct WindowsHost {
    name: String,
    clock: Clock,
    core: Mutex<Core>,
    network: Feed<Notification>,
    compute: Feed<ComputeEvent>,
    system: Feed<SystemEvent>,
    power: Feed<Power>,
    /// Woken when something may be due earlier than before.
    timers: Arc<Notify>,
    this: Weak<Self>,
}

impl fmt::Debug for WindowsHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowsHost").field("name", &self.name).finish_non_exhaustive()
    }
}

impl WindowsHost {
    /// A host that has just been installed and booted. Call it inside the lab's runtime: its timers run there for as
    /// long as the host lives.
    #[must_use]
    pub fn new(config: &WindowsConfig, clock: Clock, seed: Seed) -> Arc<Self> {
        let moment = Moment { now: clock.now(), date: clock.timestamp() };
        let host = Arc::new_cyclic(|this| Self {
            name: config.name.clone(),
            clock,
            core: Mutex::new(Core::new(config, moment, seed.child(&config.name))),
            network: Feed::default(),
            compute: Feed::default(),
            system: Feed::default(),
            power: Feed::default(),
            timers: Arc::new(Notify::new()),
            this: this.clone(),
        });
        tokio::spawn(run_timers(Arc::downgrade(&host), host.timers.clone(), clock));
        host
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its HNS.
    #[must_use]
    pub fn network(self: &Arc<Self>) -> Arc<HostNetwork> {
        self.clone()
    }

    /// Its HCS.
    #[must_use]
    pub fn compute(self: &Arc<Self>) -> Arc<HostCompute> {
        self.clone()
    }

    /// Its service control manager, registry, files and the rest.
    #[must_use]
    pub fn system(self: &Arc<Self>) -> Arc<HostSystem> {
        self.clone()
    }

    /// Who answers commands that ask the network, from now on.
    pub fn set_network_commands(&self, commands: Arc<dyn NetworkCommands>) {
        self.lock().network_commands = Some(commands);
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), date: self.clock.timestamp() }
    }

    /// Works on the core, then tells listeners, starts what the network has to answer, and sets the timer.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Core, Moment) -> T) -> T {
        let moment = self.moment();
        let mut core = self.lock();
        let (before, power) = (core.next_timer(), core.power());
        let result = work(&mut core, moment);
        self.publish(&mut core);
        if core.power() != power {
            self.tell_power(core.power());
        }
        let external = core.take_external();
        let hook = core.network_commands.clone();
        if core.next_timer() != before {
            self.timers.notify_one();
        }
        drop(core);
        for command in external {
            if let (Some(hook), Some(host)) = (&hook, self.this.upgrade()) {
                tokio::spawn(answer(host, hook.clone(), command));
            }
        }
        result
    }

    /// Reads the core.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Core) -> T) -> T {
        look(&self.lock())
    }

    /// Tells listeners; a service that went away takes its registrations with it. The system's listeners stay: they are
    /// the lab's launcher and readers of logs.
    fn publish(&self, core: &mut Core) {
        let events = core.take_events();
        for event in &events.network {
            self.network.publish(event);
            if event.kind == NotificationKind::ServiceDisconnect {
                self.network.disconnect();
            }
        }
        for event in &events.compute {
            self.compute.publish(event);
            if event.kind == ComputeEventKind::ServiceDisconnect {
                self.compute.disconnect();
            }
        }
        for event in &events.system {
            self.system.publish(event);
        }
    }

    /// A host that is off has no listeners but the lab's.
    fn tell_power(&self, power: Power) {
        if power.is_off() {
            self.network.disconnect();
            self.compute.disconnect();
        }
        self.power.publish(&power);
    }

    /// What happens to its power, from now on.
    #[must_use]
    pub fn power_changes(&self) -> EventStream<Power> {
        self.power.subscribe()
    }
}

impl Drop for WindowsHost {
    /// Wakes the timers' task: it ends with the host.
    fn drop(&mut self) {
        self.timers.notify_one();
    }
}

/// Tells the core the time whenever something is due, for as long as the host lives.
async fn run_timers(host: Weak<WindowsHost>, changed: Arc<Notify>, clock: Clock) {
    loop {
        let Some(due) = host.upgrade().map(|host| host.read(Core::next_timer)) else { return };
        match due {
            None => changed.notified().await,
            Some(at) => {
                if clock.within(at.since(clock.now()), changed.notified()).await.is_err() {
                    let Some(host) = host.upgrade() else { return };
                    host.with(Core::tick);
                }
            }
        }
    }
}

/// Asks the network outside the lock, then gives the answer to the process that waits for it.
async fn answer(host: Arc<WindowsHost>, hook: Arc<dyn NetworkCommands>, command: ExternalCommand) {
    let output = hook.run(&host.name, command.invocation).await;
    if output.took != winlab_clock::VirtualSpan::ZERO {
        host.clock.sleep(output.took).await;
    }
    let output = winlab_fake_hcs::CommandOutput { took: winlab_clock::VirtualSpan::ZERO, ..output };
    host.with(|core, moment| core.complete(command.pid, output, moment));
}

impl Boundary<Network> for WindowsHost {
    fn call(&self, call: network::Call) -> BoxFuture<'_, Result<network::Answer, Fault>> {
        async move { self.with(|core, moment| core.network(call, moment)) }.boxed()
    }

    fn events(&self) -> EventStream<Notification> {
        self.network.subscribe()
    }
}

impl Boundary<Compute> for WindowsHost {
    fn call(&self, call: compute::Call) -> BoxFuture<'_, Result<compute::Answer, Fault>> {
        async move { self.with(|core, moment| core.compute(call, moment)) }.boxed()
    }

    fn events(&self) -> EventStream<ComputeEvent> {
        self.compute.subscribe()
    }
}

impl Boundary<System> for WindowsHost {
    fn call(&self, call: system::Call) -> BoxFuture<'_, Result<system::Answer, Fault>> {
        async move { self.with(|core, moment| core.system(call, moment)) }.boxed()
    }

    fn events(&self) -> EventStream<SystemEvent> {
        self.system.subscribe()
    }
}

impl DataPlaneView for WindowsHost {
    fn data_plane(&self) -> HostDataPlane {
        HostDataPlane::Windows(self.read(Core::data_plane))
    }
}
