//! What ADD answers.

use winlab_document::{Document, ObjectBuilder, doc};

use crate::error::CniError;

/// A result object, in memory always as of specification 1.0.0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CniResult {
    /// Interfaces that were made.
    pub interfaces: Vec<Interface>,
    /// Addresses that were given out.
    pub ips: Vec<IpConfig>,
    /// Routes of the container.
    pub routes: Vec<RouteEntry>,
    /// DNS settings.
    pub dns: Dns,
}

/// One interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its name; of an HNS endpoint on Windows.
    pub name: String,
    /// Its MAC.
    pub mac: String,
    /// The namespace it is in; empty for the host's.
    pub sandbox: String,
}

/// One address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpConfig {
    /// With its prefix: `10.244.1.5/24`.
    pub address: String,
    /// The gateway, or empty.
    pub gateway: String,
    /// Index into the interfaces.
    pub interface: Option<usize>,
}

/// One route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteEntry {
    /// Where to.
    pub dst: String,
    /// Through whom; empty: the address's own gateway.
    pub gw: String,
}

/// DNS settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dns {
    /// Servers
    pub nameservers: Vec<String>,
    /// Domain
    pub domain: String,
    /// Search list
    pub search: Vec<String>,
    /// Options
    pub options: Vec<String>,
}

impl Dns {
    /// From a network configuration's or a result's `dns` member.
    #[must_use]
    pub fn from_document(document: Option<&Document>) -> Self {
        let Some(dns) = document else { return Self::default() };
        Self {
            nameservers: strings(dns.get("nameservers")),
            domain: dns.text(&["domain"]).to_owned(),
            search: strings(dns.get("search")),
            options: strings(dns.get("options")),
        }
    }

    /// As a document; empty parts are left out.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut dns = ObjectBuilder::new();
        set_strings(&mut dns, "nameservers", &self.nameservers);
        if !self.domain.is_empty() {
            dns.set("domain", &self.domain);
        }
        set_strings(&mut dns, "search", &self.search);
        set_strings(&mut dns, "options", &self.options);
        dns.build()
    }

    /// Whether anything is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }
}

fn set_strings(object: &mut ObjectBuilder, name: &str, values: &[String]) {
    if !values.is_empty() {
        object.set(name, values.iter().collect::<Document>());
    }
}

/// The strings of an array.
pub(crate) fn strings(document: Option<&Document>) -> Vec<String> {
    document
        .map(Document::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Document::as_str)
        .map(str::to_owned)
        .collect()
}

impl CniResult {
    /// As a document of specification `version`. Before 0.3.0 there was one address per family and no interfaces.
    #[must_use]
    pub fn to_document(&self, version: &str) -> Document {
        if matches!(version, "" | "0.1.0" | "0.2.0") {
            return self.to_legacy(if version.is_empty() { "0.1.0" } else { version });
        }
        let families = version.starts_with("0.");
        let interfaces = self.interfaces.iter().map(|interface| {
            let mut object = doc!({"name": &interface.name});
            for (name, value) in [("mac", &interface.mac), ("sandbox", &interface.sandbox)] {
                if !value.is_empty() {
                    object.set(name, value);
                }
            }
            object
        });
        let ips = self.ips.iter().map(|ip| {
            let mut object = ObjectBuilder::new();
            if families {
                object.set("version", if ip.address.contains(':') { "6" } else { "4" });
            }
            object.set_some("interface", ip.interface).set("address", &ip.address);
            if !ip.gateway.is_empty() {
                object.set("gateway", &ip.gateway);
            }
            object.build()
        });
        let mut result = ObjectBuilder::new();
        result.set("cniVersion", version);
        if !self.interfaces.is_empty() {
            result.set("interfaces", interfaces.collect::<Document>());
        }
        if !self.ips.is_empty() {
            result.set("ips", ips.collect::<Document>());
        }
        if !self.routes.is_empty() {
            result.set("routes", self.routes.iter().map(RouteEntry::to_document).collect::<Document>());
        }
        // Since 1.0.0 the Go types leave it out where nothing is set.
        if families || self.dns.is_set() {
            result.set("dns", self.dns.to_document());
        }
        result.build()
    }

    /// What a plugin prints (`PrintResult`).
    ///
    /// # Errors
    /// Before 0.3.0 a result has at least one address.
    pub(crate) fn print(&self, version: &str) -> Result<Document, CniError> {
        if matches!(version, "" | "0.1.0" | "0.2.0") && self.ips.is_empty() {
            return Err(CniError::new("cannot convert: no valid IP addresses"));
        }
        Ok(self.to_document(version))
    }

    fn to_legacy(&self, version: &str) -> Document {
        let mut result = ObjectBuilder::new();
        result.set("cniVersion", version);
        for (name, six) in [("ip4", false), ("ip6", true)] {
            let Some(ip) = self.ips.iter().find(|ip| ip.address.contains(':') == six) else { continue };
            let mut object = doc!({"ip": &ip.address});
            if !ip.gateway.is_empty() {
                object.set("gateway", &ip.gateway);
            }
            let routes: Vec<Document> = self
                .routes
                .iter()
                .filter(|route| route.dst.contains(':') == six)
                .map(RouteEntry::to_document)
                .collect();
            if !routes.is_empty() {
                object.set("routes", routes);
            }
            result.set(name, object);
        }
        result.set("dns", self.dns.to_document());
        result.build()
    }

    /// From a document of any specification version.
    #[must_use]
    pub fn from_document(document: &Document) -> Self {
        let mut result = Self { dns: Dns::from_document(document.get("dns")), ..Self::default() };
        let items = |name: &str| document.get(name).map(Document::items).unwrap_or_default();
        for interface in items("interfaces") {
            let text = |name: &str| interface.text(&[name]).to_owned();
            result.interfaces.push(Interface {
                name: text("name"),
                mac: text("mac"),
                sandbox: text("sandbox"),
            });
        }
        for ip in items("ips") {
            let interface = ip.get("interface").and_then(Document::as_u64);
            result.ips.push(IpConfig {
                address: ip.text(&["address"]).to_owned(),
                gateway: ip.text(&["gateway"]).to_owned(),
                interface: interface.and_then(|index| usize::try_from(index).ok()),
            });
        }
        result.routes.extend(items("routes").iter().map(RouteEntry::from_document));
        for legacy in ["ip4", "ip6"].iter().filter_map(|name| document.get(name)) {
            let (address, gateway) = (legacy.text(&["ip"]).to_owned(), legacy.text(&["gateway"]).to_owned());
            result.ips.push(IpConfig { address, gateway, interface: None });
            let routes = legacy.get("routes").map(Document::items).unwrap_or_default();
            result.routes.extend(routes.iter().map(RouteEntry::from_document));
        }
        result
    }
}

impl RouteEntry {
    fn to_document(&self) -> Document {
        let mut route = doc!({"dst": &self.dst});
        if !self.gw.is_empty() {
            route.set("gw", &self.gw);
        }
        route
    }

    pub(crate) fn from_document(document: &Document) -> Self {
        Self { dst: document.text(&["dst"]).to_owned(), gw: document.text(&["gw"]).to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{CniResult, Dns, Interface, IpConfig, RouteEntry};

    fn sample() -> CniResult {
        CniResult {
            interfaces: vec![Interface { name: "eth0".into(), mac: "aa".into(), sandbox: "/n".into() }],
            ips: vec![IpConfig {
                address: "10.0.0.2/24".into(),
                gateway: "10.0.0.1".into(),
                interface: Some(0),
            }],
            routes: vec![RouteEntry { dst: "0.0.0.0/0".into(), gw: String::new() }],
            dns: Dns { nameservers: vec!["10.96.0.10".into()], ..Dns::default() },
        }
    }

    #[test]
    fn a_result_survives_every_version_that_has_interfaces() {
        for version in ["0.3.0", "0.4.0", "1.0.0", "1.1.0"] {
            assert_eq!(CniResult::from_document(&sample().to_document(version)), sample(), "{version}");
        }
    }

    #[test]
    fn old_versions_have_one_address_per_family() {
        assert_eq!(
            sample().to_document("0.2.0").to_string(),
            r#"{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.2/24","gateway":"10.0.0.1","routes":[{"dst":"0.0.0.0/0"}]},"dns":{"nameservers":["10.96.0.10"]}}"#
        );
        let back = CniResult::from_document(&sample().to_document("0.2.0"));
        assert_eq!((back.ips[0].address.as_str(), back.interfaces.len()), ("10.0.0.2/24", 0));
    }
}
