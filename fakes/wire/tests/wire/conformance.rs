//! One body, two ways: the fakes in process, and the same fakes through the wire.

use futures::StreamExt as _;
use winlab_document::{Document, doc};
use winlab_fake_hns::Rehydration;
use winlab_fake_hns::conformance::cases;
use winlab_fake_windows::conformance::{COMPUTE, SYSTEM};
use winlab_fake_wire::{Address, Host};
use winlab_host::network::{CreateNetwork, Network, NotificationKind, QueryNetworkProperties};
use winlab_host::{Ask as _, Boundary, Guid, HResult, HostNetwork};
use winlab_profiles::WindowsVersion;

use crate::lab::{Lab, Setup, hns, run};

async fn all_cases(host: &HostNetwork, windows: WindowsVersion) {
    for case in cases().into_iter().filter(|case| case.fits(windows.hns())) {
        assert_eq!(case.run(host).await, Ok(()), "{} on {}", case.name, windows.name());
    }
}

#[test]
fn hns_in_process_and_through_the_wire() {
    for build in ["ltsc2019", "ltsc2025"] {
        let windows: WindowsVersion = build.parse().unwrap();
        run(all_cases(&*hns(windows), windows));
        let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::network_only(hns(windows)))]);
        run(async { all_cases(&lab.client().host("win1"), windows).await });
    }
}

#[cfg(unix)]
#[test]
fn hns_over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let windows: WindowsVersion = "ltsc2025".parse().unwrap();
    let setup = Setup { address: Address::Unix(folder.path().join("lab.sock")), ..Setup::default() };
    let lab = Lab::start(setup, move |_| vec![("win1", Host::network_only(hns(windows)))]);
    run(async { all_cases(&lab.client().host("win1"), windows).await });
}

#[test]
fn hcs_and_system_through_the_wire() {
    let lab = Lab::windows();
    run(async {
        let host = lab.client().host("win1");
        for case in COMPUTE {
            assert_eq!(case.run(&host).await, Ok(()), "{}", case.name);
        }
        for case in SYSTEM {
            assert_eq!(case.run(&host).await, Ok(()), "{}", case.name);
        }
    });
}

#[test]
fn what_a_document_says_and_how_is_the_same_on_both_ways() {
    let windows: WindowsVersion = "ltsc2022".parse().unwrap();
    let settings = doc!({
        "Name": "inner", "Type": "Private", "SchemaVersion": {"Major": 2, "Minor": 0},
        "Unheard": {"z": 1, "a": [1.5, null, "\u{1f980} \u{0}\""]},
    });
    let make = |host: std::sync::Arc<HostNetwork>| {
        let settings = settings.clone();
        async move {
            let id = host.ask(CreateNetwork { id: Guid::NIL, settings: settings.clone() }).await.unwrap();
            let made = host.ask(QueryNetworkProperties { id, query: Document::Null }).await.unwrap();
            let doubled = host.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap_err();
            (made.to_string(), doubled)
        }
    };
    let direct = run(make(hns(windows)));
    let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::network_only(hns(windows)))]);
    let wired = run(async { make(std::sync::Arc::new(lab.client().host("win1"))).await });
    assert_eq!(wired, direct);
    assert!(direct.0.contains(r#""Unheard":{"z":1,"a":[1.5,null,"🦀 \u0000\""]}"#), "{}", direct.0);
}

#[test]
fn listeners_hear_of_every_call_after_they_began_until_the_service_ends() {
    let fake = hns("ltsc2022".parse().unwrap());
    let served = fake.clone();
    let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::network_only(served))]);
    run(async {
        let host = lab.client().host("win1");
        let events = Boundary::<Network>::events(&host);
        let settings = doc!({"Name": "inner", "Type": "Private"});
        let id = host.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap();
        fake.control(|hns| hns.restart(Rehydration::Rehydrate));
        let heard: Vec<_> = events.map(|event| (event.kind, event.id)).collect().await;
        assert_eq!(
            heard,
            [
                (NotificationKind::NetworkPreCreate, id),
                (NotificationKind::NetworkCreate, id),
                (NotificationKind::ServiceDisconnect, Guid::NIL),
            ]
        );
    });
}

#[test]
fn a_server_speaks_for_many_hosts_and_says_so() {
    let lab = Lab::start(Setup::default(), |clock| {
        let name = "node with a / in it";
        let hns = || Host::network_only(hns("ltsc2019".parse().unwrap()));
        vec![("win2", hns()), (name, hns()), ("win1", crate::lab::windows(clock))]
    });
    run(async {
        let client = lab.client();
        let server = client.server().await.unwrap();
        assert_eq!((server.server.as_str(), server.versions.as_slice()), ("winlab", &["v1".to_owned()][..]));
        let hosts = client.hosts().await.unwrap();
        let names: Vec<_> = hosts.iter().map(|host| (host.name.as_str(), host.services.len())).collect();
        assert_eq!(names, [("node with a / in it", 1), ("win1", 3), ("win2", 1)]);
        let settings = doc!({"Name": "inner", "Type": "Private"});
        for name in ["win1", "win2", "node with a / in it"] {
            let create = CreateNetwork { id: Guid::from_bits(1), settings: settings.clone() };
            assert_eq!(client.host(name).ask(create).await, Ok(Guid::from_bits(1)), "{name}");
        }
        let missing = client.host("win3").ask(winlab_host::system::GetAdapters {}).await.unwrap_err();
        assert_eq!(missing.code, HResult::RPC_S_SERVER_UNAVAILABLE);
        let missing = client.host("win2").ask(winlab_host::system::GetAdapters {}).await.unwrap_err();
        assert_eq!(missing.code, HResult::RPC_S_UNKNOWN_IF);
    });
}
