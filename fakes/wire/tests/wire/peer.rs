//! Servers that do not keep to the contract: what this crate's client makes of them.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the peer is another process: a thread with plain sockets"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use winlab_clock::VirtualSpan;
use winlab_document::Document;
use winlab_fake_wire::{Address, Client, Timeouts};
use winlab_host::network::{EnumerateNetworks, Network};
use winlab_host::{Ask as _, Boundary, Guid, HResult};

use crate::lab::{clock, run};

/// What a peer does with each connection after it has read a request.
type Manners = fn(&str, &mut TcpStream);

/// Accepts connections until the test ends; each is closed after one request, or it stays.
fn peer(stays: bool, manners: Manners) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::Tcp(listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut request) {
                    manners(&String::from_utf8_lossy(&request[..length]), &mut stream);
                    if !stays {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn enumerate(manners: Manners) -> Result<Vec<Guid>, HResult> {
    enumerate_within(VirtualSpan::from_secs(20), manners)
}

fn enumerate_within(call: VirtualSpan, manners: Manners) -> Result<Vec<Guid>, HResult> {
    let address = peer(false, manners);
    run(async {
        let timeouts = Timeouts { call, answer_bytes: 4096, ..Timeouts::default() };
        let host = Client::new(address, clock(), timeouts, None).host("win1");
        host.ask(EnumerateNetworks { query: Document::Null }).await.map_err(|fault| fault.code)
    })
}

fn say(stream: &mut TcpStream, text: &str) {
    // The client may have hung up already.
    let _ = stream.write_all(text.as_bytes());
}

const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// Stays silent until the client goes away.
fn hold(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 16]);
}

#[test]
fn a_peer_with_manners_is_understood() {
    let answer: Manners = |_, stream| {
        say(
            stream,
            &format!(
                "{JSON}transfer-encoding: chunked\r\n\r\n8\r\n{{\"result\r\n4\r\n\":[]\r\n1\r\n}}\r\n0\r\n\r\n"
            ),
        );
    };
    assert_eq!(enumerate(answer), Ok(vec![]));
}

#[test]
fn connections_that_break_are_calls_that_failed() {
    let broken = Err(HResult::RPC_S_CALL_FAILED);
    assert_eq!(enumerate(|_, _closes_at_once| ()), broken);
    assert_eq!(enumerate(|_, stream| say(stream, "HTTP/1.1 200 OK\r\ncontent-ty")), broken);
    assert_eq!(
        enumerate(|_, stream| say(stream, &format!("{JSON}content-length: 50\r\n\r\n{{\"result\":["))),
        broken
    );
    assert_eq!(
        enumerate(|_, stream| say(stream, &format!("{JSON}transfer-encoding: chunked\r\n\r\n5\r\n{{\"res"))),
        broken
    );
}

#[test]
fn answers_that_are_none_are_protocol_errors() {
    let protocol = Err(HResult::RPC_S_PROTOCOL_ERROR);
    assert_eq!(enumerate(|_, stream| say(stream, "220 mail.example ESMTP\r\n")), protocol);
    assert_eq!(
        enumerate(|_, stream| say(stream, &format!("{JSON}content-length: 5\r\n\r\n{{\"result\":[]}}"))),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n{\"result\":[]}"
        )),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(stream, &format!("{JSON}content-length: 2\r\n\r\n\u{fffd}"))),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(stream, &format!("{JSON}content-length: 12\r\n\r\n{{\"result\":1}}"))),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(
            stream,
            &format!("{JSON}content-length: 29\r\n\r\n{{\"fault\":{{\"code\":\"E_FAIL\"}}  }}")
        )),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
        )),
        protocol
    );
    assert_eq!(
        enumerate(|_, stream| say(stream, "HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops")),
        protocol
    );
}

#[test]
fn a_proxys_statuses_are_understood_by_their_number() {
    for (status, code) in [
        (401, HResult::E_ACCESSDENIED),
        (403, HResult::E_ACCESSDENIED),
        (413, HResult::RPC_S_STRING_TOO_LONG),
        (429, HResult::RPC_S_SERVER_TOO_BUSY),
        (503, HResult::RPC_S_SERVER_TOO_BUSY),
    ] {
        let manners: Manners = match status {
            401 => |_, stream| say(stream, "HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"),
            403 => |_, stream| say(stream, "HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n"),
            413 => |_, stream| say(stream, "HTTP/1.1 413 Big\r\ncontent-length: 0\r\n\r\n"),
            429 => {
                |_, stream| say(stream, "HTTP/1.1 429 Slow\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n")
            }
            _ => |_, stream| say(stream, "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"),
        };
        assert_eq!(enumerate(manners), Err(code), "{status}");
    }
}

#[test]
fn silence_and_dripping_are_not_waited_for() {
    let patience = VirtualSpan::from_millis(100);
    let late = Err(HResult::ERROR_TIMEOUT);
    assert_eq!(enumerate_within(patience, |_, stream| hold(stream)), late);
    assert_eq!(
        enumerate_within(patience, |_, stream| {
            say(stream, &format!("{JSON}content-length: 100\r\n\r\n{{"));
            hold(stream);
        }),
        late
    );
    assert_eq!(
        enumerate_within(patience, |_, stream| {
            // One byte whenever the client has said nothing for a while, which is always.
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            say(stream, &format!("{JSON}content-length: 100000\r\n\r\n"));
            while stream.write_all(b" ").is_ok() {
                if stream.read(&mut [0; 1]).is_ok_and(|length| length == 0) {
                    return;
                }
            }
        }),
        late
    );
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let endless: Manners = |_, stream| {
        say(stream, &format!("{JSON}transfer-encoding: chunked\r\n\r\n"));
        while stream.write_all(b"4\r\n    \r\n").is_ok() {}
    };
    assert_eq!(enumerate(endless), Err(HResult::RPC_S_STRING_TOO_LONG));
}

#[test]
fn lines_of_a_stream_that_are_no_events_are_left_out() {
    let address = peer(false, |_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n";
        let id = Guid::NIL;
        say(
            stream,
            &format!("{head}{{\"kind\":\"FromTheFuture\",\"id\":\"{id}\"}}\n\nnonsense\n{{\"kind\":\"Net"),
        );
        say(stream, &format!("workCreate\",\"id\":\"{id}\",\"data\":null}}\n{{\"kind\":\"Netw"));
    });
    run(async {
        let host = Client::new(address, clock(), Timeouts::default(), None).host("win1");
        let kinds: Vec<_> =
            Boundary::<Network>::events(&host).map(|event| event.kind.to_string()).collect().await;
        assert_eq!(kinds, ["NetworkCreate", "ServiceDisconnect"]);
    });
}

#[test]
fn a_server_that_has_forgotten_the_session_is_told_of_it_again() {
    static SESSIONS: AtomicUsize = AtomicUsize::new(0);
    let address = peer(true, |request, stream| {
        if request.starts_with("POST /v1/sessions/client ") {
            SESSIONS.fetch_add(1, Ordering::SeqCst);
            say(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n",
            );
        } else if SESSIONS.load(Ordering::SeqCst) < 2 {
            let body = r#"{"error":"unknown-session","message":"it is not open"}"#;
            let (json, length) = ("application/json", body.len());
            say(
                stream,
                &format!("HTTP/1.1 409 No\r\ncontent-type: {json}\r\ncontent-length: {length}\r\n\r\n{body}"),
            );
        } else {
            assert!(request.to_ascii_lowercase().contains("winlab-session: client\r\n"));
            say(stream, &format!("{JSON}content-length: 13\r\n\r\n{{\"result\":[]}}"));
        }
    });
    run(async {
        let client = Client::new(address, clock(), Timeouts::default(), None);
        let host = client.host_in_session("win1", "client");
        assert_eq!(host.ask(EnumerateNetworks { query: Document::Null }).await, Ok(vec![]));
    });
    assert_eq!(SESSIONS.load(Ordering::SeqCst), 2);
}
