//! The shell around the state machine: a clock, timers, listeners, the boundary.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::FutureExt;
use futures::future::BoxFuture;
use winlab_clock::{Clock, Rng, Seed, VirtualInstant};
use winlab_host::linux::{Answer, Call, Linux as Service, LinuxEvent, LinuxFault};
use winlab_host::{Boundary, DataPlaneView, EventStream, Feed, HostDataPlane, HostLinux};

use crate::config::LinuxConfig;
use crate::context::Context;
use crate::machine::Linux;
use crate::unmodelled::Unmodelled;

struct Inner {
    machine: Linux,
    rng: Rng,
    /// The earliest moment for which a task waits already.
    armed: Option<VirtualInstant>,
}

/// A fake Linux host with a clock. Make it inside the lab's runtime.
pub struct LinuxHost {
    inner: Mutex<Inner>,
    feed: Feed<LinuxEvent>,
    clock: Clock,
    me: Weak<Self>,
}

impl LinuxHost {
    /// A host that has just booted for the first time; its ids and MACs are drawn from `seed`.
    #[must_use]
    pub fn new(config: LinuxConfig, clock: Clock, seed: Seed) -> Arc<Self> {
        let mut rng = seed.rng();
        let machine = Linux::new(config, &mut Context { now: clock.now(), rng: &mut rng });
        Arc::new_cyclic(|me| Self {
            inner: Mutex::new(Inner { machine, rng, armed: None }),
            feed: Feed::default(),
            clock,
            me: me.clone(),
        })
    }

    /// The host at the boundary.
    #[must_use]
    pub fn host(self: &Arc<Self>) -> Arc<HostLinux> {
        self.clone()
    }

    /// Cuts the power. Every call fails until [`boot`](Self::boot).
    pub fn power_off(&self) {
        self.with(|machine, _| ((), machine.power_off()));
    }

    /// Boots after [`power_off`](Self::power_off): enabled units are told to start.
    pub fn boot(&self) {
        self.with(|machine, context| ((), machine.boot(context)));
    }

    /// Power off and boot in one moment.
    pub fn reboot(&self) {
        self.power_off();
        self.boot();
    }

    /// Whether the machine is on.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.lock().machine.is_powered()
    }

    /// A unit's program dies of SIGKILL; `Restart=always` applies.
    ///
    /// # Errors
    /// `ENOENT` where there is no such unit, `ESRCH` where its program does not run.
    pub fn kill_unit(&self, name: &str) -> Result<(), LinuxFault> {
        self.try_with(|machine, context| machine.kill_unit(name, context.now))
    }

    /// A container's program dies of SIGKILL, as when memory runs out.
    ///
    /// # Errors
    /// `ENOENT` where there is no such container, `ESRCH` where it has ended.
    pub fn kill_container(&self, id: &str) -> Result<(), LinuxFault> {
        self.try_with(|machine, _| machine.kill(id))
    }

    /// A container's process, whose component runs outside, has written to its standard output; one that has ended
    /// writes no more.
    pub fn container_writes(&self, id: &str, text: &[u8]) {
        self.with(|machine, _| ((), machine.container_writes(id, text)));
    }

    /// A container's process, whose component runs outside, has ended by itself.
    pub fn container_ends(&self, id: &str, code: i32) {
        self.with(|machine, _| ((), machine.container_ends(id, code)));
    }

    /// Whether every byte more on the disk is refused with `ENOSPC`.
    pub fn set_disk_full(&self, full: bool) {
        self.lock().machine.set_disk_full(full);
    }

    /// What was met that is not modelled, and how often.
    #[must_use]
    pub fn unmodelled(&self) -> Vec<(Unmodelled, u64)> {
        self.lock().machine.unmodelled()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_with(
        &self,
        action: impl FnOnce(&mut Linux, &mut Context<'_>) -> Result<Vec<LinuxEvent>, LinuxFault>,
    ) -> Result<(), LinuxFault> {
        self.with(|machine, context| match action(machine, context) {
            Ok(events) => (Ok(()), events),
            Err(fault) => (Err(fault), Vec::new()),
        })
    }

    /// Does something to the machine, tells the listeners, and waits for its next timer.
    fn with<T>(&self, action: impl FnOnce(&mut Linux, &mut Context<'_>) -> (T, Vec<LinuxEvent>)) -> T {
        let now = self.clock.now();
        let (outcome, events, next) = {
            let mut inner = self.lock();
            let Inner { machine, rng, armed } = &mut *inner;
            let (outcome, mut events) = action(machine, &mut Context { now, rng });
            events.extend(machine.advance(now));
            let next = machine.next_timer().filter(|next| armed.is_none_or(|armed| *next < armed));
            if next.is_some() {
                *armed = next;
            }
            (outcome, events, next)
        };
        for event in &events {
            self.feed.publish(event);
        }
        if let Some(at) = next {
            self.wake_at(at);
        }
        outcome
    }

    fn wake_at(&self, at: VirtualInstant) {
        let (me, clock) = (self.me.clone(), self.clock);
        tokio::spawn(async move {
            clock.sleep_until(at).await;
            if let Some(host) = me.upgrade() {
                let mut inner = host.lock();
                if inner.armed == Some(at) {
                    inner.armed = None;
                }
                drop(inner);
                host.with(|_, _| ((), Vec::new()));
            }
        });
    }
}

impl fmt::Debug for LinuxHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinuxHost")
            .field("hostname", &self.lock().machine.config.hostname)
            .finish_non_exhaustive()
    }
}

impl Boundary<Service> for LinuxHost {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, LinuxFault>> {
        // Carried out when it is awaited, not when it is made: a call that nobody awaits does nothing.
        async move {
            self.with(|machine, context| {
                let reaction = machine.handle(call, context);
                (reaction.answer, reaction.events)
            })
        }
        .boxed()
    }

    fn events(&self) -> EventStream<LinuxEvent> {
        self.feed.subscribe()
    }
}

impl DataPlaneView for LinuxHost {
    fn data_plane(&self) -> HostDataPlane {
        HostDataPlane::Linux(self.lock().machine.data_plane(self.clock.now()))
    }
}
