//! The fake against a plain model of sets and maps: random calls must come out alike, and both views must agree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use winlab_document::{Document, doc};
use winlab_host::network::{
    DeleteEndpoint, DeleteLoadBalancer, DeleteNamespace, DeleteNetwork, EnumerateEndpoints,
    EnumerateLoadBalancers, EnumerateNamespaces, EnumerateNetworks,
};
use winlab_host::{Guid, HResult};

use crate::host::{Host, code, subnet_network};

/// A call, its objects by small numbers so that calls meet.
#[derive(Debug, Clone)]
enum Step {
    CreateNetwork { net: u8, v1: bool },
    DeleteNetwork { net: u8 },
    CreateEndpoint { net: u8, ep: u8, host: u8, remote: bool, v1: bool },
    DeleteEndpoint { ep: u8, v1: bool },
    CreateNamespace { ns: u8 },
    DeleteNamespace { ns: u8 },
    AddEndpoint { ns: u8, ep: u8 },
    RemoveEndpoint { ns: u8, ep: u8 },
    AddContainer { ns: u8, container: u8 },
    RemoveContainer { ns: u8, container: u8 },
    CreateBalancer { lb: u8, eps: Vec<u8>, port: u8 },
    DeleteBalancer { lb: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = || 0_u8..3;
    let step = prop_oneof![
        2 => (n(), any::<bool>()).prop_map(|(net, v1)| Step::CreateNetwork { net, v1 }),
        1 => n().prop_map(|net| Step::DeleteNetwork { net }),
        5 => (n(), 0_u8..6, 1_u8..5, any::<bool>(), any::<bool>())
            .prop_map(|(net, ep, host, remote, v1)| Step::CreateEndpoint { net, ep, host, remote, v1 }),
        2 => (0_u8..6, any::<bool>()).prop_map(|(ep, v1)| Step::DeleteEndpoint { ep, v1 }),
        2 => n().prop_map(|ns| Step::CreateNamespace { ns }),
        1 => n().prop_map(|ns| Step::DeleteNamespace { ns }),
        4 => (n(), 0_u8..6).prop_map(|(ns, ep)| Step::AddEndpoint { ns, ep }),
        2 => (n(), 0_u8..6).prop_map(|(ns, ep)| Step::RemoveEndpoint { ns, ep }),
        2 => (n(), 0_u8..2).prop_map(|(ns, container)| Step::AddContainer { ns, container }),
        2 => (n(), 0_u8..2).prop_map(|(ns, container)| Step::RemoveContainer { ns, container }),
        3 => (n(), proptest::collection::vec(0_u8..3, 0..3), 1_u8..4)
            .prop_map(|(lb, eps, port)| Step::CreateBalancer { lb, eps, port }),
        2 => n().prop_map(|lb| Step::DeleteBalancer { lb }),
    ];
    // A network with three endpoints to begin with: without them most calls would meet nothing.
    let endpoint = |ep| Step::CreateEndpoint { net: 0, ep, host: 1 + ep, remote: false, v1: false };
    let begin = [Step::CreateNetwork { net: 0, v1: false }, endpoint(0), endpoint(1), endpoint(2)];
    proptest::collection::vec(step, 1..60).prop_map(move |steps| begin.iter().cloned().chain(steps).collect())
}

/// The reference: what should be there, and what each call should come to.
#[derive(Default)]
struct Model {
    networks: BTreeSet<u8>,
    /// Endpoint → network, last byte of the address, remote.
    endpoints: BTreeMap<u8, (u8, u8, bool)>,
    namespaces: BTreeMap<u8, (Vec<u8>, BTreeSet<u8>)>,
    balancers: BTreeMap<u8, (BTreeSet<u8>, u8)>,
}

impl Model {
    fn space_of(&self, ep: u8) -> Option<u8> {
        self.namespaces.iter().find(|(_, (members, _))| members.contains(&ep)).map(|(ns, _)| *ns)
    }

    fn forget_endpoint(&mut self, ep: u8) {
        self.endpoints.remove(&ep);
        for (members, _) in self.namespaces.values_mut() {
            members.retain(|member| *member != ep);
        }
        for (backends, _) in self.balancers.values_mut() {
            backends.remove(&ep);
        }
    }

    fn expect(&mut self, step: &Step) -> HResult {
        match step {
            Step::CreateNetwork { net, .. } if self.networks.contains(net) => {
                HResult::HCN_E_NETWORK_ALREADY_EXISTS
            }
            Step::CreateNetwork { net, .. } => {
                self.networks.insert(*net);
                HResult::S_OK
            }
            Step::DeleteNetwork { net } => {
                if !self.networks.remove(net) {
                    return HResult::ERROR_NOT_FOUND;
                }
                let gone: BTreeSet<u8> =
                    self.endpoints.iter().filter(|(_, e)| e.0 == *net).map(|(ep, _)| *ep).collect();
                self.balancers.retain(|_, (backends, _)| backends.is_empty() || !backends.is_subset(&gone));
                gone.into_iter().for_each(|ep| self.forget_endpoint(ep));
                HResult::S_OK
            }
            Step::CreateEndpoint { net, ep, host, remote, .. } => {
                let taken = |e: &(u8, u8, bool)| e.0 == *net && e.1 == *host && !e.2;
                if !self.networks.contains(net) {
                    HResult::HCN_E_NETWORK_NOT_FOUND
                } else if self.endpoints.contains_key(ep) {
                    HResult::ERROR_OBJECT_ALREADY_EXISTS
                } else if !remote && self.endpoints.values().any(taken) {
                    HResult::HCN_E_ADDR_INVALID_OR_RESERVED
                } else {
                    self.endpoints.insert(*ep, (*net, *host, *remote));
                    HResult::S_OK
                }
            }
            Step::DeleteEndpoint { ep, v1 } => {
                if !self.endpoints.contains_key(ep) {
                    return if *v1 { HResult::HCN_E_ENDPOINT_NOT_FOUND } else { HResult::ERROR_NOT_FOUND };
                }
                self.forget_endpoint(*ep);
                HResult::S_OK
            }
            Step::CreateNamespace { ns } if self.namespaces.contains_key(ns) => HResult::ERROR_ALREADY_EXISTS,
            Step::CreateNamespace { ns } => {
                self.namespaces.insert(*ns, Default::default());
                HResult::S_OK
            }
            Step::DeleteNamespace { ns } => match self.namespaces.get(ns) {
                None => HResult::ERROR_NOT_FOUND,
                Some((_, containers)) if !containers.is_empty() => HResult::HCN_E_REQUEST_UNSUPPORTED,
                Some(_) => {
                    self.namespaces.remove(ns);
                    HResult::S_OK
                }
            },
            Step::AddEndpoint { ns, ep } => self.expect_add(*ns, *ep),
            Step::RemoveEndpoint { ns, ep } => match self.namespaces.get_mut(ns) {
                Some((members, _)) if members.contains(ep) => {
                    members.retain(|member| member != ep);
                    HResult::S_OK
                }
                _ => HResult::ERROR_NOT_FOUND,
            },
            Step::AddContainer { ns, container } => match self.namespaces.get_mut(ns) {
                None => HResult::ERROR_NOT_FOUND,
                Some((_, containers)) => {
                    containers.insert(*container);
                    HResult::S_OK
                }
            },
            Step::RemoveContainer { ns, container } => {
                let there = self.namespaces.get_mut(ns).is_some_and(|(_, inside)| inside.remove(container));
                if there { HResult::S_OK } else { HResult::ERROR_NOT_FOUND }
            }
            Step::CreateBalancer { lb, eps, port } => self.expect_balancer(*lb, eps, *port),
            Step::DeleteBalancer { lb } => {
                if self.balancers.remove(lb).is_some() {
                    HResult::S_OK
                } else {
                    HResult::ERROR_NOT_FOUND
                }
            }
        }
    }

    fn expect_add(&mut self, ns: u8, ep: u8) -> HResult {
        if !self.namespaces.contains_key(&ns) {
            return HResult::ERROR_NOT_FOUND;
        }
        let Some((_, _, remote)) = self.endpoints.get(&ep) else { return HResult::HCN_E_ENDPOINT_NOT_FOUND };
        if *remote {
            return HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION;
        }
        match self.space_of(ep) {
            Some(there) if there == ns => HResult::S_OK,
            Some(_) => HResult::HCN_E_ENDPOINT_NAMESPACE_ALREADY_EXISTS,
            None => {
                self.namespaces.entry(ns).or_default().0.push(ep);
                HResult::S_OK
            }
        }
    }

    fn expect_balancer(&mut self, lb: u8, eps: &[u8], port: u8) -> HResult {
        if self.balancers.contains_key(&lb) {
            HResult::ERROR_ALREADY_EXISTS
        } else if eps.is_empty() {
            HResult::HCN_E_INVALID_POLICY
        } else if !eps.iter().all(|ep| self.endpoints.contains_key(ep)) {
            HResult::HCN_E_ENDPOINT_NOT_FOUND
        } else if self.balancers.values().any(|(_, taken)| *taken == port) {
            HResult::HCN_E_PORT_ALREADY_EXISTS
        } else {
            self.balancers.insert(lb, (eps.iter().copied().collect(), port));
            HResult::S_OK
        }
    }
}

fn id(kind: u8, n: u8) -> Guid {
    Guid::from_bits(u128::from(kind) << 64 | u128::from(n) << 8 | 1)
}

const NET: u8 = 1;
const EP: u8 = 2;
const NS: u8 = 3;
const LB: u8 = 4;

fn v1_code(response: &Document) -> HResult {
    let code = response.get("ErrorCode").and_then(Document::as_u64).unwrap_or_default();
    HResult(u32::try_from(code).unwrap())
}

fn carry_out(host: &mut Host, step: &Step) -> HResult {
    match step {
        Step::CreateNetwork { net, v1: false } => {
            let settings = subnet_network("L2Bridge", &format!("net{net}")).with("ID", id(NET, *net));
            code(host.network(settings))
        }
        Step::CreateNetwork { net, v1: true } => v1_code(&host.v1(
            "POST",
            "/networks",
            doc!({
                "ID": id(NET, *net), "Name": format!("net{net}"), "Type": "l2bridge",
                "Subnets": [{"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1"}],
            }),
        )),
        Step::DeleteNetwork { net } => code(host.ask(DeleteNetwork { id: id(NET, *net) })),
        Step::CreateEndpoint { net, ep, host: byte, remote, v1 } => {
            let address = format!("10.244.1.{}", 10 + byte);
            if *v1 {
                let settings = doc!({"ID": id(EP, *ep), "VirtualNetwork": id(NET, *net), "IPAddress": address,
                    "IsRemoteEndpoint": *remote});
                return v1_code(&host.v1("POST", "/endpoints", settings));
            }
            let settings = doc!({"ID": id(EP, *ep), "IpConfigurations": [{"IpAddress": address}],
                "Flags": u8::from(*remote)});
            code(host.endpoint(id(NET, *net), settings))
        }
        Step::DeleteEndpoint { ep, v1: false } => code(host.ask(DeleteEndpoint { id: id(EP, *ep) })),
        Step::DeleteEndpoint { ep, v1: true } => {
            v1_code(&host.v1("DELETE", &format!("/endpoints/{}", id(EP, *ep)), Document::Null))
        }
        Step::CreateNamespace { ns } => {
            code(host.ask(winlab_host::network::CreateNamespace { id: id(NS, *ns), settings: doc!({}) }))
        }
        Step::DeleteNamespace { ns } => code(host.ask(DeleteNamespace { id: id(NS, *ns) })),
        Step::AddEndpoint { ns, ep } => {
            code(host.change(id(NS, *ns), "Add", "Endpoint", &id(EP, *ep).to_string()))
        }
        Step::RemoveEndpoint { ns, ep } => {
            code(host.change(id(NS, *ns), "Remove", "Endpoint", &id(EP, *ep).to_string()))
        }
        Step::AddContainer { ns, container } => {
            code(host.change(id(NS, *ns), "Add", "Container", &container.to_string()))
        }
        Step::RemoveContainer { ns, container } => {
            code(host.change(id(NS, *ns), "Remove", "Container", &container.to_string()))
        }
        Step::CreateBalancer { lb, eps, port } => {
            let backends: Vec<Guid> = eps.iter().map(|ep| id(EP, *ep)).collect();
            code(host.balancer(
                doc!({"ID": id(LB, *lb), "HostComputeEndpoints": backends, "FrontendVIPs": ["10.96.0.1"],
                "PortMappings": [{"Protocol": 6, "InternalPort": 80, "ExternalPort": *port}], "Flags": 1}),
            ))
        }
        Step::DeleteBalancer { lb } => code(host.ask(DeleteLoadBalancer { id: id(LB, *lb) })),
    }
}

fn set(ids: Vec<Guid>) -> BTreeSet<Guid> {
    ids.into_iter().collect()
}

/// Everything that can be asked, against the model.
fn compare(host: &mut Host, model: &Model) {
    let all = || Document::Null;
    let networks = set(host.ask(EnumerateNetworks { query: all() }).unwrap());
    assert_eq!(networks, model.networks.iter().map(|n| id(NET, *n)).collect());
    let endpoints = set(host.ask(EnumerateEndpoints { query: all() }).unwrap());
    assert_eq!(endpoints, model.endpoints.keys().map(|n| id(EP, *n)).collect());
    for net in 0..3 {
        let query = doc!({"Filter": doc!({"VirtualNetwork": id(NET, net)}).to_string()});
        let found = set(host.ask(EnumerateEndpoints { query }).unwrap());
        let expected = model.endpoints.iter().filter(|(_, e)| e.0 == net).map(|(n, _)| id(EP, *n)).collect();
        assert_eq!(found, expected);
    }
    let mut namespaces = set(host.ask(EnumerateNamespaces { query: all() }).unwrap());
    assert!(namespaces.remove(&host.hns.default_namespace()));
    assert_eq!(namespaces, model.namespaces.keys().map(|n| id(NS, *n)).collect());
    for (ns, (members, containers)) in &model.namespaces {
        let resources = host.namespace_document(id(NS, *ns)).get("Resources").unwrap().items().to_vec();
        let of = |kind: &str| -> BTreeSet<String> {
            let those = resources.iter().filter(|r| r.text(&["Type"]) == kind);
            those.map(|r| r.text(&["Data", "Id"]).to_owned()).collect()
        };
        assert_eq!(of("Endpoint"), members.iter().map(|n| id(EP, *n).to_string()).collect());
        assert_eq!(of("Container"), containers.iter().map(ToString::to_string).collect());
        assert_eq!(host.hns.compartment_of(id(NS, *ns)) != Some(0), !containers.is_empty());
    }
    let balancers = set(host.ask(EnumerateLoadBalancers { query: all() }).unwrap());
    assert_eq!(balancers, model.balancers.keys().map(|n| id(LB, *n)).collect());
    compare_views(host, model);
}

/// V1, V2 and the data plane are three views of one store.
fn compare_views(host: &mut Host, model: &Model) {
    let plane = host.hns.data_plane();
    let listed = host.output("GET", "/endpoints/", Document::Null);
    assert_eq!((plane.endpoints.len(), listed.items().len()), (model.endpoints.len(), model.endpoints.len()));
    for (endpoint, v1) in plane.endpoints.iter().zip(listed.items()) {
        let v2 = host.endpoint_document(endpoint.id);
        assert_eq!(endpoint.document, v2, "the data plane is stale");
        assert_eq!(v1.text(&["ID"]).parse(), Ok(endpoint.id));
        assert_eq!(v1.get("IPAddress"), v2.pointer("/IpConfigurations/0/IpAddress"));
        assert_eq!(v1.get("MacAddress"), v2.get("MacAddress"));
        assert_eq!(v1.get("State"), v2.get("State"));
        assert_eq!(v1.text(&["VirtualNetwork"]).to_lowercase(), v2.text(&["HostComputeNetwork"]));
        assert_eq!(v1.text(&["Namespace", "ID"]).to_lowercase(), v2.text(&["HostComputeNamespace"]));
        let remote = v2.get("Flags").and_then(Document::as_u64) == Some(1);
        assert_eq!(v1.get("IsRemoteEndpoint").is_some(), remote);
    }
    let lists = host.output("GET", "/policylists/", Document::Null);
    assert_eq!(
        (plane.load_balancers.len(), lists.items().len()),
        (model.balancers.len(), model.balancers.len())
    );
    for ((balancer, list), (backends, _)) in plane.load_balancers.iter().zip(lists.items()).map(|pair| {
        let n = u8::try_from(pair.0.id.bits() >> 8 & 0xff).unwrap();
        (pair, &model.balancers[&n])
    }) {
        let found: BTreeSet<Guid> = balancer
            .document
            .get("HostComputeEndpoints")
            .unwrap()
            .items()
            .iter()
            .map(|id| id.as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(found, backends.iter().map(|n| id(EP, *n)).collect());
        assert_eq!(list.get("References").unwrap().items().len(), backends.len());
    }
}

proptest! {
    #[test]
    fn random_calls_come_out_as_in_the_model(steps in steps()) {
        let (mut host, mut model) = (Host::new("ltsc2022"), Model::default());
        let adapters = host.hns.adapters().to_vec();
        for step in &steps {
            prop_assert_eq!(carry_out(&mut host, step), model.expect(step), "{:?}", step);
            compare(&mut host, &model);
        }
        for net in 0..3 {
            let _ = host.ask(DeleteNetwork { id: id(NET, net) });
        }
        prop_assert_eq!(host.hns.adapters(), &adapters[..]);
    }

    #[test]
    fn equal_seeds_give_equal_hosts(steps in steps()) {
        let (mut one, mut two) = (Host::new("ltsc2019"), Host::new("ltsc2019"));
        for step in &steps {
            prop_assert_eq!(carry_out(&mut one, step), carry_out(&mut two, step));
        }
        prop_assert_eq!(format!("{:?}", one.hns.data_plane()), format!("{:?}", two.hns.data_plane()));
        prop_assert_eq!(one.hns.take_effects(), two.hns.take_effects());
        prop_assert_eq!(one.hns.take_notifications(), two.hns.take_notifications());
    }
}
