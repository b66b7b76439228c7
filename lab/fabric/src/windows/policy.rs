//! Reading HNS documents.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::linux::Prefix;
use winlab_host::{Guid, NetObject};

use crate::verdict::ObjectKind;
use crate::walk::Object;

/// The network types that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NetworkKind {
    Bridge,
    Overlay,
    Nat,
    Other,
}

/// An HNS object with the members every one has.
pub(super) trait HnsObject {
    fn name(&self) -> &str;
    fn policies<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Document>;
    fn object(&self, kind: ObjectKind) -> Object;
}

impl HnsObject for NetObject {
    fn name(&self) -> &str {
        self.document.text(&["Name"])
    }

    /// The settings of its policies of one type.
    fn policies<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Document> {
        self.document
            .get("Policies")
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter(move |policy| policy.text(&["Type"]).eq_ignore_ascii_case(kind))
            .map(|policy| policy.get("Settings").unwrap_or(policy))
    }

    fn object(&self, kind: ObjectKind) -> Object {
        Object::new(kind, self.id, self.name())
    }
}

/// A number, also one written as text.
pub(super) fn number(document: &Document, name: &str) -> u32 {
    let member = document.get(name);
    let found = member.and_then(|member| {
        member.as_u64().or_else(|| member.as_str().and_then(|text| text.trim().parse().ok()))
    });
    found.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

pub(super) fn port(document: &Document, name: &str) -> u16 {
    u16::try_from(number(document, name)).unwrap_or(0)
}

pub(super) fn address(document: &Document, name: &str) -> Option<IpAddr> {
    document.text(&[name]).parse().ok()
}

/// A prefix; a bare address is one alone.
pub(super) fn prefix(text: &str) -> Option<Prefix> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse().ok().map(Prefix::host))
}

/// Texts of an array.
pub(super) fn texts<'a>(document: &'a Document, name: &str) -> impl Iterator<Item = &'a str> {
    document.get(name).map(Document::items).unwrap_or_default().iter().filter_map(Document::as_str)
}

pub(super) fn guid(text: &str) -> Guid {
    text.parse().unwrap_or(Guid::NIL)
}

/// The addresses of an endpoint.
pub(super) fn addresses(endpoint: &Document) -> impl Iterator<Item = IpAddr> {
    let configurations = endpoint.get("IpConfigurations").map(Document::items).unwrap_or_default();
    configurations.iter().filter_map(|configuration| address(configuration, "IpAddress"))
}

pub(super) fn is_remote(endpoint: &Document) -> bool {
    number(endpoint, "Flags") & 1 != 0
}

/// The subnets of a network: prefix, gateway, VSID.
pub(super) fn subnets(network: &Document) -> impl Iterator<Item = (Prefix, &Document)> {
    let ipams = network.get("Ipams").map(Document::items).unwrap_or_default();
    let all = ipams.iter().flat_map(|ipam| ipam.get("Subnets").map(Document::items).unwrap_or_default());
    all.filter_map(|subnet| Some((prefix(subnet.text(&["IpAddressPrefix"]))?, subnet)))
}

pub(super) fn kind(network: &Document) -> NetworkKind {
    match network.text(&["Type"]).to_ascii_lowercase().as_str() {
        "l2bridge" | "l2tunnel" => NetworkKind::Bridge,
        "overlay" => NetworkKind::Overlay,
        "nat" => NetworkKind::Nat,
        _ => NetworkKind::Other,
    }
}

/// The longest of the routes (`NextHop`, `DestinationPrefix`) that leads to an address.
pub(super) fn next_hop(routes: Option<&Document>, to: IpAddr) -> Option<(Prefix, IpAddr)> {
    let routes = routes.map(Document::items).unwrap_or_default();
    routes
        .iter()
        .filter_map(|route| Some((prefix(route.text(&["DestinationPrefix"]))?, address(route, "NextHop")?)))
        .filter(|(prefix, _)| prefix.contains(to))
        .max_by_key(|(prefix, _)| prefix.length)
}
