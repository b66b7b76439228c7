//! Names, and programs that ask further.

use winlab_document::doc;
use winlab_host::HttpReply;

use super::lab::{Lab, Net, endpoint_for};
use crate::{ObjectKind, Outcome};

fn lab() -> Lab {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c2"], false);
    lab
}

#[test]
fn windows_takes_one_suffix_and_linux_the_whole_list() {
    let lab = lab();
    for (name, windows, linux) in [
        ("web", true, true),
        ("WEB", true, true),
        ("web.default", false, true),
        ("web.default.svc", false, true),
        ("web.default.svc.cluster.local", true, true),
        ("web.default.svc.cluster.local.", true, true),
        ("web.", false, false),
        ("nope", false, false),
        ("alias", true, true),
    ] {
        for (from, expected) in [("c1@win1", windows), ("d0@lin1", linux)] {
            let verdict = lab.walk(from, &format!("http://{name}:80"));
            assert_eq!(verdict.is_ok(), expected, "{name} from {from}\n{verdict}");
            if !expected {
                assert_eq!(verdict.outcome, Outcome::NoName, "{verdict}");
                assert_eq!(verdict.decider().unwrap().object, ObjectKind::DnsServer, "{verdict}");
            }
        }
    }
}

#[test]
fn a_lookup_alone() {
    let lab = lab();
    let verdict = lab.walk("c1@win1", "dns://web");
    let resolved = verdict.resolved.clone().unwrap();
    assert_eq!(resolved.name, "web.default.svc.cluster.local", "{verdict}");
    insta::assert_snapshot!(lab.walk("c1@win1", "dns://web.default"));
}

#[test]
fn headless_names_lead_to_every_address() {
    let lab = lab();
    assert_eq!(lab.backends("d0@lin1", "http://headless:8080"), ["c1", "c2"]);
}

#[test]
fn without_a_way_to_the_server_there_is_no_name() {
    let lab = lab();
    lab.fabric.underlay(|underlay| underlay.partition("win1", "lin1"));
    let verdict = lab.walk("c1@win1", "http://web");
    assert_eq!(verdict.outcome, Outcome::NoName);
    assert_eq!(verdict.decider().unwrap().name, "win1 → lin1", "{verdict}");
}

#[test]
fn a_file_in_a_windows_container_is_no_resolver() {
    let lab = lab();
    lab.win("win1", |plane| {
        let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
        own.document.set("Dns", doc!({"ServerList": []}));
    });
    let verdict = lab.walk("c1@win1", "http://web");
    let decider = verdict.decider().unwrap();
    assert_eq!((verdict.outcome, decider.object), (Outcome::NoName, ObjectKind::Endpoint), "{verdict}");
    assert!(decider.detail.ends_with("it has no DNS server"), "{decider}");
}

#[test]
fn a_server_that_is_no_dns_server_fails_the_lookup() {
    let lab = lab();
    lab.win("win1", |plane| {
        let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
        own.document.set("Dns", doc!({"Domain": "x", "ServerList": ["10.244.2.5"]}));
    });
    let verdict = lab.walk("c1@win1", "http://web");
    assert!(verdict.decider().unwrap().detail.contains("the program is no DNS server"), "{verdict}");
}

fn front(lab: &Lab, url: &str) {
    lab.win("win1", |plane| {
        let front = HttpReply { status: 200, body: "from $HOSTNAME: $WHO".into(), fetches: Some(url.into()) };
        plane.compartments[1].programs[0].program.http.insert("/".into(), front);
    });
}

#[test]
fn a_front_end_asks_its_store_first() {
    let lab = lab();
    front(&lab, "http://web:80/");
    let verdict = lab.walk("c0@lin1", "http://10.244.1.5:8080/?q=1");
    assert_eq!(verdict.http.as_ref().unwrap().body, "from c1: $WHO", "{verdict}");
    assert_eq!(lab.walk("c0@lin1", "http://10.244.1.5:8080/nope").word(), "http-404");
    lab.win("win1", |plane| plane.load_balancers.clear());
    let verdict = lab.walk("c0@lin1", "http://10.244.1.5:8080/");
    assert_eq!(verdict.word(), "http-502");
    assert_eq!(verdict.http.unwrap().body, "http://web:80/: timeout");
}

#[test]
fn asking_in_a_circle_ends() {
    let lab = lab();
    front(&lab, "http://10.244.1.5:8080/");
    let verdict = lab.walk("c0@lin1", "http://10.244.1.5:8080/");
    assert_eq!(verdict.word(), "http-502");
}
