//! hcsshim `hcn/hcnnetwork_test.go`.

use winlab_document::{Document, doc};
use winlab_profiles::HnsFeature;

use crate::conformance::client::{everything, filter, id};
use crate::conformance::fixtures::{NAT, acl, default_subnet, network, policy_request, subnet};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("networks: create and delete, with and without a subnet", create_and_delete),
    case!("networks: a subnet needs its default gateway", gateways),
    case!("networks: found by name and by id", find),
    case!("networks: listed", list),
    case!(
        "networks: a remote subnet route is added and removed",
        remote_subnet_route,
        Some(HnsFeature::RemoteSubnet)
    ),
    case!("networks: a host route is added and removed", host_route, Some(HnsFeature::HostRoute)),
    case!("networks: an ACL is added and removed", network_acl, Some(HnsFeature::NetworkAcl)),
    case!("networks: flags are kept", flags),
    case!("networks: overlay networks show their addresses", overlay_addresses),
];

async fn create_and_delete(hcn: Hcn<'_>) -> Result<(), Failure> {
    for subnets in [vec![default_subnet()], vec![]] {
        hcn.clean_up(NAT).await?;
        let made = hcn.create_network(&network("NAT", NAT, &subnets)).await?;
        let prefix = made.pointer("/Ipams/0/Subnets/0/IpAddressPrefix").and_then(Document::as_str);
        ensure!(prefix.is_some(), "no subnet in {made}");
        hcn.delete_network(id(&made)).await?;
        ensure!(hcn.network(id(&made)).await.is_err(), "still there: {made}");
    }
    Ok(())
}

async fn gateways(hcn: Hcn<'_>) -> Result<(), Failure> {
    for (next_hop, destination) in [("192.168.100.1", "1.1.1.1/0"), ("", "")] {
        hcn.clean_up(NAT).await?;
        let settings = network("NAT", NAT, &[subnet("192.168.100.0/24", next_hop, destination)]);
        let made = hcn.create_network(&settings).await;
        ensure!(made.is_err(), "taken with next hop `{next_hop}` to `{destination}`");
    }
    Ok(())
}

async fn find(hcn: Hcn<'_>) -> Result<(), Failure> {
    let made = hcn.nat().await?;
    for wanted in [doc!({"Name": NAT}), doc!({"ID": id(&made)}), doc!({"ID": format!("{:#}", id(&made))})] {
        let found = hcn.networks(&filter(&wanted)).await?;
        ensure!(found.len() == 1 && found[0].text(&["Name"]) == NAT, "{wanted} found {found:?}");
    }
    hcn.delete_network(id(&made)).await?;
    Ok(())
}

async fn list(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.networks(&everything()).await?;
    Ok(())
}

async fn add_and_remove(hcn: Hcn<'_>, policy: Document) -> Result<(), Failure> {
    let made = hcn.overlay().await?;
    let kind = policy.text(&["Type"]).to_owned();
    let has = |network: &Document| {
        let policies = network.get("Policies").map(Document::items).unwrap_or_default();
        policies.iter().find(|found| found.text(&["Type"]) == kind).cloned()
    };
    let changed = hcn.modify_network(id(&made), &policy_request("Add", doc!([policy.clone()]))).await?;
    let Some(found) = has(&changed) else { return Err(Failure(format!("no {kind} in {changed}"))) };
    ensure!(found.to_string() == policy.to_string(), "not as written: {found}");
    let changed = hcn.modify_network(id(&made), &policy_request("Remove", doc!([policy]))).await?;
    ensure!(has(&changed).is_none(), "still a {kind} in {changed}");
    hcn.delete_network(id(&made)).await?;
    Ok(())
}

async fn remote_subnet_route(hcn: Hcn<'_>) -> Result<(), Failure> {
    let settings = doc!({
        "DestinationPrefix": "192.168.2.0/24", "IsolationId": 5000, "ProviderAddress": "1.1.1.1",
        "DistributedRouterMacAddress": "00-12-34-56-78-9a",
    });
    add_and_remove(hcn, doc!({"Type": "RemoteSubnetRoute", "Settings": settings})).await
}

async fn host_route(hcn: Hcn<'_>) -> Result<(), Failure> {
    add_and_remove(hcn, doc!({"Type": "HostRoute", "Settings": {}})).await
}

async fn network_acl(hcn: Hcn<'_>) -> Result<(), Failure> {
    add_and_remove(hcn, acl("NetworkACL", "In")).await
}

async fn flags(hcn: Hcn<'_>) -> Result<(), Failure> {
    let made = hcn.overlay().await?;
    let flags = hcn.network(id(&made)).await?.get("Flags").and_then(Document::as_u64);
    ensure!(flags.is_some_and(|flags| flags & 8 != 0), "flags {flags:?}");
    hcn.delete_network(id(&made)).await?;
    Ok(())
}

/// flannel polls for the provider address and needs the router's MAC (`pkg/backend/vxlan/device_windows.go`).
async fn overlay_addresses(hcn: Hcn<'_>) -> Result<(), Failure> {
    let made = hcn.overlay().await?;
    for (kind, setting) in [("ProviderAddress", "ProviderAddress"), ("DrMacAddress", "Address")] {
        let policies = made.get("Policies").map(Document::items).unwrap_or_default();
        let found = policies.iter().find(|policy| policy.text(&["Type"]) == kind);
        ensure!(
            found.is_some_and(|policy| !policy.text(&["Settings", setting]).is_empty()),
            "no {kind} in {made}"
        );
    }
    hcn.delete_network(id(&made)).await?;
    Ok(())
}
