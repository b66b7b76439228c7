//! hcsshim `hcn/hcnendpoint_test.go`.

use winlab_document::{Document, doc};
use winlab_profiles::HnsFeature;

use crate::conformance::client::{everything, filter, id};
use crate::conformance::fixtures::{ENDPOINT, acl, policy_request};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("endpoints: create and delete", create_and_delete),
    case!("endpoints: found by id, by name and by network", find),
    case!("endpoints: attached to a namespace and detached", attach),
    case!("endpoints: created in a namespace", created_in_namespace),
    case!("endpoints: a layer-4 proxy is added", l4_proxy, Some(HnsFeature::L4WfpProxy)),
    case!("endpoints: ACLs are updated as a whole", acls),
    case!("endpoints: tiers of ACLs are updated", tiers, Some(HnsFeature::TierAcl)),
    case!("endpoints: remote ones beside local ones of the same address", remote),
];

async fn create_and_delete(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let made = hcn.test_endpoint(&network).await?;
    for place in ["/IpConfigurations/0/IpAddress", "/Routes/0/NextHop", "/MacAddress"] {
        let found = made.pointer(place).and_then(Document::as_str).unwrap_or_default();
        ensure!(!found.is_empty(), "nothing at {place} of {made}");
    }
    hcn.delete_endpoint(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn find(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let made = hcn.test_endpoint(&network).await?;
    for wanted in [doc!({"ID": id(&made)}), doc!({"Name": ENDPOINT}), doc!({"VirtualNetwork": id(&network)})]
    {
        let found = hcn.endpoints(&filter(&wanted)).await?;
        ensure!(found.len() == 1 && id(&found[0]) == id(&made), "{wanted} found {found:?}");
    }
    ensure!(!hcn.endpoints(&everything()).await?.is_empty(), "none listed");
    hcn.delete_endpoint(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn attach(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let namespace = hcn.test_namespace("HostDefault").await?;
    hcn.change_member(&namespace, "Add", &endpoint).await?;
    let found = hcn.endpoint(id(&endpoint)).await?;
    ensure!(found.text(&["HostComputeNamespace"]).parse() == Ok(id(&namespace)), "{found}");
    hcn.change_member(&namespace, "Remove", &endpoint).await?;
    hcn.delete_namespace(id(&namespace)).await?;
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn created_in_namespace(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let namespace = hcn.test_namespace("HostDefault").await?;
    let settings = doc!({"Name": ENDPOINT, "HostComputeNamespace": id(&namespace)});
    let endpoint = hcn.create_endpoint(&network, &settings).await?;
    let resources = hcn.namespace(id(&namespace)).await?.get("Resources").cloned().unwrap_or_default();
    ensure!(resources.items().len() == 1, "{resources}");
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_namespace(id(&namespace)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn l4_proxy(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let settings = doc!({
        "InboundProxyPort": "80", "OutboundProxyPort": "81",
        "FilterTuple": {"Protocols": "6", "RemoteAddresses": "10.0.0.4", "Priority": 8},
        "InboundExceptions": {"IpAddressExceptions": ["12.0.1.12"], "PortExceptions": ["8181"]},
        "OutboundExceptions": {"IpAddressExceptions": ["10.0.1.12"], "PortExceptions": ["81"]},
    });
    let request = policy_request("Add", doc!([{"Type": "L4WFPPROXY", "Settings": settings}]));
    hcn.modify_endpoint(id(&endpoint), &request).await?;
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

fn count(endpoint: &Document, kind: &str) -> usize {
    let policies = endpoint.get("Policies").map(Document::items).unwrap_or_default();
    policies.iter().filter(|policy| policy.text(&["Type"]) == kind).count()
}

async fn acls(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    for (policies, expected) in
        [(doc!([acl("ACL", "In"), acl("ACL", "Out")]), 2), (doc!([acl("ACL", "In")]), 1)]
    {
        let changed = hcn.modify_endpoint(id(&endpoint), &policy_request("Update", policies)).await?;
        ensure!(count(&changed, "ACL") == expected, "{changed}");
    }
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn tiers(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.bridge().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let tier = |name: &str, direction: &str, order: u16| {
        doc!({"Type": "TierAcl", "Settings": {"Name": name, "Direction": direction, "Order": order, "TierAclRules": [
            {"Id": "rule1", "Protocols": "6", "TierAclRuleAction": "Pass", "LocalPorts": "80", "RemotePorts": "80",
                "LocalAddresses": "192.168.100.0/24,10.0.0.21", "Priority": 2001},
            {"Id": "rule2", "TierAclRuleAction": "Block", "Priority": 2100},
        ]}})
    };
    let policies =
        doc!([tier("TierIn1", "In", 1001), tier("TierIn2", "In", 1002), tier("TierOut1", "Out", 1001)]);
    let changed = hcn.modify_endpoint(id(&endpoint), &policy_request("Update", policies)).await?;
    ensure!(count(&changed, "TierAcl") == 3, "{changed}");
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

/// kube-proxy prefers the remote one of two (`pkg/proxy/winkernel/hns.go`): both must be possible, in either order.
async fn remote(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.overlay().await?;
    let settings = |address: &str, flags: u32| doc!({"IpConfigurations": [{"IpAddress": address}], "MacAddress": "00:15:5d:01:02:03", "Flags": flags});
    for address in ["192.168.100.7", "192.168.100.8"] {
        let (first, second) = if address.ends_with('7') { (0, 1) } else { (1, 0) };
        hcn.create_endpoint(&network, &settings(address, first)).await?;
        hcn.create_endpoint(&network, &settings(address, second)).await?;
        let doubled = hcn.create_endpoint(&network, &settings(address, 0)).await;
        ensure!(doubled.is_err(), "two local endpoints with {address}");
    }
    let service = hcn.create_endpoint(&network, &settings("10.96.0.10", 1)).await?;
    ensure!(service.text(&["MacAddress"]).eq_ignore_ascii_case("00-15-5D-01-02-03"), "{service}");
    ensure!(service.get("Flags").and_then(Document::as_u64) == Some(1), "{service}");
    hcn.delete_network(id(&network)).await?;
    Ok(())
}
