//! Power: shutdown, reboot, and what a boot finds.
//!
//! ```text
//! On ──shutdown──▶ GoingDown ──services have ended──▶ Off ──power on, or its time──▶ On
//!  └───────────────── power loss ────────────────────▶
//! ```

use winlab_clock::{VirtualInstant, VirtualSpan};

use super::context::Moment;
use super::machine::Core;

/// Whether a host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// It runs.
    On,
    /// Its services are being told to end; it will be off for so long, or until it is switched on.
    GoingDown(Option<VirtualSpan>),
    /// It is off, until this moment or until it is switched on.
    Off(Option<VirtualInstant>),
}

impl Power {
    /// Whether the host is off.
    #[must_use]
    pub fn is_off(self) -> bool {
        matches!(self, Self::Off(_))
    }

    pub(crate) fn due(self) -> Option<VirtualInstant> {
        if let Self::Off(until) = self { until } else { None }
    }
}

impl Core {
    /// Whether it runs.
    #[must_use]
    pub fn power(&self) -> Power {
        self.power
    }

    /// Begins an orderly shutdown: services are told and waited for. `off_for`: how long until it boots again; `None`:
    /// until [`Core::power_on`].
    pub fn shut_down(&mut self, off_for: Option<VirtualSpan>, moment: Moment) {
        self.tick(moment);
        match self.power {
            Power::On => {
                self.power = Power::GoingDown(off_for);
                self.system.begin_shutdown(&mut self.ids);
                self.settle();
            }
            // Already on its way: the latest word says what comes after.
            Power::GoingDown(_) => self.power = Power::GoingDown(off_for),
            Power::Off(_) => {}
        }
    }

    /// The power is gone at once.
    pub fn lose_power(&mut self, off_for: Option<VirtualSpan>, moment: Moment) {
        self.tick(moment);
        if !self.power.is_off() {
            self.power = Power::GoingDown(off_for);
            self.go_down();
            self.settle();
        }
    }

    /// Boots a host that is off.
    pub fn power_on(&mut self, moment: Moment) {
        self.tick(moment);
        if self.power.is_off() {
            self.boot();
            self.settle();
        }
    }

    /// The last moment: containers, then HNS's ports, then everything volatile. Nobody hears of it: listeners are
    /// programs of this host.
    pub(crate) fn go_down(&mut self) {
        let off_for = if let Power::GoingDown(off_for) = self.power { off_for } else { None };
        self.power = Power::Off(off_for.map(|span| self.ids.moment.now + span));
        let (hcs, mut joined) = self.parts();
        hcs.power_off(&mut joined);
        self.containers.clear();
        self.to_detach.clear();
        self.bound_ports.clear();
        self.hns.reboot();
        self.settle();
        self.system.power_off();
        self.events = super::machine::Events::default();
    }

    pub(crate) fn power_tick(&mut self) {
        if self.power.due().is_some_and(|at| at <= self.ids.moment.now) {
            self.boot();
        }
    }

    pub(crate) fn boot(&mut self) {
        self.power = Power::On;
        if !self.system.config().containers_feature {
            let (hcs, mut joined) = self.parts();
            hcs.stop_service(&mut joined);
            self.hns.stop();
        }
        self.system.boot(&mut self.ids);
        self.settle();
    }
}
