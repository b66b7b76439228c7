//! The kubelet's service, as kubeadm starts and stops it (`cmd/kubeadm/app/util/initsystem`).

use winlab_clock::{Clock, VirtualSpan};
use winlab_component::Machine;
use winlab_host::Ask;
use winlab_host::linux::{StartUnit, StopUnit, UnitState, UnitStatusOf};
use winlab_host::system::{ControlService, QueryServiceStatus, ServiceControl, ServiceState, StartService};

const KUBELET: &str = "kubelet";
/// How long a service may take to stop, and how often it is looked at.
const STOP_WITHIN: VirtualSpan = VirtualSpan::from_secs(20);
const LOOK: VirtualSpan = VirtualSpan::from_millis(300);

/// How the kubelet's service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is no such service.
    Missing,
    /// It does not run.
    Stopped,
    /// It runs.
    Running,
}

pub(crate) async fn standing(machine: &Machine) -> Standing {
    match machine {
        Machine::Windows(machine) => {
            match machine.system.ask(QueryServiceStatus { name: KUBELET.to_owned() }).await {
                Err(_) => Standing::Missing,
                Ok(status) if status.state == ServiceState::Running => Standing::Running,
                Ok(_) => Standing::Stopped,
            }
        }
        Machine::Linux(host) => match host.ask(UnitStatusOf { name: KUBELET.to_owned() }).await {
            Err(_) => Standing::Missing,
            Ok(status) if status.state == UnitState::Active => Standing::Running,
            Ok(_) => Standing::Stopped,
        },
    }
}

/// Starts it; one that runs is fine.
pub(crate) async fn start(machine: &Machine) {
    match machine {
        Machine::Windows(machine) => {
            let start = StartService { name: KUBELET.to_owned(), arguments: Vec::new() };
            // kubeadm warns and goes on: the wait for the kubelet shows it (`TryStartKubelet`).
            let _refused = machine.system.ask(start).await;
        }
        Machine::Linux(host) => {
            let _refused = host.ask(StartUnit { name: KUBELET.to_owned() }).await;
        }
    }
}

/// Stops it and waits until it has; one that does not run is fine.
pub(crate) async fn stop(machine: &Machine, clock: Clock) {
    match machine {
        Machine::Windows(machine) => {
            let stop = ControlService { name: KUBELET.to_owned(), control: ServiceControl::Stop };
            let _refused = machine.system.ask(stop).await;
        }
        Machine::Linux(host) => {
            let _refused = host.ask(StopUnit { name: KUBELET.to_owned() }).await;
        }
    }
    let stopped = async {
        while standing(machine).await == Standing::Running {
            clock.sleep(LOOK).await;
        }
    };
    // As `TryStopKubelet`: what does not stop in time is left as it is.
    let _late = clock.within(STOP_WITHIN, stopped).await;
}
