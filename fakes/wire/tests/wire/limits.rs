//! What a server takes at once.

use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_document::{Document, doc};
use winlab_fake_wire::{Client, Host, Limits, Timeouts};
use winlab_host::network::{CreateNetwork, EnumerateNetworks, QueryNetworkProperties};
use winlab_host::system::{ReadFile, Scope, WriteFile};
use winlab_host::{Ask as _, Guid, HResult};

use crate::double::Gate;
use crate::lab::{Lab, Setup, clock, run, until, windows};
use crate::raw::Raw;

const HNS: &str = "/v1/hosts/win1/hns";
const CALL: &str = r#"{"function":"HcnEnumerateNetworks"}"#;

#[test]
fn a_body_above_the_limit_is_refused_and_one_at_it_is_not() {
    let limits = Limits { body_bytes: 1 << 20, ..Limits::default() };
    let setup = Setup { limits, ..Setup::default() };
    let lab = Lab::start(setup, |clock| vec![("win1", windows(clock))]);
    let mut raw = Raw::connect(&lab.address);
    let mut body = CALL.as_bytes().to_vec();
    body.resize(1 << 20, b' ');
    assert_eq!(raw.post(HNS, &body), (200, r#"{"result":[]}"#.to_owned()));
    body.resize((1 << 20) + 1, b' ');
    assert_eq!(raw.post(HNS, &body).0, 413);
    run(async {
        let host = lab.client().host("win1");
        let settings = doc!({"Name": "x".repeat(3 << 20)});
        let refused = host.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap_err();
        assert_eq!(refused.code, HResult::RPC_S_STRING_TOO_LONG);
    });
}

#[test]
fn ten_megabytes_travel_both_ways() {
    let lab = Lab::windows();
    run(async {
        let host = lab.client().host("win1");
        let text: String = "a \u{e9}\u{1f980}\"\\\n".chars().cycle().take(8 << 20).collect();
        assert!(text.len() > 10 << 20);
        let settings = doc!({"Name": "inner", "Type": "Private", "Unheard": text.as_str()});
        let id = host.ask(CreateNetwork { id: Guid::NIL, settings: settings.clone() }).await.unwrap();
        let made = host.ask(QueryNetworkProperties { id, query: Document::Null }).await.unwrap();
        assert!(made.get("Unheard") == settings.get("Unheard"), "the text came back otherwise");
        let bytes: Arc<[u8]> = (0..=255).cycle().take(1 << 20).collect();
        let (scope, path) = (Scope::Host, r"C:\blob".to_owned());
        host.ask(WriteFile { scope: scope.clone(), path: path.clone(), bytes: bytes.clone() }).await.unwrap();
        assert!(host.ask(ReadFile { scope, path }).await.unwrap() == bytes, "the bytes came back otherwise");
        let timeouts = Timeouts { answer_bytes: 1 << 20, ..Timeouts::default() };
        let modest = Client::new(lab.address.clone(), clock(), timeouts, None).host("win1");
        let refused = modest.ask(QueryNetworkProperties { id, query: Document::Null }).await.unwrap_err();
        assert_eq!(refused.code, HResult::RPC_S_STRING_TOO_LONG);
    });
}

#[test]
fn calls_above_the_limit_are_refused_until_one_ends() {
    let gate = Arc::new(Gate::default());
    let served = gate.clone();
    let setup = Setup { limits: Limits { calls: 2, ..Limits::default() }, ..Setup::default() };
    let lab = Lab::start(setup, move |_| vec![("win1", Host::network_only(served))]);
    let mut waiting = [Raw::connect(&lab.address), Raw::connect(&lab.address)];
    for raw in &mut waiting {
        raw.request("POST", HNS, &["content-type: application/json"], CALL.as_bytes());
    }
    run(async {
        gate.begun(2).await;
        let host = lab.client().host("win1");
        let refused = host.ask(EnumerateNetworks { query: Document::Null }).await.unwrap_err();
        assert_eq!(refused.code, HResult::RPC_S_SERVER_TOO_BUSY);
        gate.open();
        gate.open();
        for raw in &mut waiting {
            assert_eq!(raw.head().status, 200);
        }
        gate.open();
        assert_eq!(host.ask(EnumerateNetworks { query: Document::Null }).await, Ok(vec![]));
    });
}

#[test]
fn streams_above_the_limit_are_refused_until_one_ends() {
    let setup = Setup { limits: Limits { streams: 1, ..Limits::default() }, ..Setup::default() };
    let lab = Lab::start(setup, |clock| vec![("win1", windows(clock))]);
    let mut stream = Raw::connect(&lab.address);
    stream.request("GET", &format!("{HNS}/events"), &[], b"");
    assert_eq!(stream.head().status, 200);
    let refused = || {
        let mut raw = Raw::connect(&lab.address);
        raw.request("GET", &format!("{HNS}/events"), &[], b"");
        raw.head().status
    };
    assert_eq!(refused(), 503);
    drop(stream);
    run(until(async || refused(), |status| *status == 200));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let limits = Limits { body_within: VirtualSpan::from_millis(30), ..Limits::default() };
    let setup = Setup { limits, ..Setup::default() };
    let lab = Lab::start(setup, |clock| vec![("win1", windows(clock))]);
    let mut raw = Raw::connect(&lab.address);
    raw.send(b"POST /v1/hosts/win1/hns HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{");
    let head = raw.head();
    assert_eq!((head.status, raw.body(&head).contains("too-slow")), (408, true));
    assert!(raw.is_closed());
}

#[test]
fn a_bug_behind_the_boundary_is_told_and_the_server_lives_on() {
    let gate = Arc::new(Gate::default());
    let served = gate.clone();
    let lab = Lab::start(Setup::default(), move |_| vec![("win1", Host::network_only(served))]);
    let mut raw = Raw::connect(&lab.address);
    gate.open();
    gate.open();
    let open = format!(r#"{{"function":"HcnOpenNetwork","arguments":{{"id":"{}"}}}}"#, Guid::NIL);
    let (status, answer) = raw.post(HNS, open.as_bytes());
    assert_eq!((status, answer.contains(r#""error":"internal""#)), (500, true));
    assert_eq!(raw.post(HNS, CALL.as_bytes()).0, 200);
}
