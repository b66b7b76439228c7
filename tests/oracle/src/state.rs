//! What HNS holds.

use std::collections::BTreeMap;

use winlab_document::Document;
use winlab_fake_windows::WindowsHost;
use winlab_host::{DataPlaneView as _, HostDataPlane, NetObject};

use crate::canonical::canonical;
use crate::ids::{Ids, replace};

/// Every object of a host's HNS, one a line, sorted.
///
/// # Panics
/// The host is no Windows host.
#[must_use]
pub fn state(host: &WindowsHost, ids: &mut Ids) -> String {
    let mut lines: Vec<String> = objects(host)
        .iter()
        .map(|(kind, object)| ids.number(&format!("{kind} {}\n", canonical(&object.document))))
        .collect();
    lines.sort();
    lines.concat()
}

/// The same with objects named by what they are: networks by name, endpoints by address. It is equal on two hosts on which
/// the same was made in another order.
///
/// # Panics
/// The host is no Windows host.
#[must_use]
pub fn meaning(host: &WindowsHost) -> String {
    let objects = objects(host);
    let names: BTreeMap<String, String> = objects
        .iter()
        .map(|(kind, object)| (object.id.to_string().to_lowercase(), name(kind, object)))
        .collect();
    let line = |(kind, object): &(&str, NetObject)| {
        let text = canonical(&object.document);
        let of = |guid: String| names.get(&guid).cloned().unwrap_or_else(|| "<nobody>".to_owned());
        format!("{kind} {}\n", replace(&text, of))
    };
    let mut lines: Vec<String> = objects.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

fn name(kind: &str, object: &NetObject) -> String {
    let document = &object.document;
    let address = document.pointer("/IpConfigurations/0/IpAddress").and_then(Document::as_str);
    format!("<{kind} {}{}>", document.text(&["Name"]), address.unwrap_or_default())
}

fn objects(host: &WindowsHost) -> Vec<(&'static str, NetObject)> {
    let HostDataPlane::Windows(plane) = host.data_plane() else { panic!("a Windows host") };
    let of = |kind, objects: Vec<NetObject>| objects.into_iter().map(move |object| (kind, object));
    of("network", plane.networks)
        .chain(of("endpoint", plane.endpoints))
        .chain(of("namespace", plane.namespaces))
        .chain(of("load balancer", plane.load_balancers))
        .chain(of("route", plane.routes))
        .collect()
}
