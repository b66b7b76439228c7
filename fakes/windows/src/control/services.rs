//! HNS, HCS and processes.

use winlab_fake_hns::{Rehydration, Traffic};
use winlab_host::system::{self, ControlService, ServiceControl, StartService};
use winlab_host::{Adapter, Fault, Guid, HResult, compute};

use crate::host::WindowsHost;

impl WindowsHost {
    /// Stops a service of Windows, through the service control manager: `hns`, `vmcompute`.
    ///
    /// # Errors
    /// As `ControlService`.
    pub fn stop_service(&self, name: &str) -> Result<(), Fault> {
        let control = ControlService { name: name.to_owned(), control: ServiceControl::Stop };
        self.with(|core, moment| core.system(system::Call::ControlService(control), moment)).map(drop)
    }

    /// Starts a service, through the service control manager.
    ///
    /// # Errors
    /// As `StartService`.
    pub fn start_service(&self, name: &str) -> Result<(), Fault> {
        let start = StartService { name: name.to_owned(), arguments: Vec::new() };
        self.with(|core, moment| core.system(system::Call::StartService(start), moment)).map(drop)
    }

    /// Starts HNS. What it finds is the build's own behaviour, or for this once what is given.
    ///
    /// # Errors
    /// As `StartService`.
    pub fn start_hns(&self, finds: Option<Rehydration>) -> Result<(), Fault> {
        self.with(|core, moment| {
            let usual = core.rehydration;
            core.rehydration = finds.unwrap_or(usual);
            let start = StartService { name: "hns".to_owned(), arguments: Vec::new() };
            let started = core.system(system::Call::StartService(start), moment);
            core.rehydration = usual;
            started.map(drop)
        })
    }

    /// The process of a service of Windows crashes: `hns`, `vmcompute`. It stays down until it is started.
    pub fn crash_service(&self, name: &str) {
        self.with(|core, moment| {
            core.tick(moment);
            core.system.crash_built_in(name, &mut core.ids);
            core.settle();
        });
    }

    /// Ends a process by its id, whatever it belongs to: a container, a job object, or a service, whose program the
    /// launcher must end then. Whether there was one.
    pub fn kill_process(&self, pid: u32) -> bool {
        self.with(|core, moment| {
            let terminate = system::TerminateJobProcess { pid, exit_code: 1 };
            if core.system(system::Call::TerminateJobProcess(terminate), moment).is_ok() {
                return true;
            }
            let owner = core.hcs.programs().find(|program| program.pid == pid);
            let Some(id) = owner.map(|program| program.container.to_owned()) else { return false };
            let terminate = compute::TerminateProcess { id, pid };
            core.compute(compute::Call::TerminateProcess(terminate), moment).is_ok()
        })
    }

    /// Removes a compute system as if somebody else had. Whether there was one.
    pub fn remove_compute_system(&self, id: &str) -> bool {
        let terminate =
            compute::TerminateComputeSystem { id: id.to_owned(), options: winlab_document::Document::Null };
        self.with(|core, moment| core.compute(compute::Call::TerminateComputeSystem(terminate), moment))
            .is_ok()
    }

    /// Removes an object of HNS as if somebody else had. Whether there was one.
    pub fn remove_hns_object(&self, id: Guid) -> bool {
        self.with(|core, moment| {
            core.tick(moment);
            let removed = core.hns.remove_out_of_band(id);
            core.settle();
            removed
        })
    }

    /// Marks an object of HNS as stored but not plumbed. Whether there is one.
    pub fn unplumb(&self, id: Guid) -> bool {
        self.with(|core, _| core.hns.unplumb(id))
    }

    /// Plumbs an object of HNS again. Whether there is one.
    pub fn replumb(&self, id: Guid) -> bool {
        self.with(|core, _| core.hns.replumb(id))
    }

    /// Marks an endpoint as degraded: attaching its namespace fails. Whether there is one.
    pub fn degrade_endpoint(&self, id: Guid) -> bool {
        self.with(|core, _| core.hns.degrade(id))
    }

    /// Counts traffic of an endpoint. Whether there is one.
    pub fn count_traffic(&self, endpoint: Guid, traffic: Traffic) -> bool {
        self.with(|core, _| core.hns.count_traffic(endpoint, traffic))
    }

    /// Changes an adapter of the host, as an administrator or DHCP would.
    ///
    /// # Errors
    /// `RPC_S_SERVER_UNAVAILABLE` of a host that is off.
    pub fn set_adapter(&self, adapter: Adapter) -> Result<(), Fault> {
        self.with(|core, moment| {
            core.tick(moment);
            if core.power().is_off() {
                return Err(Fault::new(HResult::RPC_S_SERVER_UNAVAILABLE));
            }
            core.hns.set_adapter(adapter.clone());
            core.system.put_adapter(adapter);
            core.settle();
            Ok(())
        })
    }
}
