//! Servers and clients that go away.

use std::sync::Arc;

use futures::StreamExt as _;
use winlab_document::Document;
use winlab_fake_wire::{Client, Host, Timeouts};
use winlab_host::compute::{Compute, ComputeEventKind, EnumerateComputeSystems};
use winlab_host::linux::{Errno, ListNamespaces};
use winlab_host::network::{EnumerateNetworks, Network, NotificationKind};
use winlab_host::system::{GetAdapters, System};
use winlab_host::{Ask as _, Boundary, HResult};

use crate::double::Gate;
use crate::lab::{Lab, Setup, clock, run, windows};
use crate::raw::Raw;

#[test]
fn a_server_that_is_away_is_unavailable_not_a_hang() {
    let address = Lab::windows().address.clone();
    run(async {
        let host = Client::new(address, clock(), Timeouts::default(), None).host("win1");
        let code = HResult::RPC_S_SERVER_UNAVAILABLE;
        assert_eq!(host.ask(EnumerateNetworks { query: Document::Null }).await.unwrap_err().code, code);
        assert_eq!(host.ask(EnumerateComputeSystems { query: Document::Null }).await.unwrap_err().code, code);
        assert_eq!(host.ask(GetAdapters {}).await.unwrap_err().code, code);
        assert_eq!(host.ask(ListNamespaces {}).await.unwrap_err().errno, Errno(113));
        // A listener hears at once that there is nothing to hear.
        let events: Vec<_> = Boundary::<Network>::events(&host).collect().await;
        assert_eq!(events.len(), 1);
    });
}

#[test]
fn listeners_hear_the_end_of_the_server_as_that_of_the_service_and_the_next_server_is_found() {
    let lab = Lab::windows();
    let address = lab.address.clone();
    run(async {
        let host = lab.client().host_in_session("win1", "test");
        let network = Boundary::<Network>::events(&host);
        let compute = Boundary::<Compute>::events(&host);
        let system = Boundary::<System>::events(&host);
        host.ask(GetAdapters {}).await.unwrap();
        drop(lab);
        let heard: Vec<_> = network.map(|event| event.kind).collect().await;
        assert_eq!(heard, [NotificationKind::ServiceDisconnect]);
        let heard: Vec<_> = compute.map(|event| event.kind).collect().await;
        assert_eq!(heard, [ComputeEventKind::ServiceDisconnect]);
        assert_eq!(system.count().await, 0);
        let away = host.ask(GetAdapters {}).await.unwrap_err().code;
        assert!([HResult::RPC_S_SERVER_UNAVAILABLE, HResult::RPC_S_CALL_FAILED].contains(&away), "{away}");
        let _again =
            Lab::start(Setup { address, ..Setup::default() }, |clock| vec![("win1", windows(clock))]);
        assert!(host.ask(GetAdapters {}).await.is_ok());
    });
}

#[test]
fn a_call_goes_on_when_its_client_does_not() {
    let gate = Arc::new(Gate::default());
    let served = gate.clone();
    let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::network_only(served))]);
    let mut raw = Raw::connect(&lab.address);
    let call = br#"{"function":"HcnEnumerateNetworks"}"#;
    raw.request("POST", "/v1/hosts/win1/hns", &["content-type: application/json"], call);
    run(async {
        gate.begun(1).await;
        drop(raw);
        // By the time it has answered this, the server has seen the connection's end.
        assert_eq!(lab.client().hosts().await.unwrap().len(), 1);
        gate.open();
        gate.ended(1).await;
    });
}
