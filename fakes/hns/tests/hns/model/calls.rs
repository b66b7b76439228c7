//! Steps as calls.

use winlab_document::{Document, doc};
use winlab_host::network::{
    CreateNamespace, CreateSdnRoute, DeleteEndpoint, DeleteLoadBalancer, DeleteNamespace, DeleteNetwork,
    DeleteSdnRoute, HnsCall, ModifyLoadBalancer, ModifySdnRoute,
};
use winlab_host::{Guid, HResult};

use super::steps::{Change, Step, is_overlay};
use crate::host::{Host, code, subnet_network};

pub(super) const NET: u8 = 1;
pub(super) const EP: u8 = 2;
pub(super) const NS: u8 = 3;
pub(super) const LB: u8 = 4;
pub(super) const ROUTE: u8 = 5;

/// The id of the n-th object of a kind.
pub(super) fn id(kind: u8, n: u8) -> Guid {
    Guid::from_bits(u128::from(kind) << 64 | u128::from(n) << 8 | 1)
}

/// Does a step to a host; what comes of it.
pub(super) fn carry_out(host: &mut Host, step: &Step) -> HResult {
    match step {
        Step::CreateNetwork { net, v1: false } => {
            let kind = if is_overlay(*net) { "Overlay" } else { "L2Bridge" };
            let settings = subnet_network(kind, &format!("net{net}")).with("ID", id(NET, *net));
            code(host.network(settings))
        }
        Step::CreateNetwork { net, v1: true } => {
            let overlay = is_overlay(*net);
            let policies = if overlay { doc!([{"Type": "VSID", "VSID": 4096}]) } else { doc!([]) };
            let subnet = doc!({"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1", "Policies": policies});
            let kind = if overlay { "overlay" } else { "l2bridge" };
            let settings =
                doc!({"ID": id(NET, *net), "Name": format!("net{net}"), "Type": kind, "Subnets": [subnet]});
            v1_code(host, "POST", "/networks", settings)
        }
        Step::DeleteNetwork { net } => code(host.ask(DeleteNetwork { id: id(NET, *net) })),
        Step::CreateEndpoint { net, ep, host: byte, remote, v1 } => {
            let address = format!("10.244.1.{}", 10 + byte);
            if *v1 {
                let settings = doc!({"ID": id(EP, *ep), "VirtualNetwork": id(NET, *net), "IPAddress": address,
                    "IsRemoteEndpoint": *remote});
                return v1_code(host, "POST", "/endpoints", settings);
            }
            let settings = doc!({"ID": id(EP, *ep), "IpConfigurations": [{"IpAddress": address}],
                "Flags": u8::from(*remote)});
            code(host.endpoint(id(NET, *net), settings))
        }
        Step::DeleteEndpoint { ep, v1: false } => code(host.ask(DeleteEndpoint { id: id(EP, *ep) })),
        Step::DeleteEndpoint { ep, v1: true } => {
            v1_code(host, "DELETE", &format!("/endpoints/{}", id(EP, *ep)), Document::Null)
        }
        Step::CreateNamespace { ns } => {
            code(host.ask(CreateNamespace { id: id(NS, *ns), settings: doc!({}) }))
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
        Step::CreateBalancer { lb, eps, port } => code(host.balancer(balancer(*lb, eps, *port))),
        Step::ModifyBalancer { lb, eps, port } => {
            code(host.ask(ModifyLoadBalancer { id: id(LB, *lb), settings: balancer(*lb, eps, *port) }))
        }
        Step::DeleteBalancer { lb } => code(host.ask(DeleteLoadBalancer { id: id(LB, *lb) })),
        Step::AddRemoteSubnet { net, subnet } => remote_subnet(host, *net, "Add", *subnet),
        Step::RemoveRemoteSubnet { net, subnet } => remote_subnet(host, *net, "Remove", *subnet),
        Step::ChangeRules { ep, change, rule } => change_rules(host, *ep, *change, *rule),
        Step::CreateRoute { route, eps } => {
            code(host.ask(CreateSdnRoute { id: id(ROUTE, *route), settings: sdn_route(eps) }))
        }
        Step::ModifyRoute { route, eps } => {
            code(host.ask(ModifySdnRoute { id: id(ROUTE, *route), settings: sdn_route(eps) }))
        }
        Step::DeleteRoute { route } => code(host.ask(DeleteSdnRoute { id: id(ROUTE, *route) })),
        Step::Stop | Step::Start { .. } | Step::Reboot => {
            happen(host, step);
            HResult::S_OK
        }
    }
}

/// What happens to the service: a service that stands does not stop, one that runs does not start.
fn happen(host: &mut Host, step: &Step) {
    match step {
        Step::Stop if host.hns.is_running() => host.hns.stop(),
        Step::Start { finds } if !host.hns.is_running() => host.hns.start(*finds),
        Step::Reboot => host.hns.reboot(),
        _ => {}
    }
}

fn remote_subnet(host: &mut Host, net: u8, request: &str, subnet: u8) -> HResult {
    let settings = doc!({"DestinationPrefix": remote_prefix(subnet), "IsolationId": 4096,
        "ProviderAddress": format!("10.0.0.{}", 10 + subnet), "DistributedRouterMacAddress": "02-11-22-33-44-55"});
    let policies = doc!({"Policies": [{"Type": "RemoteSubnetRoute", "Settings": settings}]});
    code(host.change_network(id(NET, net), request, "Policy", policies))
}

fn change_rules(host: &mut Host, ep: u8, change: Change, rule: u8) -> HResult {
    let settings = doc!({"Id": rule.to_string(), "Action": "Block", "Direction": "In", "RuleType": "Switch",
        "Priority": 1000});
    let request = match change {
        Change::Add => "Add",
        Change::Remove => "Remove",
        Change::Update => "Update",
        Change::Post => {
            let mut v1 = doc!({"Type": "ACL"});
            settings.members().iter().for_each(|(member, value)| v1.set(member.as_str(), value.clone()));
            let path = format!("/endpoints/{}", id(EP, ep));
            return v1_code(host, "POST", &path, doc!({"ID": id(EP, ep), "Policies": [v1]}));
        }
    };
    code(host.policies(id(EP, ep), request, doc!([{"Type": "ACL", "Settings": settings}])))
}

fn balancer(lb: u8, eps: &[u8], port: u8) -> Document {
    let backends: Vec<Guid> = eps.iter().map(|ep| id(EP, *ep)).collect();
    doc!({"ID": id(LB, lb), "HostComputeEndpoints": backends, "FrontendVIPs": ["10.96.0.1"],
        "PortMappings": [{"Protocol": 6, "InternalPort": 80, "ExternalPort": port}], "Flags": 1})
}

fn sdn_route(eps: &[u8]) -> Document {
    let endpoints: Vec<Guid> = eps.iter().map(|ep| id(EP, *ep)).collect();
    doc!({"HostComputeEndpoints": endpoints,
        "Setting": [{"DestinationPrefix": "10.250.0.0/16", "NextHop": "10.244.1.2", "NeedEncap": true}]})
}

/// The prefix of a remote subnet.
pub(super) fn remote_prefix(subnet: u8) -> String {
    format!("10.244.{}.0/24", 2 + subnet)
}

fn v1_code(host: &mut Host, method: &str, path: &str, body: Document) -> HResult {
    match host.ask(HnsCall { method: method.into(), path: path.into(), body }) {
        Err(fault) => fault.code,
        Ok(response) => {
            let code = response.get("ErrorCode").and_then(Document::as_u64).unwrap_or_default();
            HResult(u32::try_from(code).unwrap())
        }
    }
}
