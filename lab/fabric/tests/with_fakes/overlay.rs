//! flannel's VXLAN backend on both systems.

use winlab_document::doc;
use winlab_fabric::{ObjectKind, Outcome};
use winlab_host::Guid;
use winlab_host::linux::LinkSettings;
use winlab_host::network::{CreateEndpoint, DeleteEndpoint, ModifyNetwork};

use super::linux::TUNNEL_MAC;
use super::{Lab, lab};

/// The network, the peer's route, both pods, both services. The ids of the network and the load balancer.
async fn join(lab: &Lab) -> (Guid, Guid) {
    let vsid = doc!({"Type": "VSID", "Settings": {"IsolationId": 4096}});
    let route = doc!({"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"});
    let subnet = doc!({"IpAddressPrefix": "10.244.1.0/24", "Routes": [route], "Policies": [vsid]});
    let nic = doc!({"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "Ethernet"}});
    let settings = doc!({
        "Name": "flannel.4096", "Type": "Overlay", "Flags": 8, "Policies": [nic],
        "Ipams": [{"Type": "Static", "Subnets": [subnet]}], "SchemaVersion": {"Major": 2, "Minor": 0},
    });
    let (network, shown) = lab.win1.network(settings).await;
    policy(lab, network, "Add", "HostRoute", doc!({})).await;
    policy(lab, network, "Add", "RemoteSubnetRoute", remote_subnet(4096)).await;
    let router = shown.get("Policies").unwrap().items().iter().find(|p| p.text(&["Type"]) == "DrMacAddress");
    let router = router.unwrap().text(&["Settings", "Address"]).parse().unwrap();
    lab.lin1.run_pod().await;
    lab.lin1.run_vxlan(router).await;
    lab.lin1.run_service().await;
    let settings = doc!({
        "Name": "source-vip", "HostComputeNetwork": network, "IpConfigurations": [{"IpAddress": "10.244.1.2"}],
    });
    lab.win1.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
    let provider = doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": "10.0.0.11"}});
    lab.win1.run_pod(network, "10.244.1.1", vec![provider]).await;
    (network, lab.win1.run_service(network, Some("10.0.0.10"), "10.244.1.2").await)
}

fn remote_subnet(vni: u32) -> winlab_document::Document {
    doc!({
        "DestinationPrefix": "10.244.0.0/24", "IsolationId": vni, "ProviderAddress": "10.0.0.10",
        "DistributedRouterMacAddress": (TUNNEL_MAC.replace(':', "-")),
    })
}

async fn policy(lab: &Lab, id: Guid, request: &str, kind: &str, settings: winlab_document::Document) {
    let policies = doc!({"Policies": [{"Type": kind, "Settings": settings}]});
    let settings = doc!({"ResourceType": "Policy", "RequestType": request, "Settings": policies});
    lab.win1.ask(ModifyNetwork { id, settings }).await;
}

#[test]
fn what_the_components_program_carries_traffic() {
    lab(async |lab| {
        join(&lab).await;
        lab.all_is_well();
    });
}

#[test]
fn a_wrong_vni_is_named() {
    lab(async |lab| {
        let (network, _) = join(&lab).await;
        policy(&lab, network, "Remove", "RemoteSubnetRoute", remote_subnet(4096)).await;
        policy(&lab, network, "Add", "RemoteSubnetRoute", remote_subnet(4097)).await;
        let verdict = lab.walk("win1", "c1", "http://10.244.0.5:8080");
        assert_eq!(verdict.decider().unwrap().object, ObjectKind::RemoteSubnet, "{verdict}");
        assert!(verdict.reason().contains("VNI 4097 on UDP 4789 ≠ lin1"), "{verdict}");
    });
}

#[test]
fn a_load_balancer_that_is_not_plumbed_is_named() {
    lab(async |lab| {
        let (_, balancer) = join(&lab).await;
        lab.win1.hns().control(|hns| hns.unplumb(balancer));
        let verdict = lab.walk("win1", "c1", "http://10.96.0.80:80");
        assert_eq!(verdict.decider().unwrap().id, balancer.to_string(), "{verdict}");
        assert_eq!(verdict.outcome, Outcome::Timeout);
    });
}

#[test]
fn a_backend_that_is_deleted_leaves_the_service_without_one() {
    lab(async |lab| {
        join(&lab).await;
        let id = lab.win1.hns().control(|hns| {
            let plane = hns.data_plane();
            let remote = plane.endpoints.iter().find(|e| e.document.to_string().contains("10.244.0.5"));
            remote.unwrap().id
        });
        lab.win1.ask(DeleteEndpoint { id }).await;
        let verdict = lab.walk("win1", "c1", "http://10.96.0.80:80");
        assert_eq!(verdict.decider().unwrap().object, ObjectKind::LoadBalancer, "{verdict}");
    });
}

#[test]
fn a_linux_host_that_loses_its_link_or_its_power_is_named() {
    lab(async |lab| {
        join(&lab).await;
        let down = LinkSettings { up: Some(false), ..LinkSettings::default() };
        lab.lin1.link("", "flannel.4096", down).await;
        let verdict = lab.walk("lin1", "c0", "http://10.244.1.5:8080");
        assert_eq!(verdict.decider().unwrap().object, ObjectKind::Route, "{verdict}");
        assert!(verdict.reason().contains("no better route for 10.244.1.5"), "{verdict}");
        lab.lin1.host().power_off();
        let verdict = lab.walk("win1", "c1", "http://10.244.0.5:8080");
        assert_eq!(verdict.outcome, Outcome::Timeout);
        assert_eq!(lab.walk("lin1", "c0", "http://10.244.1.5:8080").outcome, Outcome::NoSource);
    });
}
