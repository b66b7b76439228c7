//! Whatever is done to a host, in whatever order: what must hold always.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::{Seed, VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_fake_windows::{Core, Events, Moment};
use winlab_host::compute::{
    self, CloseComputeSystem, CreateComputeSystem, CreateProcess, StartComputeSystem, TerminateComputeSystem,
};
use winlab_host::network::{
    self, CreateEndpoint, CreateNamespace, CreateNetwork, DeleteEndpoint, ModifyNamespace,
};
use winlab_host::system::{
    self, ControlService, CreateDirectory, CreateJobProcess, Scope, ServiceControl, StartService, WriteFile,
};
use winlab_host::{Guid, HostProgram, Program};

use crate::lab::{LAYER, config, web};

#[derive(Debug, Clone)]
enum Action {
    Endpoint(u8),
    DeleteEndpoint(u8),
    Join(u8, u8),
    Create(u8, u8),
    Start(u8),
    Run(u8),
    HostProcess,
    Terminate(u8),
    Close(u8),
    StopHns,
    StartHns,
    Reboot,
    Pass(u64),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0..4u8).prop_map(Action::Endpoint),
        (0..4u8).prop_map(Action::DeleteEndpoint),
        (0..4u8, 0..3u8).prop_map(|(e, n)| Action::Join(e, n)),
        (0..3u8, 0..3u8).prop_map(|(s, n)| Action::Create(s, n)),
        (0..3u8).prop_map(Action::Start),
        (0..3u8).prop_map(Action::Run),
        proptest::strategy::Just(Action::HostProcess),
        (0..3u8).prop_map(Action::Terminate),
        (0..3u8).prop_map(Action::Close),
        proptest::strategy::Just(Action::StopHns),
        proptest::strategy::Just(Action::StartHns),
        proptest::strategy::Just(Action::Reboot),
        (1..100u64).prop_map(Action::Pass),
    ]
}

fn id(kind: u128, number: u8) -> Guid {
    Guid::from_bits((kind << 64) | (u128::from(number) + 1))
}

struct World {
    core: Core,
    now: VirtualInstant,
}

impl World {
    fn new() -> Self {
        let now = VirtualInstant::START;
        let moment = Moment { now, date: "2026-01-01T00:00:00Z".parse().unwrap() };
        let mut world = Self { core: Core::new(&config(), moment, Seed::new(3)), now };
        let scope = || Scope::Host;
        let folder = format!(r"{LAYER}\Files");
        for path in [folder.as_str(), r"C:\scratch"] {
            world
                .system(system::Call::CreateDirectory(CreateDirectory { scope: scope(), path: path.into() }));
        }
        let bytes = Document::encode(&web()).unwrap().to_bytes().into();
        let path = format!(r"{folder}\{}", Program::FILE);
        world.system(system::Call::WriteFile(WriteFile { scope: scope(), path, bytes }));
        world.network_of_the_lab();
        world
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now, date: "2026-01-01T00:00:00Z".parse().unwrap() }
    }

    fn system(&mut self, call: system::Call) {
        drop(self.core.system(call, self.moment()));
    }

    fn compute(&mut self, call: compute::Call) {
        drop(self.core.compute(call, self.moment()));
    }

    fn network(&mut self, call: network::Call) {
        drop(self.core.network(call, self.moment()));
    }

    fn network_of_the_lab(&mut self) {
        let settings = doc!({"Name": "cbr0", "Type": "L2Bridge", "SchemaVersion": {"Major": 2, "Minor": 0},
            "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": "10.244.1.0/24",
                "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]}]}]});
        self.network(network::Call::CreateNetwork(CreateNetwork { id: id(1, 0), settings }));
        for number in 0..3 {
            let settings = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
            self.network(network::Call::CreateNamespace(CreateNamespace { id: id(3, number), settings }));
        }
    }

    fn act(&mut self, action: &Action) {
        let system = |n: &u8| format!("s{n}");
        let options = Document::Null;
        match action {
            Action::Endpoint(n) => {
                let settings =
                    doc!({"SchemaVersion": {"Major": 2, "Minor": 0}, "HostComputeNetwork": id(1, 0)});
                let call = CreateEndpoint { network: id(1, 0), id: id(2, *n), settings };
                self.network(network::Call::CreateEndpoint(call));
            }
            Action::DeleteEndpoint(n) => {
                self.network(network::Call::DeleteEndpoint(DeleteEndpoint { id: id(2, *n) }));
            }
            Action::Join(endpoint, namespace) => {
                let settings = doc!({"ResourceType": "Endpoint", "RequestType": "Add",
                    "Settings": {"EndpointId": id(2, *endpoint)}});
                let call = ModifyNamespace { id: id(3, *namespace), settings };
                self.network(network::Call::ModifyNamespace(call));
            }
            Action::Create(n, namespace) => {
                let configuration = doc!({
                    "SchemaVersion": {"Major": 2, "Minor": 1}, "ShouldTerminateOnLastHandleClosed": true,
                    "Container": {
                        "Storage": {"Layers": [{"Id": Guid::NIL, "Path": LAYER}], "Path": "C:\\scratch"},
                        "Networking": {"Namespace": id(3, *namespace)},
                    },
                });
                self.compute(compute::Call::CreateComputeSystem(CreateComputeSystem {
                    id: system(n),
                    configuration,
                }));
            }
            Action::Start(n) => {
                self.compute(compute::Call::StartComputeSystem(StartComputeSystem {
                    id: system(n),
                    options,
                }));
            }
            Action::Run(n) => {
                let parameters = doc!({"CommandLine": "web"});
                self.compute(compute::Call::CreateProcess(CreateProcess { id: system(n), parameters }));
            }
            Action::HostProcess => {
                let parameters = doc!({"CommandLine": "cmd /c ping -t 127.0.0.1 > nul"});
                self.system(system::Call::CreateJobProcess(CreateJobProcess {
                    job: String::new(),
                    parameters,
                }));
            }
            Action::Terminate(n) => {
                let call = TerminateComputeSystem { id: system(n), options };
                self.compute(compute::Call::TerminateComputeSystem(call));
            }
            Action::Close(n) => {
                self.compute(compute::Call::CloseComputeSystem(CloseComputeSystem { id: system(n) }));
            }
            Action::StopHns => {
                let call = ControlService { name: "hns".into(), control: ServiceControl::Stop };
                self.system(system::Call::ControlService(call));
            }
            Action::StartHns => {
                self.system(system::Call::StartService(StartService {
                    name: "hns".into(),
                    arguments: vec![],
                }));
            }
            Action::Reboot => {
                self.core.lose_power(None, self.moment());
                self.core.power_on(self.moment());
                self.network_of_the_lab();
            }
            Action::Pass(seconds) => {
                self.now = self.now + VirtualSpan::from_secs(*seconds);
                self.core.tick(self.moment());
            }
        }
    }
}

proptest! {
    #[test]
    fn the_parts_agree_about_who_runs_where(actions in proptest::collection::vec(action(), 1..60)) {
        let mut world = World::new();
        for action in &actions {
            world.act(action);
            let plane = world.core.data_plane();
            let programs: Vec<&HostProgram> = plane.compartments.iter().flat_map(|c| &c.programs).collect();
            let pids: BTreeSet<u32> = programs.iter().map(|program| program.pid).collect();
            prop_assert_eq!(pids.len(), programs.len(), "a process lives in one compartment");
            let numbers: BTreeSet<u32> = plane.compartments.iter().map(|c| c.number).collect();
            prop_assert_eq!(numbers.len(), plane.compartments.len(), "a compartment stands once");
            let mut owners: BTreeMap<String, usize> = BTreeMap::new();
            for namespace in &plane.namespaces {
                for resource in namespace.document.get("Resources").map_or(&[][..], Document::items) {
                    if resource.text(&["Type"]) == "Endpoint" {
                        *owners.entry(resource.text(&["Data", "Id"]).to_lowercase()).or_default() += 1;
                    }
                }
            }
            prop_assert!(owners.values().all(|count| *count == 1), "an endpoint is in one namespace: {:?}", owners);
            for compartment in plane.compartments.iter().filter(|c| c.number > 1) {
                prop_assert!(
                    plane.namespaces.iter().any(|namespace| namespace.id == compartment.namespace),
                    "a container's compartment has its namespace, after {:?}", action
                );
            }
        }
    }

    #[test]
    fn the_same_calls_make_the_same_events(actions in proptest::collection::vec(action(), 1..30)) {
        let run = || -> Vec<Events> {
            let mut world = World::new();
            actions.iter().map(|action| { world.act(action); world.core.take_events() }).collect()
        };
        prop_assert_eq!(run(), run());
    }
}
