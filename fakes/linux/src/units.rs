//! Units of the service manager.
//!
//! ```text
//! inactive ──start──▶ (waits for what it requires) ──▶ activating ──active──▶ active
//!    ▲                                                    ▲   │ends            │ends / stop
//!    └──────────── deactivating ◀──stop──                 └───┴── RestartSec ◀─┴─▶ failed
//! ```
//! The unit's program is a component outside: it is told by events and reports back with `sd_notify`. Semantics of
//! `Requires=` with `After=` and of `Restart=always`: systemd.unit(5), systemd.service(5).

use std::collections::BTreeMap;

use winlab_clock::VirtualSpan;
use winlab_host::linux::{Errno, LinuxEvent, LinuxFault, UnitConfig, UnitState, UnitStatus};

use crate::context::Done;

#[derive(Debug, Clone)]
struct Unit {
    config: UnitConfig,
    state: UnitState,
    exit_code: i32,
    /// A start that waits for what the unit requires.
    wanted: bool,
    /// Whether its program runs: from the moment it is told to start until it reports its end.
    running: bool,
    /// Goes up with every start and stop: a restart timer of an earlier one is void.
    attempt: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Units(BTreeMap<String, Unit>);

/// A restart to be set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Restart {
    pub(crate) unit: String,
    pub(crate) attempt: u64,
    pub(crate) after: VirtualSpan,
}

impl Units {
    pub(crate) fn install(&mut self, name: &str, config: UnitConfig) {
        if let Some(unit) = self.0.get_mut(name) {
            unit.config = config;
            return;
        }
        let unit = Unit {
            config,
            state: UnitState::Inactive,
            exit_code: 0,
            wanted: false,
            running: false,
            attempt: 0,
        };
        self.0.insert(name.to_owned(), unit);
    }

    pub(crate) fn status(&self, name: &str) -> Done<UnitStatus> {
        let unit = self.0.get(name).ok_or_else(|| not_found(name))?;
        Ok(UnitStatus { name: name.to_owned(), state: unit.state, exit_code: unit.exit_code })
    }

    pub(crate) fn all(&self) -> Vec<UnitStatus> {
        self.0.keys().filter_map(|name| self.status(name).ok()).collect()
    }

    /// Starts a unit after what it requires.
    pub(crate) fn start(&mut self, name: &str, events: &mut Vec<LinuxEvent>) -> Done<()> {
        let unit = self.0.get_mut(name).ok_or_else(|| not_found(name))?;
        if unit.wanted || unit.running && unit.state != UnitState::Deactivating {
            return Ok(());
        }
        unit.wanted = true;
        for required in unit.config.after.clone() {
            if let Err(fault) = self.start(&required, events) {
                self.0.entry(name.to_owned()).and_modify(|unit| unit.wanted = false);
                return Err(LinuxFault::because(
                    fault.errno,
                    format!("Failed to start {name}: {}", fault.message),
                ));
            }
        }
        self.settle(events);
        Ok(())
    }

    /// Stops a unit, and first what requires it. Each program is told at once: its end is not waited for before the
    /// next one is told.
    pub(crate) fn stop(&mut self, name: &str, events: &mut Vec<LinuxEvent>) -> Done<()> {
        self.runs(name)?;
        let mut order = Vec::new();
        self.stop_order(name, &mut Vec::new(), &mut order);
        for name in order {
            self.stop_one(&name, events);
        }
        Ok(())
    }

    /// A unit after everything up that requires it.
    fn stop_order(&self, name: &str, met: &mut Vec<String>, order: &mut Vec<String>) {
        if met.iter().any(|known| known == name) {
            return;
        }
        met.push(name.to_owned());
        for (other, unit) in &self.0 {
            if unit.is_up() && unit.requires(name) {
                self.stop_order(other, met, order);
            }
        }
        order.push(name.to_owned());
    }

    fn stop_one(&mut self, name: &str, events: &mut Vec<LinuxEvent>) {
        let Some(unit) = self.0.get_mut(name) else { return };
        unit.wanted = false;
        // A restart that waits is void.
        unit.attempt += 1;
        if unit.state == UnitState::Deactivating {
            return;
        }
        if unit.running {
            unit.state = UnitState::Deactivating;
            events.push(LinuxEvent::UnitStopping { name: name.to_owned() });
        } else {
            unit.state = UnitState::Inactive;
        }
        self.tell(name, events);
    }

    /// The unit's program tells how it stands.
    pub(crate) fn report(
        &mut self,
        status: &UnitStatus,
        events: &mut Vec<LinuxEvent>,
    ) -> Done<Option<Restart>> {
        let name = status.name.as_str();
        let unit = self.0.get_mut(name).ok_or_else(|| not_found(name))?;
        let ended = matches!(status.state, UnitState::Inactive | UnitState::Failed);
        if !ended {
            // A program that comes up late, after it was told to end, does not bring the unit back; and one that is up
            // cannot come up again: `READY=1` counts once.
            if unit.running && unit.state == UnitState::Activating {
                unit.state = status.state;
            }
            self.tell(name, events);
            self.settle(events);
            return Ok(None);
        }
        let told = unit.state == UnitState::Deactivating;
        unit.exit_code = status.exit_code;
        unit.running = false;
        unit.attempt += 1;
        let again = unit.config.restart_after_secs.filter(|_| !told);
        unit.state = match again {
            // RestartSec runs: `activating (auto-restart)`.
            Some(_) => UnitState::Activating,
            None if told => UnitState::Inactive,
            None => status.state,
        };
        let attempt = unit.attempt;
        self.tell(name, events);
        if again.is_none() && !told {
            self.give_up_on(name);
        }
        self.settle(events);
        Ok(again.map(|secs| Restart {
            unit: name.to_owned(),
            attempt,
            after: VirtualSpan::from_secs(u64::from(secs)),
        }))
    }

    /// A unit that others wait for will not come: their starts are called off ("Dependency failed").
    fn give_up_on(&mut self, name: &str) {
        let waiting = |(_, unit): &(&String, &mut Unit)| unit.wanted && unit.requires(name);
        let mut called_off = Vec::new();
        for (other, unit) in self.0.iter_mut().filter(waiting) {
            unit.wanted = false;
            called_off.push(other.clone());
        }
        for other in called_off {
            self.give_up_on(&other);
        }
    }

    /// Whether a unit's program runs.
    pub(crate) fn runs(&self, name: &str) -> Done<bool> {
        self.0.get(name).map(|unit| unit.running).ok_or_else(|| not_found(name))
    }

    /// `RestartSec` has passed.
    pub(crate) fn restart(&mut self, name: &str, attempt: u64, events: &mut Vec<LinuxEvent>) {
        if self.0.get(name).is_some_and(|unit| unit.attempt == attempt && !unit.running) {
            // What it requires is there, or the start waits for it: the error can only be a unit that is not installed.
            let _missing = self.start(name, events);
        }
    }

    /// Every program is gone, as after a loss of power.
    pub(crate) fn power_off(&mut self, events: &mut Vec<LinuxEvent>) {
        let names: Vec<String> = self.0.keys().cloned().collect();
        for name in names {
            let Some(unit) = self.0.get_mut(&name) else { continue };
            unit.wanted = false;
            unit.running = false;
            unit.attempt += 1;
            if unit.state != UnitState::Inactive {
                unit.state = UnitState::Inactive;
                self.tell(&name, events);
            }
        }
    }

    /// Starts what is enabled.
    pub(crate) fn boot(&mut self, events: &mut Vec<LinuxEvent>) {
        let enabled: Vec<String> =
            self.0.iter().filter(|(_, unit)| unit.config.enabled).map(|(name, _)| name.clone()).collect();
        for name in enabled {
            // As above: a unit whose requirement is not installed stays down, as with systemd.
            let _missing = self.start(&name, events);
        }
    }

    /// Starts every wanted unit whose requirements are active.
    fn settle(&mut self, events: &mut Vec<LinuxEvent>) {
        let ready: Vec<String> = self
            .0
            .iter()
            .filter(|(_, unit)| {
                unit.wanted && unit.config.after.iter().all(|required| self.is_active(required))
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in ready {
            let Some(unit) = self.0.get_mut(&name) else { continue };
            if unit.running {
                continue;
            }
            unit.wanted = false;
            unit.running = true;
            unit.attempt += 1;
            unit.state = UnitState::Activating;
            let exec_start = unit.config.exec_start.clone();
            events.push(LinuxEvent::UnitStarting { name: name.clone(), exec_start });
            self.tell(&name, events);
        }
    }

    fn is_active(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|unit| unit.state == UnitState::Active)
    }

    fn tell(&self, name: &str, events: &mut Vec<LinuxEvent>) {
        if let Ok(status) = self.status(name) {
            events.push(LinuxEvent::UnitChanged { status });
        }
    }
}

impl Unit {
    fn requires(&self, name: &str) -> bool {
        self.config.after.iter().any(|required| required == name)
    }

    fn is_up(&self) -> bool {
        self.wanted || self.running || self.state == UnitState::Activating
    }
}

fn not_found(name: &str) -> LinuxFault {
    LinuxFault::because(Errno::ENOENT, format!("Unit {name} not found."))
}
