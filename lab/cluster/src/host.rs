//! One node's machine: the fake, and its boundaries as components reach them.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_component::{Machine, WindowsMachine};
use winlab_cri::SharedMounts;
use winlab_fake_linux::{LinuxConfig, LinuxHost};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::{
    Boundary, DataPlaneView, FaultSwitch, Faulty, HostCompute, HostSystem, Journal, JournalSink, Service,
};
use winlab_real::{RealNode, SharedFiles};

use crate::address_plan;
use crate::call_log::CallLog;
use crate::spec::NodeOs;

/// The fake behind a node.
#[derive(Clone)]
pub(crate) enum Host {
    Windows(Arc<WindowsHost>),
    Linux(Arc<LinuxHost>),
}

impl Host {
    pub(crate) fn windows(&self) -> Option<&Arc<WindowsHost>> {
        if let Self::Windows(host) = self { Some(host) } else { None }
    }

    pub(crate) fn view(&self) -> Arc<dyn DataPlaneView> {
        match self {
            Self::Windows(host) => host.clone(),
            Self::Linux(host) => host.clone(),
        }
    }

    pub(crate) fn unmodelled(&self) -> Vec<(String, String, u64)> {
        match self {
            Self::Windows(host) => {
                let met = host.unmodelled().into_iter();
                met.map(|(service, what, count)| (service.to_owned(), what.to_owned(), count)).collect()
            }
            Self::Linux(host) => {
                let met = host.unmodelled().into_iter();
                met.map(|(what, count)| ("linux".to_owned(), what.what.to_owned(), count)).collect()
            }
        }
    }
}

/// A fake with everything a lab puts around it.
pub(crate) struct Equipped {
    pub(crate) host: Host,
    pub(crate) machine: Machine,
    /// Fault switches by service: `hns`, `hcs`, `system`, `linux`.
    pub(crate) faults: BTreeMap<&'static str, FaultSwitch>,
    /// Where its unmodified programs run, if it has any.
    pub(crate) room: Option<Arc<RealNode>>,
}

/// A new machine: the `number`-th of the lab.
pub(crate) fn equip(
    name: &str,
    os: NodeOs,
    number: usize,
    room: Option<Arc<RealNode>>,
    calls: &Arc<CallLog>,
    clock: Clock,
    seed: Seed,
) -> Equipped {
    let address = address_plan::node_address(number);
    let mac = address_plan::node_mac(number);
    let mut faults = BTreeMap::new();
    match os {
        NodeOs::Linux => {
            let config = LinuxConfig::ubuntu(name, mac, address, Some(address_plan::GATEWAY));
            let host = LinuxHost::new(config, clock, seed);
            let machine = Machine::Linux(decorate(host.host(), &mut faults, calls, clock, seed));
            Equipped { host: Host::Linux(host), machine, faults, room: None }
        }
        NodeOs::Windows(windows) => {
            let nic = HostNic {
                name: "Ethernet".to_owned(),
                mac,
                addresses: vec![address],
                gateway: Some(address_plan::GATEWAY),
                dns: vec![address_plan::GATEWAY],
                mtu: 1500,
            };
            let host = WindowsHost::new(&WindowsConfig::new(name, windows, nic), clock, seed);
            let (mut system, mut compute): (Arc<HostSystem>, Arc<HostCompute>) =
                (host.system(), host.compute());
            if let Some(room) = &room {
                // A kubelet on the drive prepares what containers of the fake host mount.
                let drive = Arc::new(SharedFiles::drive(system.clone(), room.clone()));
                let mounts = SharedMounts::new(drive, system.clone());
                compute = mounts.compute(compute);
                system = mounts.system(Arc::new(SharedFiles::new(system, room.clone())));
            }
            let machine = Machine::Windows(WindowsMachine {
                network: decorate(host.network(), &mut faults, calls, clock, seed),
                compute: decorate(compute, &mut faults, calls, clock, seed),
                system: decorate(system, &mut faults, calls, clock, seed),
            });
            Equipped { host: Host::Windows(host), machine, faults, room }
        }
    }
}

/// The journal sees what components see, so it stands before the faults.
fn decorate<S: Service>(
    host: Arc<dyn Boundary<S>>,
    faults: &mut BTreeMap<&'static str, FaultSwitch>,
    calls: &Arc<CallLog>,
    clock: Clock,
    seed: Seed,
) -> Arc<dyn Boundary<S>> {
    let switch = FaultSwitch::new(seed.child("faults").child(S::NAME));
    faults.insert(S::NAME, switch.clone());
    let faulty: Arc<dyn Boundary<S>> = Arc::new(Faulty::new(host, switch, clock));
    let sink: Arc<dyn JournalSink> = calls.clone();
    Arc::new(Journal::new(faulty, sink, clock))
}
