//! What the watch loop makes of each trouble.

use futures::StreamExt;
use winlab_clock::{Clock, Pace, Seed, VirtualSpan};
use winlab_kube_client::k8s::core::ConfigMap;
use winlab_kube_client::{Api, Identity, WatchConfig, WatchError, WatchEvent, watch};

use crate::peer::{Does, Peer, Trusted, answer, listen};

/// Waits of seconds take milliseconds.
const FACTOR: u32 = 200;

const EMPTY: &str =
    r#"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}"#;

fn event(version: u32) -> String {
    format!(
        r#"{{"type":"ADDED","object":{{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"name":"m{version}","namespace":"default","resourceVersion":"{version}"}}}}}}"#
    )
}

/// What a watch of the peer tells, one line an event, until it has told so many.
async fn told(peer: &Peer, clock: Clock, count: usize) -> Vec<String> {
    let client = Identity::new("kubelet", "v1.34.4").remote_client(&peer.remote).unwrap();
    let maps: Api<ConfigMap> = Api::namespaced(client, "default");
    let events = watch(maps, WatchConfig::all(), clock, Seed::new(3));
    let mut events = std::pin::pin!(events);
    let mut told = Vec::new();
    let all = async {
        while told.len() < count {
            told.push(match events.next().await.expect("a watch never ends") {
                WatchEvent::Listed(objects) => format!("listed {}", objects.len()),
                WatchEvent::Applied(map) => format!("applied {}", map.metadata.name.clone().unwrap()),
                WatchEvent::Deleted(_) => "deleted".to_owned(),
                WatchEvent::Interrupted { error, retry_in } => {
                    assert!(retry_in >= VirtualSpan::from_millis(800), "{error} is retried after {retry_in}");
                    assert!(retry_in <= VirtualSpan::from_secs(60), "{error} is retried after {retry_in}");
                    format!("interrupted: {}", whole(&error))
                }
            });
        }
    };
    clock.within(VirtualSpan::from_secs(7200), all).await.expect("every trouble comes to an end");
    told
}

fn whole(error: &WatchError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What is told of a peer that gives these answers, and what it was asked.
fn run(answers: Vec<Does>, trusted: Trusted, count: usize) -> (Vec<String>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::start(Pace::Scaled(FACTOR), "2026-01-01T00:00:00Z".parse().unwrap());
        let peer = listen(answers, trusted).await;
        let told = told(&peer, clock, count).await;
        let asked = peer.asked.lock().unwrap().clone();
        (told, asked)
    })
}

fn ok(body: &str) -> Does {
    answer("200 OK", "", body)
}

/// A trouble of the list is told and the list asked for again.
fn list_trouble(trouble: Does) -> String {
    let (told, asked) = run(vec![trouble, ok(EMPTY)], Trusted::Its, 2);
    assert_eq!(told[1], "listed 0", "{told:?}");
    assert!(
        asked.len() >= 2 && asked[1].starts_with("GET /api/v1/namespaces/default/configmaps?"),
        "{asked:?}"
    );
    told[0].clone()
}

#[test]
fn a_body_that_is_cut_off_is_asked_for_again() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\nconnection: close\r\n\r\n";
    let text = list_trouble(Does::Sends(format!("{head}{EMPTY}")));
    assert!(text.starts_with("interrupted: failed to list: "), "{text}");
}

#[test]
fn a_body_longer_than_its_length_is_no_list() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\nconnection: close\r\n\r\n";
    let text = list_trouble(Does::Sends(format!("{head}{EMPTY}")));
    assert!(text.starts_with("interrupted: failed to decode: EOF while parsing"), "{text}");
}

#[test]
fn a_list_that_never_ends_is_given_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let text = list_trouble(Does::Drips(head.to_owned()));
    assert_eq!(text, "interrupted: watch broke off: the list did not end: nothing came of it within 1m 15s");
}

#[test]
fn a_page_of_a_proxy_is_named_as_what_it_is() {
    let body = "<html>sign in</html>";
    let page = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let text = list_trouble(Does::Sends(page));
    assert!(text.contains("failed to decode: ") && text.ends_with("(the answer is text/html)"), "{text}");
}

#[test]
fn refusals_are_told_in_the_servers_words() {
    let status = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
    let text = list_trouble(answer("401 Unauthorized", "", status));
    assert!(text.contains("Unauthorized"), "{text}");
    let text = list_trouble(answer("503 Service Unavailable", "", "upstream is away"));
    assert!(text.contains("upstream is away"), "{text}");
}

#[test]
fn who_is_told_to_come_back_later_does_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::start(Pace::Scaled(FACTOR), "2026-01-01T00:00:00Z".parse().unwrap());
        let busy = || answer("429 Too Many Requests", "retry-after: 20\r\n", "busy");
        let peer = listen([busy(), busy(), ok(EMPTY)], Trusted::Its).await;
        let begun = clock.now();
        let told = told(&peer, clock, 3).await;
        assert_eq!(told[2], "listed 0", "{told:?}");
        assert!(clock.now().since(begun) >= VirtualSpan::from_secs(40), "it came back too early");
    });
}

#[test]
fn a_watch_that_ends_in_the_middle_of_a_line_is_resumed_before_it() {
    let lines = format!("{}\n{}", event(8), &event(9)[..30]);
    let whole = format!("{}\n", event(9));
    let (told, asked) = run(vec![ok(EMPTY), ok(&lines), ok(&whole)], Trusted::Its, 3);
    assert_eq!(told, ["listed 0", "applied m8", "applied m9"]);
    assert!(
        asked[1].contains("resourceVersion=7&") || asked[1].contains("resourceVersion=7 "),
        "{}",
        asked[1]
    );
    assert!(
        asked[2].contains("resourceVersion=8&") || asked[2].contains("resourceVersion=8 "),
        "{}",
        asked[2]
    );
}

#[test]
fn a_watch_whose_connection_breaks_is_resumed_after_a_wait() {
    let line = format!("{}\n", event(8));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let broken = format!("{head}{:x}\r\n{line}\r\n50\r\nhalf", line.len());
    let (told, asked) =
        run(vec![ok(EMPTY), Does::Sends(broken), ok(&format!("{}\n", event(9)))], Trusted::Its, 4);
    assert_eq!(told[..2], ["listed 0", "applied m8"]);
    assert!(told[2].starts_with("interrupted: watch broke off: "), "{told:?}");
    assert_eq!(told[3], "applied m9");
    assert!(asked[2].contains("resourceVersion=8"), "{}", asked[2]);
}

#[test]
fn a_line_that_is_no_event_leads_to_a_new_list() {
    let (told, asked) = run(vec![ok(EMPTY), ok("what?\n"), ok(EMPTY)], Trusted::Its, 3);
    assert!(told[1].starts_with("interrupted: failed to decode: "), "{told:?}");
    assert_eq!(told[2], "listed 0");
    assert!(!asked[2].contains("watch="), "{}", asked[2]);
}

#[test]
fn a_certificate_of_another_authority_is_not_trusted() {
    let (told, asked) = run(vec![ok(EMPTY)], Trusted::Another, 3);
    assert!(told.iter().all(|line| line.contains("invalid peer certificate")), "{told:?}");
    assert!(asked.is_empty(), "nothing is asked of a server that is not trusted: {asked:?}");
}
