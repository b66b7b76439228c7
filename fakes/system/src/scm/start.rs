//! Starting services.

use winlab_clock::VirtualSpan;
use winlab_host::system::{ServiceState, StartType, SystemEvent};
use winlab_host::{Fault, HResult};

use super::manager::{Outbox, ServiceManager, Timer, fold};
use super::service::{ERROR_SERVICE_DEPENDENCY_FAIL, ERROR_SERVICE_REQUEST_TIMEOUT};
use crate::effect::Effect;

/// How long a program has for its first report: `ServicesPipeTimeout`'s default.
const START_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(30);

impl ServiceManager {
    /// Starts a service and what it depends on; its program runs once those run.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`, `ERROR_SERVICE_MARKED_FOR_DELETE`, `ERROR_SERVICE_DISABLED`,
    /// `ERROR_SERVICE_ALREADY_RUNNING` unless it is stopped, `ERROR_SERVICE_DEPENDENCY_DELETED`,
    /// `ERROR_SERVICE_DEPENDENCY_FAIL` of a dependency that cannot be started.
    pub(crate) fn start(
        &mut self,
        name: &str,
        arguments: Vec<String>,
        out: &mut Outbox<'_>,
    ) -> Result<(), Fault> {
        self.may_start(name)?;
        let dependencies = self.dependencies_to_start(name)?;
        for dependency in dependencies {
            self.begin(&dependency, Vec::new(), out);
        }
        self.begin(name, arguments, out);
        Ok(())
    }

    fn may_start(&self, name: &str) -> Result<(), Fault> {
        let service = self.get(name)?;
        if service.marked_for_delete {
            return Err(Fault::new(HResult::ERROR_SERVICE_MARKED_FOR_DELETE));
        }
        if service.config.start == StartType::Disabled {
            return Err(Fault::new(HResult::ERROR_SERVICE_DISABLED));
        }
        if !service.is(ServiceState::Stopped) {
            return Err(Fault::new(HResult::ERROR_SERVICE_ALREADY_RUNNING));
        }
        Ok(())
    }

    /// Stopped services that must run first, in the order in which they can be started.
    fn dependencies_to_start(&self, name: &str) -> Result<Vec<String>, Fault> {
        let mut ordered = Vec::new();
        self.collect_dependencies(name, &mut vec![fold(name)], &mut ordered)?;
        Ok(ordered)
    }

    fn collect_dependencies(
        &self,
        name: &str,
        above: &mut Vec<String>,
        ordered: &mut Vec<String>,
    ) -> Result<(), Fault> {
        for dependency in &self.get(name)?.config.depends_on {
            let folded = fold(dependency);
            if above.contains(&folded) {
                return Err(Fault::new(HResult::ERROR_CIRCULAR_DEPENDENCY));
            }
            if ordered.contains(&folded) {
                continue;
            }
            let Some(service) = self.services.get(&folded).filter(|service| !service.marked_for_delete)
            else {
                return Err(Fault::new(HResult::ERROR_SERVICE_DEPENDENCY_DELETED));
            };
            match service.state {
                ServiceState::Running | ServiceState::Paused | ServiceState::StartPending => continue,
                ServiceState::StopPending => return Err(Fault::new(HResult::ERROR_SERVICE_DEPENDENCY_FAIL)),
                ServiceState::Stopped => {}
            }
            if service.config.start == StartType::Disabled {
                return Err(Fault::new(HResult::ERROR_SERVICE_DEPENDENCY_FAIL));
            }
            above.push(folded.clone());
            self.collect_dependencies(&folded, above, ordered)?;
            above.pop();
            ordered.push(folded);
        }
        Ok(())
    }

    /// Puts a stopped service into start pending; launches its program if nothing holds it back.
    fn begin(&mut self, name: &str, arguments: Vec<String>, out: &mut Outbox<'_>) {
        let Ok(service) = self.get_mut(name) else { return };
        service.state = ServiceState::StartPending;
        service.waiting = true;
        service.reported = false;
        service.asked_to_stop = false;
        service.exit_code = 0;
        service.specific_exit_code = 0;
        service.arguments = arguments;
        service.starts += 1;
        let status = service.status();
        out.events.push(SystemEvent::ServiceChanged { status });
        self.launch_if_free(name, out);
    }

    /// Launches a waiting service's program if all it depends on runs.
    pub(super) fn launch_if_free(&mut self, name: &str, out: &mut Outbox<'_>) {
        let Ok(service) = self.get(name) else { return };
        let runs = |dependency: &String| {
            self.get(dependency)
                .is_ok_and(|d| matches!(d.state, ServiceState::Running | ServiceState::Paused))
        };
        if !service.waiting || !service.config.depends_on.iter().all(runs) {
            return;
        }
        let Ok(service) = self.get_mut(name) else { return };
        service.waiting = false;
        service.pid = out.context.pid();
        if service.built_in {
            out.effects.push(Effect::BuiltInStarted(service.name.clone()));
            self.runs_now(name, out);
            return;
        }
        out.events.push(SystemEvent::ServiceStarting {
            name: service.name.clone(),
            command_line: service.config.binary_path.clone(),
            arguments: service.arguments.clone(),
        });
        let timer = Timer::StartTimeout(service.name.clone(), service.starts);
        self.schedule(out.now + START_TIMEOUT, timer);
    }

    /// A service runs: those that wait for it may be free now.
    pub(super) fn runs_now(&mut self, name: &str, out: &mut Outbox<'_>) {
        let Ok(service) = self.get_mut(name) else { return };
        service.state = ServiceState::Running;
        let status = service.status();
        out.events.push(SystemEvent::ServiceChanged { status });
        let waiting: Vec<String> =
            self.dependents(name).filter(|service| service.waiting).map(|s| s.name.clone()).collect();
        for dependent in waiting {
            self.launch_if_free(&dependent, out);
        }
    }

    pub(super) fn start_timed_out(&mut self, name: &str, starts: u32, out: &mut Outbox<'_>) {
        let silent = self
            .get(name)
            .is_ok_and(|s| s.starts == starts && s.is(ServiceState::StartPending) && !s.reported);
        if silent {
            self.ended(name, ERROR_SERVICE_REQUEST_TIMEOUT, 0, out);
        }
    }

    /// What waits for a service that failed to start fails too.
    pub(super) fn fail_dependents(&mut self, name: &str, out: &mut Outbox<'_>) {
        let waiting: Vec<String> =
            self.dependents(name).filter(|service| service.waiting).map(|s| s.name.clone()).collect();
        for dependent in waiting {
            self.ended(&dependent, ERROR_SERVICE_DEPENDENCY_FAIL, 0, out);
        }
    }

    /// Starts every automatic service, each after what it depends on; a boot's last act.
    pub(crate) fn start_automatic(&mut self, out: &mut Outbox<'_>) {
        let automatic: Vec<String> = self
            .services
            .values()
            .filter(|service| service.starts_with_the_system())
            .map(|service| service.name.clone())
            .collect();
        for name in automatic {
            match self.start(&name, Vec::new(), out) {
                Err(fault) if fault.code == HResult::ERROR_SERVICE_DEPENDENCY_FAIL => {
                    self.ended(&name, ERROR_SERVICE_DEPENDENCY_FAIL, 0, out);
                }
                // Started as another's dependency, or not startable: the event log is where Windows says so.
                Ok(()) | Err(_) => {}
            }
        }
    }
}
