//! Labs that stay.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use winlab_engine::{ApiAccess, LiveLab, Placement, UpError, with_live_lab};
use winlab_kube_client::api::ListParams;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Identity};
use winlab_scenario::ClockDemand;

use crate::harness::{jobs, mixed, read};

#[test]
fn a_lab_that_stays_answers_a_plain_client_over_tls() {
    let scenario = read(&mixed("  - {name: unused, wait: 1s}\n"));
    let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let access = ApiAccess { cluster: "winlab-t".to_owned(), listen: vec![loopback] };
    let stay = async |lab: &LiveLab<'_>| {
        let (url, kubeconfig) = lab.kubeconfig().unwrap();
        assert!(
            url.starts_with("https://127.0.0.1:") && kubeconfig.contains("current-context: \"winlab-t\"")
        );
        let client = Identity::new("test", "v1.36.1").connect(&kubeconfig).await.unwrap();
        let nodes: Api<Node> = Api::all(client);
        let listed = nodes.list(&ListParams::default()).await.unwrap();
        let names: Vec<String> = listed.items.into_iter().filter_map(|node| node.metadata.name).collect();
        let walks = lab.flow("node/lin1", "node/win1:10250").await.unwrap();
        assert_eq!(walks.len(), 1);
        assert!(!lab.hns("win1", "networks").await.unwrap().is_empty());
        assert!(lab.hns("win1", "nothing").await.is_err());
        names
    };
    let job = &jobs(&scenario, 7)[0];
    assert_eq!(
        with_live_lab(job, &Placement::default(), access, pending(), stay).unwrap().unwrap(),
        ["lin1", "win1"]
    );
}

#[test]
fn a_lab_with_sockets_cannot_live_in_virtual_time() {
    let scenario = read(&mixed("  - {name: unused, wait: 1s}\n"));
    let placement = Placement { clock: Some(ClockDemand::Virtual), ..Placement::default() };
    let stay = async |_: &LiveLab<'_>| {};
    let refused = with_live_lab(&jobs(&scenario, 7)[0], &placement, ApiAccess::default(), pending(), stay);
    assert!(matches!(refused, Err(UpError::Pace(_))), "{refused:?}");
}

#[test]
fn a_lab_that_is_told_to_end_on_its_way_up_is_never_handed_over() {
    let scenario = read(&mixed("  - {name: unused, wait: 1s}\n"));
    let stay = async |_: &LiveLab<'_>| panic!("it is not up");
    let told = std::future::ready(());
    let ended =
        with_live_lab(&jobs(&scenario, 7)[0], &Placement::default(), ApiAccess::default(), told, stay);
    assert!(matches!(ended, Ok(None)), "{ended:?}");
}
