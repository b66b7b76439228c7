//! What services' programs report, and how they end.

use winlab_clock::VirtualSpan;
use winlab_host::system::{ServiceState, ServiceStatus, SystemEvent};
use winlab_host::{Fault, HResult};

use super::manager::{Outbox, ServiceManager, Timer, fold};
use super::service::ERROR_PROCESS_ABORTED;
use crate::effect::Effect;

impl ServiceManager {
    /// A service's own program tells how it stands.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`; `E_HANDLE` of a service that is stopped or part of Windows: no program of it runs.
    pub(crate) fn report(
        &mut self,
        name: &str,
        status: &ServiceStatus,
        out: &mut Outbox<'_>,
    ) -> Result<(), Fault> {
        let service = self.get_mut(name)?;
        if service.built_in || service.waiting || service.is(ServiceState::Stopped) {
            return Err(Fault::new(HResult::E_HANDLE));
        }
        service.reported = true;
        match status.state {
            ServiceState::Stopped => self.ended(name, status.exit_code, status.specific_exit_code, out),
            ServiceState::Running => {
                if !service.is(ServiceState::Running) {
                    self.runs_now(name, out);
                }
            }
            state => {
                if service.state != state {
                    service.state = state;
                    let status = service.status();
                    out.events.push(SystemEvent::ServiceChanged { status });
                }
            }
        }
        Ok(())
    }

    /// A service has ended: its program said so, or its process is gone.
    pub(super) fn ended(&mut self, name: &str, exit_code: u32, specific: u32, out: &mut Outbox<'_>) {
        let Ok(service) = self.get_mut(name) else { return };
        let by_itself = !service.asked_to_stop;
        let was_starting = service.is(ServiceState::StartPending);
        service.state = ServiceState::Stopped;
        service.waiting = false;
        service.exit_code = exit_code;
        service.specific_exit_code = specific;
        service.pid = 0;
        let (status, starts) = (service.status(), service.starts);
        let again = service.config.restart_after_secs.filter(|_| by_itself && exit_code != 0);
        let (shown, built_in, marked) = (service.name.clone(), service.built_in, service.marked_for_delete);
        out.events.push(SystemEvent::ServiceChanged { status });
        if built_in {
            out.effects.push(Effect::BuiltInStopped(shown.clone()));
        }
        if marked {
            self.services.remove(&fold(name));
        } else if let Some(seconds) = again.filter(|_| self.shutdown.is_none()) {
            let at = out.now + VirtualSpan::from_secs(u64::from(seconds));
            self.schedule(at, Timer::Restart(shown, starts));
        }
        if was_starting {
            self.fail_dependents(name, out);
        }
        self.shutdown_may_go_on(out);
    }

    pub(super) fn restart(&mut self, name: &str, starts: u32, out: &mut Outbox<'_>) {
        if self.get(name).is_ok_and(|service| service.starts == starts) {
            // A start that fails now is in the event log on Windows; its reason is in the service's status here.
            let _failed = self.start(name, Vec::new(), out);
        }
    }

    /// Ends the service that runs in a process; whether there is one.
    pub(crate) fn process_ended(&mut self, pid: u32, out: &mut Outbox<'_>) -> bool {
        let found =
            self.services.values().find(|service| service.pid == pid && pid != 0).map(|s| s.name.clone());
        let Some(name) = found else { return false };
        if let Ok(service) = self.get_mut(&name) {
            service.asked_to_stop = false;
        }
        self.ended(&name, ERROR_PROCESS_ABORTED, 0, out);
        true
    }
}
