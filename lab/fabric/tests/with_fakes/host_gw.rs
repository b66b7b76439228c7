//! flannel's host-gw backend on both systems.

use winlab_document::doc;
use winlab_fabric::ObjectKind;
use winlab_host::linux::DeleteRoute;

use super::{Lab, lab};

async fn join(lab: &Lab) {
    let subnets = doc!([{"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1"}]);
    let body =
        doc!({"Name": "cbr0", "Type": "L2Bridge", "NetworkAdapterName": "Ethernet", "Subnets": subnets});
    let network = lab.win1.v1("POST", "/networks/", body).await;
    let network = network.text(&["ID"]).to_owned();
    let body = doc!({"Name": "cbr0_ep", "VirtualNetwork": network.as_str(), "IPAddress": "10.244.1.2"});
    let endpoint = lab.win1.v1("POST", "/endpoints/", body).await;
    let attach = format!("/endpoints/{}/attach", endpoint.text(&["ID"]));
    lab.win1.v1("POST", &attach, doc!({"SystemType": "Host", "CompartmentId": 1})).await;
    lab.win1.route("10.244.0.0/24", "10.0.0.10");
    lab.lin1.run_pod().await;
    lab.lin1.route("", "10.244.1.0/24", Some("10.0.0.11"), "eth0", false).await;
    lab.lin1.run_service().await;
    let network = network.parse().unwrap();
    lab.win1.run_pod(network, "10.244.1.2", vec![]).await;
    lab.win1.run_service(network, None, "").await;
}

#[test]
fn what_the_components_program_carries_traffic() {
    lab(async |lab| {
        join(&lab).await;
        lab.all_is_well();
    });
}

#[test]
fn a_missing_route_is_named_on_the_way_there_and_back() {
    lab(async |lab| {
        join(&lab).await;
        let destination = "10.244.1.0/24".parse().unwrap();
        lab.lin1.ask(DeleteRoute { namespace: String::new(), destination }).await;
        for (node, id, to, leg) in [
            ("lin1", "c0", "http://10.244.1.5:8080", "request"),
            ("win1", "c1", "http://10.244.0.5:8080", "reply"),
        ] {
            let verdict = lab.walk(node, id, to);
            let decider = verdict.decider().unwrap();
            assert_eq!((decider.object, decider.leg.word()), (ObjectKind::Route, leg), "{verdict}");
            assert_eq!(decider.node, "lin1");
        }
    });
}
