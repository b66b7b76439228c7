//! Requests that are not calls.

use winlab_clock::Clock;
use winlab_fake_wire::{Client, Limits, Listener, Server, Timeouts, Trouble};
use winlab_host::{Ask as _, HResult};

use crate::lab::{Lab, Setup, clock, run, windows};
use crate::raw::Raw;

const HNS: &str = "/v1/hosts/win1/hns";
const CALL: &[u8] = br#"{"function":"HcnEnumerateNetworks"}"#;

#[test]
fn each_is_refused_by_its_word_and_the_connection_lives_on() {
    let lab = Lab::windows();
    let mut raw = Raw::connect(&lab.address);
    let json = "content-type: application/json; charset=utf-8";
    let no_text = [br#"{"function":""#.as_slice(), &[0xff, 0xfe], br#""}"#].concat();
    let deep = format!(r#"{{"function":"HNSCall","arguments":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    for (method, path, header, body, status, word) in [
        ("POST", HNS, json, b"{".as_slice(), 400, "bad-request"),
        ("POST", HNS, json, &no_text, 400, "bad-request"),
        ("POST", HNS, json, deep.as_bytes(), 400, "bad-request"),
        ("POST", HNS, json, b"", 400, "bad-request"),
        ("POST", HNS, "content-type: text/plain", CALL, 415, "wrong-content-type"),
        ("POST", HNS, "accept: */*", CALL, 415, "wrong-content-type"),
        ("POST", HNS, json, br#"{"function":"HcnNothing"}"#, 404, "unknown-function"),
        ("POST", "/v1/hosts/win9/hns", json, CALL, 404, "unknown-host"),
        ("POST", "/v1/hosts/win1/linux", json, CALL, 404, "unknown-service"),
        ("GET", "/v1/hosts/win1/none/events", json, b"", 404, "unknown-service"),
        ("GET", "/v2/hosts", json, b"", 404, "unknown-version"),
        ("GET", "/v1/host", json, b"", 404, "unknown-path"),
        ("DELETE", HNS, json, b"", 405, "wrong-method"),
        ("POST", HNS, "content-type: application/json\r\nwinlab-session: none", CALL, 409, "unknown-session"),
    ] {
        raw.request(method, path, &[header], body);
        let head = raw.head();
        let answer = raw.body(&head);
        assert_eq!(head.status, status, "{path}: {answer}");
        assert!(answer.starts_with(&format!(r#"{{"error":"{word}","message":""#)), "{path}: {answer}");
        assert_eq!(head.header("allow"), (status == 405).then_some("POST"));
    }
    assert_eq!(raw.post(HNS, CALL), (200, r#"{"result":[]}"#.to_owned()));
}

#[test]
fn a_token_is_asked_for_on_every_path() {
    let setup = Setup { token: Some("s3cret".into()), ..Setup::default() };
    let lab = Lab::start(setup, |clock| vec![("win1", windows(clock))]);
    let mut raw = Raw::connect(&lab.address);
    for path in ["/v1", "/v1/hosts", "/nothing", "/v1/hosts/win1/hns/events"] {
        raw.request("GET", path, &["authorization: Bearer s3cre"], b"");
        let head = raw.head();
        assert!(raw.body(&head).contains("unauthorized"));
        assert_eq!((head.status, head.header("www-authenticate")), (401, Some("Bearer")));
    }
    run(async {
        let refused = lab.client().host("win1").ask(winlab_host::system::GetAdapters {}).await.unwrap_err();
        assert_eq!(refused.code, HResult::E_ACCESSDENIED);
        let client = Client::new(lab.address.clone(), clock(), Timeouts::default(), Some("s3cret"));
        assert_eq!(client.hosts().await.unwrap().len(), 1);
        assert!(matches!(lab.client().hosts().await, Err(Trouble::Denied(_))));
    });
}

/// What a server says instead of serving.
async fn refusal(clock: Clock, address: &str) -> std::io::ErrorKind {
    let listener = Listener::bind(&address.parse().unwrap()).await.unwrap();
    let Err(error) = Server::new(clock, Limits::default(), None).serve(listener).await;
    error.kind()
}

#[test]
fn without_a_token_only_this_machine_is_served() {
    run(async {
        assert_eq!(refusal(clock(), "0.0.0.0:0").await, std::io::ErrorKind::PermissionDenied);
    });
}

#[test]
fn virtual_time_and_sockets_do_not_go_together() {
    run(async {
        assert_eq!(refusal(Clock::start_virtual(), "127.0.0.1:0").await, std::io::ErrorKind::InvalidInput);
    });
}
