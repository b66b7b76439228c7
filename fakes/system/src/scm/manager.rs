//! The manager: its database and everything that only reads or edits it.

use std::collections::BTreeMap;

use winlab_clock::VirtualInstant;
use winlab_host::system::{ServiceConfig, ServiceState, ServiceStatus, StartType, SystemEvent};
use winlab_host::{Fault, HResult};

use super::service::Service;
use super::shutdown::Shutdown;
use crate::context::Context;
use crate::effect::Effect;

/// Services by name, and what is due.
#[derive(Debug, Clone, Default)]
pub struct ServiceManager {
    pub(super) services: BTreeMap<String, Service>,
    pub(super) timers: BTreeMap<(VirtualInstant, u64), Timer>,
    pub(super) timers_made: u64,
    pub(super) shutdown: Option<Shutdown>,
}

/// What becomes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Timer {
    /// A program should have reported since its start with this number.
    StartTimeout(String, u32),
    /// A program that failed is started again, unless another start came between.
    Restart(String, u32),
    /// A phase of the system's shutdown.
    Shutdown,
}

/// Where the manager puts what others have to hear, carry out or give.
pub(crate) struct Outbox<'a> {
    pub(crate) now: VirtualInstant,
    pub(crate) events: &'a mut Vec<SystemEvent>,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) context: &'a mut dyn Context,
}

/// The form in which names of services compare.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

impl ServiceManager {
    /// Adds a service that is part of Windows.
    pub fn add_built_in(&mut self, name: &str, display_name: &str, start: StartType, depends_on: &[&str]) {
        let config = ServiceConfig {
            binary_path: r"C:\Windows\System32\svchost.exe -k NetSvcs".into(),
            display_name: display_name.into(),
            start,
            depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
            account: "LocalSystem".into(),
            restart_after_secs: None,
        };
        self.services.insert(fold(name), Service::new(name, config, true));
    }

    pub(super) fn get(&self, name: &str) -> Result<&Service, Fault> {
        self.services.get(&fold(name)).ok_or(Fault::new(HResult::ERROR_SERVICE_DOES_NOT_EXIST))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Service, Fault> {
        self.services.get_mut(&fold(name)).ok_or(Fault::new(HResult::ERROR_SERVICE_DOES_NOT_EXIST))
    }

    /// Installs a service.
    ///
    /// # Errors
    /// `ERROR_SERVICE_EXISTS`, `ERROR_SERVICE_MARKED_FOR_DELETE`, `ERROR_CIRCULAR_DEPENDENCY`; `ERROR_INVALID_NAME` of
    /// an empty name or one with slashes.
    pub fn create(&mut self, name: &str, config: ServiceConfig) -> Result<(), Fault> {
        if name.is_empty() || name.len() > 256 || name.contains(['/', '\\']) {
            return Err(Fault::new(HResult::ERROR_INVALID_NAME));
        }
        if let Some(known) = self.services.get(&fold(name)) {
            let code = if known.marked_for_delete {
                HResult::ERROR_SERVICE_MARKED_FOR_DELETE
            } else {
                HResult::ERROR_SERVICE_EXISTS
            };
            return Err(Fault::new(code));
        }
        if self.would_depend_on_itself(name, &config) {
            return Err(Fault::new(HResult::ERROR_CIRCULAR_DEPENDENCY));
        }
        self.services.insert(fold(name), Service::new(name, config, false));
        Ok(())
    }

    /// Replaces a service's configuration.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`, `ERROR_SERVICE_MARKED_FOR_DELETE`, `ERROR_CIRCULAR_DEPENDENCY`.
    pub fn change(&mut self, name: &str, config: ServiceConfig) -> Result<(), Fault> {
        let circular = self.would_depend_on_itself(name, &config);
        let service = self.get_mut(name)?;
        if service.marked_for_delete {
            return Err(Fault::new(HResult::ERROR_SERVICE_MARKED_FOR_DELETE));
        }
        if circular {
            return Err(Fault::new(HResult::ERROR_CIRCULAR_DEPENDENCY));
        }
        service.config = config;
        Ok(())
    }

    /// Removes a service once it is stopped.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`, `ERROR_SERVICE_MARKED_FOR_DELETE`.
    pub fn delete(&mut self, name: &str) -> Result<(), Fault> {
        let service = self.get_mut(name)?;
        if service.marked_for_delete {
            return Err(Fault::new(HResult::ERROR_SERVICE_MARKED_FOR_DELETE));
        }
        service.marked_for_delete = true;
        if service.is(ServiceState::Stopped) {
            self.services.remove(&fold(name));
        }
        Ok(())
    }

    /// A service's status.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`
    pub fn status(&self, name: &str) -> Result<ServiceStatus, Fault> {
        self.get(name).map(Service::status)
    }

    /// A service's configuration.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`
    pub fn config(&self, name: &str) -> Result<ServiceConfig, Fault> {
        self.get(name).map(|service| service.config.clone())
    }

    /// Every service with its status, by name.
    #[must_use]
    pub fn enumerate(&self) -> Vec<ServiceStatus> {
        self.services.values().map(Service::status).collect()
    }

    /// When [`ServiceManager`] wants to be told the time next.
    #[must_use]
    pub fn next_timer(&self) -> Option<VirtualInstant> {
        self.timers.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn schedule(&mut self, at: VirtualInstant, timer: Timer) {
        self.timers_made += 1;
        self.timers.insert((at, self.timers_made), timer);
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, out: &mut Outbox<'_>) {
        while let Some(entry) = self.timers.first_entry() {
            if entry.key().0 > out.now {
                break;
            }
            match entry.remove() {
                Timer::StartTimeout(name, starts) => self.start_timed_out(&name, starts, out),
                Timer::Restart(name, starts) => self.restart(&name, starts, out),
                Timer::Shutdown => self.shutdown_phase_is_over(out),
            }
        }
    }

    fn would_depend_on_itself(&self, name: &str, config: &ServiceConfig) -> bool {
        let own = fold(name);
        let mut seen = std::collections::BTreeSet::new();
        let mut open: Vec<String> = config.depends_on.iter().map(|name| fold(name)).collect();
        while let Some(next) = open.pop() {
            if next == own {
                return true;
            }
            if let Some(service) = self.services.get(&next).filter(|_| seen.insert(next.clone())) {
                open.extend(service.config.depends_on.iter().map(|name| fold(name)));
            }
        }
        false
    }

    /// Services that depend on `name` directly.
    pub(super) fn dependents(&self, name: &str) -> impl Iterator<Item = &Service> {
        let own = fold(name);
        self.services
            .values()
            .filter(move |service| service.config.depends_on.iter().any(|dependency| fold(dependency) == own))
    }
}
