//! An orderly end of the system.
//!
//! Windows tells services that asked for it of the coming shutdown (`Preshutdown`), waits for them, then tells the rest
//! (`Shutdown`) and waits for those no longer than `WaitToKillServiceTimeout`. A program that answers neither within a
//! second is taken for one that did not ask.

use winlab_clock::VirtualSpan;
use winlab_host::system::{ServiceControl, ServiceState};

use super::manager::{Outbox, ServiceManager, Timer};
use crate::effect::Effect;

/// How the system's shutdown stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shutdown {
    phase: Phase,
    /// Whether the second for a first reaction has passed.
    settled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Preshutdown,
    Shutdown,
}

/// The time a program has for showing that it wants to be waited for.
const REACTION: VirtualSpan = VirtualSpan::from_secs(1);
/// Windows' default for a preshutdown handler.
const PRESHUTDOWN_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(180);
/// `WaitToKillServiceTimeout`'s default.
const SHUTDOWN_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(5);

impl ServiceManager {
    /// Begins an orderly shutdown; [`Effect::ServicesEnded`] says when it is over.
    pub(crate) fn begin_shutdown(&mut self, out: &mut Outbox<'_>) {
        if self.shutdown.is_none() {
            self.enter(Phase::Preshutdown, out);
        }
    }

    /// Power is gone, or the kernel is done: nothing runs, nothing is due.
    pub(crate) fn stop_all_at_once(&mut self) {
        self.timers.clear();
        self.shutdown = None;
        let marked: Vec<String> = self
            .services
            .iter()
            .filter(|(_, service)| service.marked_for_delete)
            .map(|(name, _)| name.clone())
            .collect();
        for name in marked {
            self.services.remove(&name);
        }
        for service in self.services.values_mut() {
            service.state = ServiceState::Stopped;
            service.exit_code = super::service::ERROR_SERVICE_NEVER_STARTED;
            service.specific_exit_code = 0;
            service.waiting = false;
            service.pid = 0;
        }
    }

    fn enter(&mut self, phase: Phase, out: &mut Outbox<'_>) {
        self.shutdown = Some(Shutdown { phase, settled: false });
        let (control, patience) = match phase {
            Phase::Preshutdown => (ServiceControl::Preshutdown, PRESHUTDOWN_TIMEOUT),
            Phase::Shutdown => (ServiceControl::Shutdown, SHUTDOWN_TIMEOUT),
        };
        let running: Vec<String> = self
            .services
            .values()
            .filter(|service| {
                !service.built_in && matches!(service.state, ServiceState::Running | ServiceState::Paused)
            })
            .map(|service| service.name.clone())
            .collect();
        for name in &running {
            if let Ok(service) = self.get_mut(name) {
                service.asked_to_stop = true;
            }
            self.deliver(name, control, out);
        }
        self.schedule(out.now + REACTION, Timer::Shutdown);
        self.schedule(out.now + patience, Timer::Shutdown);
    }

    /// One of a phase's two timers: the first says who reacted, the second ends all patience.
    pub(super) fn shutdown_phase_is_over(&mut self, out: &mut Outbox<'_>) {
        let Some(shutdown) = &mut self.shutdown else { return };
        if shutdown.settled {
            self.next_phase(out);
        } else {
            shutdown.settled = true;
            self.shutdown_may_go_on(out);
        }
    }

    /// After a service has ended: if nobody is waited for any more, the phase is over.
    pub(super) fn shutdown_may_go_on(&mut self, out: &mut Outbox<'_>) {
        let settled = self.shutdown.as_ref().is_some_and(|shutdown| shutdown.settled);
        if settled && !self.services.values().any(|service| service.is(ServiceState::StopPending)) {
            self.next_phase(out);
        }
    }

    fn next_phase(&mut self, out: &mut Outbox<'_>) {
        self.timers.retain(|_, timer| *timer != Timer::Shutdown);
        match self.shutdown.take().map(|shutdown| shutdown.phase) {
            Some(Phase::Preshutdown) => self.enter(Phase::Shutdown, out),
            Some(Phase::Shutdown) => out.effects.push(Effect::ServicesEnded),
            None => {}
        }
    }
}
