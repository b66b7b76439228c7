//! What a client holds, and what becomes of it.

use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_fake_wire::{Host, RemoteHost};
use winlab_host::compute::{
    CloseComputeSystem, CreateComputeSystem, EnumerateComputeSystems, OpenComputeSystem, StartComputeSystem,
};
use winlab_host::network::{
    CreateGuestNetworkService, EnumerateGuestNetworkPortReservations, PortAccess, PortProtocol,
    ReserveGuestNetworkServicePort, ReserveGuestNetworkServicePortRange,
};
use winlab_host::system::{CreateJobObject, QueryJobObject};
use winlab_host::{Ask as _, Guid};

use crate::double::Gate;
use crate::lab::{Lab, Setup, run, until};
use crate::raw::Raw;

const VM: &str = "pod@vm";

/// A running virtual machine that ends with its last handle.
async fn machine(host: &RemoteHost) {
    let configuration = doc!({
        "Owner": "test", "SchemaVersion": {"Major": 2, "Minor": 1}, "ShouldTerminateOnLastHandleClosed": true,
        "VirtualMachine": {"ComputeTopology": {"Memory": {"SizeInMB": 256}}},
    });
    host.ask(CreateComputeSystem { id: VM.into(), configuration }).await.unwrap();
    host.ask(StartComputeSystem { id: VM.into(), options: Document::Null }).await.unwrap();
}

async fn systems(host: &RemoteHost) -> usize {
    host.ask(EnumerateComputeSystems { query: Document::empty_object() }).await.unwrap().items().len()
}

#[test]
fn a_client_that_vanishes_leaves_nothing_behind() {
    let lab = Lab::windows();
    run(async {
        let onlooker = lab.client().host("win1");
        let guest = CreateGuestNetworkService { id: Guid::from_bits(1), settings: doc!({}) };
        let id = onlooker.ask(guest).await.unwrap();
        let host = lab.client().host_in_session("win1", "client");
        machine(&host).await;
        host.ask(CreateJobObject { name: "job".into(), settings: Document::Null }).await.unwrap();
        let (protocol, access) = (PortProtocol::Tcp, PortAccess::Exclusive);
        host.ask(ReserveGuestNetworkServicePort { id, protocol, access, port: 8080 }).await.unwrap();
        host.ask(ReserveGuestNetworkServicePortRange { id, count: 10 }).await.unwrap();
        assert_eq!(systems(&onlooker).await, 1);
        drop(host);
        until(async || systems(&onlooker).await, |count| *count == 0).await;
        until(
            async || onlooker.ask(QueryJobObject { name: "job".into() }).await.is_err(),
            |is_gone| *is_gone,
        )
        .await;
        until(
            async || onlooker.ask(EnumerateGuestNetworkPortReservations {}).await.unwrap(),
            |left| left.is_empty(),
        )
        .await;
    });
}

#[test]
fn what_another_session_holds_stays() {
    let lab = Lab::windows();
    run(async {
        let onlooker = lab.client().host("win1");
        let [one, two, three] =
            ["one", "two", "three"].map(|name| lab.client().host_in_session("win1", name));
        machine(&one).await;
        two.ask(OpenComputeSystem { id: VM.into() }).await.unwrap();
        three.ask(OpenComputeSystem { id: VM.into() }).await.unwrap();
        one.ask(CloseComputeSystem { id: VM.into() }).await.unwrap();
        assert_eq!(systems(&onlooker).await, 1);
        drop(two);
        // The name is free again once the server has seen its session's end.
        until(
            async || {
                lab.client()
                    .host_in_session("win1", "two")
                    .ask(winlab_host::system::GetAdapters {})
                    .await
                    .is_ok()
            },
            |is_free| *is_free,
        )
        .await;
        assert_eq!(systems(&onlooker).await, 1);
        three.ask(CloseComputeSystem { id: VM.into() }).await.unwrap();
        assert_eq!(systems(&onlooker).await, 0);
    });
}

#[test]
fn without_a_session_nothing_is_kept() {
    let lab = Lab::windows();
    run(async {
        let onlooker = lab.client().host("win1");
        machine(&lab.client().host("win1")).await;
        assert_eq!(systems(&onlooker).await, 1);
        onlooker.ask(CloseComputeSystem { id: VM.into() }).await.unwrap();
        assert_eq!(systems(&onlooker).await, 0);
    });
}

#[test]
fn a_sessions_name_is_its_own_until_its_connection_ends() {
    let lab = Lab::windows();
    let open = || {
        let mut raw = Raw::connect(&lab.address);
        raw.request("POST", "/v1/sessions/kubelet%20win1", &[], b"");
        let head = raw.head();
        (head, raw)
    };
    let (head, mut first) = open();
    assert_eq!((head.status, first.line().as_str()), (200, r#"{"session":"kubelet win1"}"#));
    let (head, mut second) = open();
    assert_eq!((head.status, second.body(&head).contains("session-in-use")), (409, true));
    drop(first);
    run(until(async || open().0.status, |status| *status == 200));
}

#[test]
fn what_is_made_for_a_client_that_is_gone_already_is_given_back() {
    let gate = Arc::new(Gate::default());
    let served = gate.clone();
    let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::compute_only(served))]);
    run(async {
        let host = lab.client().host_in_session("win1", "client");
        let create = CreateComputeSystem { id: "web".into(), configuration: Document::Null };
        let asked = tokio::spawn({
            let host = host.clone();
            async move { host.ask(create).await }
        });
        gate.begun(1).await;
        asked.abort();
        drop(host);
        // The session's name is free: the server has seen its end.
        until(
            async || {
                let mut raw = Raw::connect(&lab.address);
                raw.request("POST", "/v1/sessions/client", &[], b"");
                raw.head().status
            },
            |status| *status == 200,
        )
        .await;
        gate.open();
        gate.ended(1).await;
        // That was the creation; what begins now is the closing.
        gate.begun(1).await;
        gate.open();
        gate.ended(1).await;
    });
}
