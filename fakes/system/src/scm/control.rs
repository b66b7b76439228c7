//! Control codes.

use winlab_host::system::{ServiceControl, ServiceState, ServiceStatus, SystemEvent};
use winlab_host::{Fault, HResult};

use super::manager::{Outbox, ServiceManager};

impl ServiceManager {
    /// Sends a control code.
    ///
    /// # Errors
    /// `ERROR_SERVICE_DOES_NOT_EXIST`; `ERROR_SERVICE_NOT_ACTIVE` of a stopped service,
    /// `ERROR_SERVICE_CANNOT_ACCEPT_CTRL` of one that starts or stops, `ERROR_DEPENDENT_SERVICES_RUNNING`,
    /// `ERROR_INVALID_SERVICE_CONTROL` where a service of Windows does not take it; `E_INVALIDARG` of codes that only
    /// the system sends.
    pub(crate) fn control(
        &mut self,
        name: &str,
        control: ServiceControl,
        out: &mut Outbox<'_>,
    ) -> Result<ServiceStatus, Fault> {
        let service = self.get(name)?;
        if matches!(control, ServiceControl::Shutdown | ServiceControl::Preshutdown) {
            return Err(Fault::new(HResult::E_INVALIDARG));
        }
        match service.state {
            ServiceState::Stopped => return Err(Fault::new(HResult::ERROR_SERVICE_NOT_ACTIVE)),
            ServiceState::StartPending | ServiceState::StopPending => {
                return Err(Fault::new(HResult::ERROR_SERVICE_CANNOT_ACCEPT_CTRL));
            }
            ServiceState::Running | ServiceState::Paused => {}
        }
        match control {
            ServiceControl::Interrogate => return Ok(service.status()),
            ServiceControl::Stop => {
                let in_use = self.dependents(name).any(|dependent| !dependent.is(ServiceState::Stopped));
                if in_use {
                    return Err(Fault::new(HResult::ERROR_DEPENDENT_SERVICES_RUNNING));
                }
            }
            _ if service.built_in => return Err(Fault::new(HResult::ERROR_INVALID_SERVICE_CONTROL)),
            _ => {}
        }
        self.deliver(name, control, out);
        self.status(name)
    }

    /// Gives a running service's program a control code.
    pub(super) fn deliver(&mut self, name: &str, control: ServiceControl, out: &mut Outbox<'_>) {
        let Ok(service) = self.get_mut(name) else { return };
        if control == ServiceControl::Stop {
            service.asked_to_stop = true;
            service.state = ServiceState::StopPending;
            let status = service.status();
            out.events.push(SystemEvent::ServiceChanged { status });
        }
        let (name, built_in) = (service.name.clone(), service.built_in);
        if built_in {
            self.ended(&name, 0, 0, out);
        } else {
            out.events.push(SystemEvent::ServiceControlled { name, control });
        }
    }
}
