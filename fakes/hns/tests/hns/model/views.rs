//! What a host shows, against the model.

use std::collections::BTreeSet;

use winlab_document::{Document, doc};
use winlab_host::Guid;
use winlab_host::network::{
    EnumerateEndpoints, EnumerateLoadBalancers, EnumerateNamespaces, EnumerateNetworks, EnumerateSdnRoutes,
    QuerySdnRouteProperties,
};

use super::calls::{EP, LB, NET, NS, ROUTE, id, remote_prefix};
use super::reference::Model;
use crate::host::Host;

fn set(ids: Vec<Guid>) -> BTreeSet<Guid> {
    ids.into_iter().collect()
}

/// Everything that can be asked, against the model.
pub(super) fn compare(host: &mut Host, model: &Model) {
    if model.stopped {
        // The switch goes on with what it has.
        assert_eq!(host.hns.data_plane().endpoints.len(), model.endpoints.len());
        return;
    }
    let all = || Document::Null;
    let networks = set(host.ask(EnumerateNetworks { query: all() }).unwrap());
    assert_eq!(networks, model.networks.iter().map(|n| id(NET, *n)).collect());
    let endpoints = set(host.ask(EnumerateEndpoints { query: all() }).unwrap());
    assert_eq!(endpoints, model.endpoints.keys().map(|n| id(EP, *n)).collect());
    for net in 0..3 {
        let query = doc!({"Filter": doc!({"VirtualNetwork": id(NET, net)}).to_string()});
        let found = set(host.ask(EnumerateEndpoints { query }).unwrap());
        let expected =
            model.endpoints.iter().filter(|(_, e)| e.net == net).map(|(n, _)| id(EP, *n)).collect();
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
    let routes = set(host.ask(EnumerateSdnRoutes { query: all() }).unwrap());
    assert_eq!(routes, model.routes.keys().map(|n| id(ROUTE, *n)).collect());
    for (route, eps) in &model.routes {
        let document = host.ask(QuerySdnRouteProperties { id: id(ROUTE, *route), query: all() }).unwrap();
        assert_eq!(
            ids(&document, "HostComputeEndpoints"),
            eps.iter().map(|n| id(EP, *n)).collect::<Vec<_>>()
        );
    }
    compare_policies(host, model);
    compare_views(host, model);
}

/// Remote subnets and rules, in both forms.
fn compare_policies(host: &mut Host, model: &Model) {
    let shown = |document: &Document, kind: &str, path: &[&str]| -> Vec<String> {
        let policies = document.get("Policies").unwrap().items().to_vec();
        let those = policies.iter().filter(|policy| policy.text(&["Type"]) == kind);
        those.map(|policy| policy.text(path).to_owned()).collect()
    };
    for net in &model.networks {
        let subnets = model.remote_subnets.get(net).into_iter().flatten();
        let expected: Vec<String> = subnets.map(|subnet| remote_prefix(*subnet)).collect();
        let v2 = host.network_document(id(NET, *net));
        assert_eq!(shown(&v2, "RemoteSubnetRoute", &["Settings", "DestinationPrefix"]), expected);
        let v1 = host.output("GET", &format!("/networks/{}", id(NET, *net)), Document::Null);
        assert_eq!(shown(&v1, "RemoteSubnetRoute", &["DestinationPrefix"]), expected);
    }
    for (ep, endpoint) in &model.endpoints {
        let expected: Vec<String> = endpoint.rules.iter().map(ToString::to_string).collect();
        let v2 = host.endpoint_document(id(EP, *ep));
        assert_eq!(shown(&v2, "ACL", &["Settings", "Id"]), expected);
        let v1 = host.output("GET", &format!("/endpoints/{}", id(EP, *ep)), Document::Null);
        assert_eq!(shown(&v1, "ACL", &["Id"]), expected);
        // A remote endpoint is where its own network says it is.
        assert_eq!(v2.text(&["HostComputeNetwork"]).parse(), Ok(id(NET, endpoint.net)));
    }
}

fn ids(document: &Document, member: &str) -> Vec<Guid> {
    document.get(member).unwrap().items().iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect()
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
    // V1 has one kind of list for both.
    let lists = host.output("GET", "/policylists/", Document::Null);
    assert_eq!(plane.load_balancers.len(), model.balancers.len());
    assert_eq!(lists.items().len(), model.balancers.len() + model.routes.len());
    let references = |of: Guid| {
        let list = lists.items().iter().find(|list| list.text(&["ID"]).parse() == Ok(of)).unwrap();
        list.get("References").unwrap().items().len()
    };
    for balancer in &plane.load_balancers {
        let n = u8::try_from(balancer.id.bits() >> 8 & 0xff).unwrap();
        let (backends, port) = &model.balancers[&n];
        let found: BTreeSet<Guid> = ids(&balancer.document, "HostComputeEndpoints").into_iter().collect();
        assert_eq!(found, backends.iter().map(|n| id(EP, *n)).collect());
        assert_eq!(balancer.document.pointer("/PortMappings/0/ExternalPort"), Some(&doc!(*port)));
        assert_eq!(references(balancer.id), backends.len());
    }
    for (route, eps) in &model.routes {
        assert_eq!(references(id(ROUTE, *route)), eps.len());
    }
}
