//! win-bridge, win-overlay and flannel against a fake Windows host, call by call.

use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_cni::{CniArgs, CniPlugins, CniResult, CniRunner, Command, NetworkConfigList};
use winlab_component::{HostFiles, Machine, WindowsMachine};
use winlab_document::{Document, doc};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::compute::{
    ActivateLayer, CreateComputeSystem, CreateSandboxLayer, GetLayerMountPath, PrepareLayer,
    StartComputeSystem,
};
use winlab_host::network::{CreateNamespace, CreateNetwork};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask, Guid, Journal, JournalEntry, JournalSink, Program};

#[derive(Default)]
struct Calls(Mutex<Vec<String>>);

impl JournalSink for Calls {
    fn record(&self, entry: JournalEntry) {
        let path = entry.arguments.text(&["path"]);
        let call = format!("{}{}{path}", entry.function, if path.is_empty() { "" } else { " " });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

impl Calls {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct World {
    host: Arc<WindowsHost>,
    machine: Machine,
    calls: Arc<Calls>,
    namespace: Guid,
}

impl World {
    async fn new(network: Document) -> Self {
        let clock = Clock::start_virtual();
        let nic = HostNic {
            name: "Ethernet".into(),
            mac: "00-15-5D-00-00-01".parse().unwrap(),
            addresses: vec!["192.168.1.11/24".parse().unwrap()],
            gateway: Some("192.168.1.1".parse().unwrap()),
            dns: Vec::new(),
            mtu: 1500,
        };
        let host = WindowsHost::new(
            &WindowsConfig::new("WIN1", "ltsc2022".parse().unwrap(), nic),
            clock,
            Seed::new(1),
        );
        host.network().ask(CreateNetwork { id: Guid::NIL, settings: network }).await.unwrap();
        let settings = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
        let namespace = host.network().ask(CreateNamespace { id: Guid::NIL, settings }).await.unwrap();
        let calls = Arc::new(Calls::default());
        let network = Arc::new(Journal::new(host.network(), calls.clone(), clock));
        let compute = Arc::new(Journal::new(host.compute(), calls.clone(), clock));
        let machine = WindowsMachine { network, compute, system: host.system() };
        Self { host, machine: Machine::Windows(machine), calls, namespace }
    }

    /// A container that runs without a network, as dockershim starts pause containers.
    async fn container(&self, id: &str) {
        const LAYER: &str = r"C:\layers\base";
        let (scope, system, compute) = (Scope::Host, self.host.system(), self.host.compute());
        let program =
            Program { os: "windows".into(), os_version: "10.0.20348.1".into(), ..Program::default() };
        system.ask(CreateDirectory { scope: scope.clone(), path: format!(r"{LAYER}\Files") }).await.unwrap();
        let bytes = Document::encode(&program).unwrap().to_bytes().into();
        let path = format!(r"{LAYER}\Files\{}", Program::FILE);
        system.ask(WriteFile { scope, path, bytes }).await.unwrap();
        let (path, parents) = (format!(r"C:\scratch\{id}"), vec![LAYER.to_owned()]);
        compute.ask(CreateSandboxLayer { path: path.clone(), parents: parents.clone() }).await.unwrap();
        compute.ask(ActivateLayer { path: path.clone() }).await.unwrap();
        compute.ask(PrepareLayer { path: path.clone(), parents }).await.unwrap();
        let volume = compute.ask(GetLayerMountPath { path }).await.unwrap();
        let layers = doc!([{"Id": Guid::from_bits(1), "Path": LAYER}]);
        let configuration = doc!({"Owner": "docker", "SchemaVersion": {"Major": 2, "Minor": 1},
            "Container": {"Storage": {"Layers": layers, "Path": format!("{volume}\\")}}});
        compute.ask(CreateComputeSystem { id: id.into(), configuration }).await.unwrap();
        compute.ask(StartComputeSystem { id: id.into(), options: Document::Null }).await.unwrap();
    }

    async fn run(
        &self,
        plugin: &str,
        command: Command,
        config: &Document,
        id: &str,
    ) -> Result<Document, String> {
        let args = CniArgs {
            container_id: id.into(),
            netns: self.namespace.to_string(),
            ifname: "eth0".into(),
            ..CniArgs::default()
        };
        CniPlugins.run(plugin, command, config.clone(), &args, &self.machine).await.map_err(|error| error.msg)
    }
}

fn bridge_network() -> Document {
    doc!({
        "Name": "cbr0", "Type": "L2Bridge", "SchemaVersion": {"Major": 2, "Minor": 0},
        "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": "10.244.1.0/24",
            "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]}]}],
    })
}

fn overlay_network() -> Document {
    doc!({
        "Name": "vxlan0", "Type": "Overlay", "SchemaVersion": {"Major": 2, "Minor": 0},
        "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": "10.244.1.0/24",
            "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}],
            "Policies": [{"Type": "VSID", "Settings": {"IsolationId": 4096}}]}]}],
    })
}

fn bridge_config() -> Document {
    doc!({
        "cniVersion": "1.0.0", "name": "cbr0", "type": "win-bridge", "apiVersion": 2, "ipMasqNetwork": "10.244.0.0/16",
        "ipam": {"type": "host-local", "subnet": "10.244.1.0/24", "rangeStart": "10.244.1.10"},
    })
}

#[test]
fn win_bridge_makes_upstreams_calls_in_upstreams_order() {
    virtual_world(async {
        let world = World::new(bridge_network()).await;
        let result = world.run("win-bridge", Command::Add, &bridge_config(), "sb").await.unwrap();
        let result = CniResult::from_document(&result);
        assert_eq!(
            (result.ips[0].address.as_str(), result.ips[0].gateway.as_str()),
            ("10.244.1.10/24", "10.244.1.2")
        );
        let get_network = ["HcnEnumerateNetworks", "HcnOpenNetwork", "HcnQueryNetworkProperties"];
        let look = ["HcnEnumerateEndpoints"];
        let create = ["HcnOpenNetwork", "HcnCreateEndpoint", "HcnQueryEndpointProperties"];
        let attach = ["HcnOpenNamespace", "HcnModifyNamespace", "HcnQueryNamespaceProperties"];
        assert_eq!(world.calls.take(), [&get_network[..], &look, &look, &create, &attach].concat());
        // CHECK looks at nothing, as upstream's.
        world.run("win-bridge", Command::Check, &bridge_config(), "sb").await.unwrap();
        assert!(world.calls.take().is_empty());
        // A second ADD, as for the pod's next container, finds the endpoint and attaches it again.
        world.run("win-bridge", Command::Add, &bridge_config(), "sb").await.unwrap();
        let found = ["HcnEnumerateEndpoints", "HcnOpenEndpoint", "HcnQueryEndpointProperties"];
        assert_eq!(world.calls.take(), [&get_network[..], &found, &attach].concat());
        world.run("win-bridge", Command::Del, &bridge_config(), "sb").await.unwrap();
        let namespace = ["HcnEnumerateNamespaces", "HcnOpenNamespace", "HcnQueryNamespaceProperties"];
        assert_eq!(world.calls.take(), [&found[..], &namespace, &attach, &["HcnDeleteEndpoint"]].concat());
        world.run("win-bridge", Command::Del, &bridge_config(), "sb").await.unwrap();
        assert_eq!(world.calls.take(), look);
    });
}

#[test]
fn win_overlay_reads_the_network_twice_and_gives_a_mac_and_a_provider_address() {
    virtual_world(async {
        let world = World::new(overlay_network()).await;
        let config = bridge_config()
            .with("name", "vxlan0")
            .with("type", "win-overlay")
            .with("ipMasq", true)
            .with("loopbackDSR", true);
        let result = world.run("win-overlay", Command::Add, &config, "sb").await.unwrap();
        let result = CniResult::from_document(&result);
        assert_eq!(result.interfaces[0].mac.to_ascii_uppercase(), "0E-2A-0A-F4-01-0A");
        assert_eq!(result.ips[0].gateway, "10.244.1.1");
        let calls = world.calls.take();
        assert_eq!(calls[0], "HNSCall /networks/");
        assert_eq!(calls[1], "HcnEnumerateNetworks");
        world.run("win-overlay", Command::Del, &config, "sb").await.unwrap();
    });
}

#[test]
fn what_is_wrong_is_said_in_upstreams_words() {
    virtual_world(async {
        let world = World::new(overlay_network()).await;
        let missing = world.run("win-bridge", Command::Add, &bridge_config(), "sb").await.unwrap_err();
        assert_eq!(missing, "error while getting network cbr0: Network name \"cbr0\" not found");
        let wrong = world
            .run("win-bridge", Command::Add, &bridge_config().with("name", "vxlan0"), "sb")
            .await
            .unwrap_err();
        assert_eq!(wrong, "network vxlan0 is of unexpected type: Overlay");
    });
}

#[test]
fn an_address_that_cannot_be_used_is_given_back() {
    virtual_world(async {
        let world = World::new(bridge_network()).await;
        // Outside the network: HNS refuses the endpoint.
        let config = bridge_config().with("ipam", doc!({"type": "host-local", "subnet": "10.9.0.0/24"}));
        let error = world.run("win-bridge", Command::Add, &config, "sb").await.unwrap_err();
        assert!(error.starts_with("error while adding HostComputeEndpoint: failed to create the new HostComputeEndpoint: hcnCreateEndpoint failed in Win32: "), "{error}");
        let files = HostFiles::of(&world.machine);
        assert_eq!(files.list("/var/lib/cni/networks/cbr0").await.unwrap(), ["last_reserved_ip.0", "lock"]);
    });
}

#[test]
fn flannel_delegates_what_flanneld_wrote() {
    virtual_world(async {
        let world = World::new(bridge_network()).await;
        let list = r#"{"name":"cbr0","cniVersion":"0.4.0","plugins":[{"type":"flannel","capabilities":{"dns":true,"portMappings":true},
            "delegate":{"type":"win-bridge","apiVersion":2}}]}"#;
        let list = NetworkConfigList::parse("10-flannel.conflist", list).unwrap();
        let args = CniArgs {
            container_id: "sb".into(),
            netns: world.namespace.to_string(),
            ifname: "eth0".into(),
            ..CniArgs::default()
        };
        let capabilities =
            doc!({"dns": {"servers": ["10.96.0.10"], "searches": ["default.svc.cluster.local"]}});
        let error = list.add(&CniPlugins, &args, &capabilities, &world.machine).await.unwrap_err();
        assert_eq!(
            error.msg,
            "plugin type=\"flannel\" failed (add): failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: The system cannot find the path specified.. Check the flannel pod log for this node."
        );
        let env = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1500\nFLANNEL_IPMASQ=true\n";
        let files = HostFiles::of(&world.machine);
        files.write("/run/flannel/subnet.env", env.as_bytes()).await.unwrap();
        let result = list.add(&CniPlugins, &args, &capabilities, &world.machine).await.unwrap();
        assert_eq!(result.ips[0].address, "10.244.1.2/24");
        assert_eq!(result.dns.nameservers, ["10.96.0.10"]);
        list.check(&CniPlugins, &args, &capabilities, &world.machine).await.unwrap();
        list.del(&CniPlugins, &args, &capabilities, &world.machine).await.unwrap();
        assert!(files.list("/var/lib/cni/flannel").await.unwrap().is_empty());
        assert!(files.list("/var/lib/cni/results").await.unwrap().is_empty());
    });
}

/// Of a container that has no namespace: dockershim names it and says `none`.
fn v1_args(container: &str) -> CniArgs {
    CniArgs {
        container_id: container.into(),
        netns: "none".into(),
        ifname: "eth0".into(),
        ..CniArgs::default()
    }
}

/// The calls of win-bridge.exe, which opens the container for each change and closes it again.
#[test]
fn over_v1_a_running_container_is_opened_and_closed() {
    virtual_world(async {
        let world = World::new(bridge_network()).await;
        world.container("sb").await;
        let config = bridge_config().with("apiVersion", 1);
        let args = v1_args("sb");
        for command in [Command::Add, Command::Del] {
            CniPlugins.run("win-bridge", command, config.clone(), &args, &world.machine).await.unwrap();
            let calls = world.calls.take();
            let of_hcs: Vec<_> = calls.iter().filter(|call| call.starts_with("Hcs")).collect();
            assert_eq!(
                of_hcs,
                [
                    "HcsOpenComputeSystem",
                    "HcsGetComputeSystemProperties",
                    "HcsModifyComputeSystem",
                    "HcsCloseComputeSystem"
                ]
            );
        }
    });
}

#[test]
fn over_v1_nothing_is_left_where_there_is_no_container() {
    virtual_world(async {
        let world = World::new(bridge_network()).await;
        let config = bridge_config().with("apiVersion", 1);
        let args = v1_args("sb");
        let error =
            CniPlugins.run("win-bridge", Command::Add, config, &args, &world.machine).await.unwrap_err();
        assert!(error.msg.contains("failed to attach container sb to HNSEndpoint"), "{}", error.msg);
        let calls = world.calls.take();
        assert_eq!(
            calls[..3],
            ["HNSCall /networks/", "HNSCall /endpoints/", "HNSCall /endpoints/"],
            "{calls:#?}"
        );
        assert!(
            calls.last().unwrap().starts_with("HNSCall /endpoints/"),
            "the new endpoint is removed again"
        );
    });
}
