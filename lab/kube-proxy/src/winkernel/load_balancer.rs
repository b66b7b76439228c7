//! Load balancers in HNS (`hns.go`).

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::{Hcn, HcnError};
use winlab_host::HResult;

use super::backend::HnsEndpoint;
use super::flags::Flags;
use crate::quirks::Quirks;

/// What makes a load balancer the same as another: `loadBalancerIdentifier`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) protocol: u16,
    pub(super) internal_port: u16,
    pub(super) external_port: u16,
    /// Empty: every address of the node.
    pub(super) vip: String,
    endpoints: [u8; 20],
    ipv6: bool,
}

/// A load balancer to be made or changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings<'a> {
    pub(super) endpoints: &'a [HnsEndpoint],
    pub(super) flags: Flags,
    pub(super) source_vip: &'a str,
    pub(super) vip: &'a str,
    pub(super) protocol: u16,
    pub(super) internal_port: u16,
    pub(super) external_port: u16,
}

impl Settings<'_> {
    /// `findLoadBalancerID`
    pub(super) fn identity(&self, ipv6: bool, quirks: &Quirks) -> Identity {
        Identity {
            protocol: self.protocol,
            internal_port: self.internal_port,
            external_port: self.external_port,
            vip: self.vip.to_owned(),
            endpoints: hash(self.endpoints.iter().map(|endpoint| endpoint.id.as_str())),
            ipv6: ipv6 && quirks.by_family,
        }
    }

    /// As Go's encoder writes hcn's `HostComputeLoadBalancer`.
    pub(super) fn document(&self) -> Document {
        let mut mapping = ObjectBuilder::new();
        let mut set = |name: &str, value: u32| {
            mapping.set_some(name, (value != 0).then_some(value));
        };
        set("Protocol", self.protocol.into());
        set("InternalPort", self.internal_port.into());
        set("ExternalPort", self.external_port.into());
        set("DistributionType", self.flags.distribution());
        set("Flags", self.flags.of_port_mapping());
        let mut settings = ObjectBuilder::new();
        let endpoints: Document = self.endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect();
        settings.set_some("HostComputeEndpoints", (!self.endpoints.is_empty()).then_some(endpoints));
        settings.set_some("SourceVIP", Some(self.source_vip).filter(|vip| !vip.is_empty()));
        settings.set_some("FrontendVIPs", (!self.vip.is_empty()).then(|| doc!([self.vip])));
        settings.set("PortMappings", doc!([mapping.build()]));
        settings.set("SchemaVersion", doc!({"Major": 2, "Minor": 0}));
        let flags = self.flags.of_load_balancer();
        settings.set_some("Flags", (flags != 0).then_some(flags));
        settings.build()
    }
}

/// Endpoints are an unordered set: the hashes of their ids, in upper case, by exclusive or (`hashEndpoints`).
fn hash<'a>(ids: impl Iterator<Item = &'a str>) -> [u8; 20] {
    let mut sum = [0; 20];
    for id in ids.filter(|id| !id.is_empty()) {
        let digest = Sha1::digest(id.to_uppercase());
        sum.iter_mut().zip(digest).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// Load balancers of the host by what they are: their ids.
pub(super) type Known = BTreeMap<Identity, String>;

/// Why the list of load balancers could not be read.
#[derive(Debug)]
pub(super) enum ListError {
    /// HNS refused.
    Hcn(HcnError),
    /// One has no port mapping; upstream's index into the empty list ends the process.
    NoPorts,
}

/// `getAllLoadBalancers`
pub(super) async fn list(hcn: &Hcn, quirks: &Quirks) -> Result<Known, ListError> {
    let mut known = Known::new();
    for load_balancer in hcn.load_balancers().await.map_err(ListError::Hcn)? {
        let Some(mapping) = load_balancer.pointer("/PortMappings/0") else {
            if quirks.heeds_no_ports {
                continue;
            }
            return Err(ListError::NoPorts);
        };
        let number = |name: &str| {
            let number = mapping.get(name).and_then(Document::as_u64).unwrap_or_default();
            u16::try_from(number).unwrap_or_default()
        };
        let flags = load_balancer.get("Flags").and_then(Document::as_u64).unwrap_or_default();
        let ids = load_balancer.get("HostComputeEndpoints").map(Document::items).unwrap_or_default();
        let vip = load_balancer.pointer("/FrontendVIPs/0").and_then(Document::as_str);
        let identity = Identity {
            protocol: number("Protocol"),
            internal_port: number("InternalPort"),
            external_port: number("ExternalPort"),
            vip: vip.unwrap_or_default().to_owned(),
            endpoints: hash(ids.iter().filter_map(Document::as_str)),
            ipv6: quirks.by_family && flags & 2 != 0,
        };
        known.insert(identity, load_balancer.text(&["ID"]).to_owned());
    }
    Ok(known)
}

/// `getLoadBalancer`: the one that is there, else a new one.
pub(super) async fn get_or_create(
    hcn: &Hcn,
    settings: Settings<'_>,
    known: &mut Known,
    quirks: &Quirks,
) -> Result<String, HcnError> {
    let identity = settings.identity(settings.flags.ipv6, quirks);
    if let Some(id) = known.get(&identity) {
        return Ok(id.clone());
    }
    let mut made = hcn.create_load_balancer(settings.document()).await;
    if let Err(error) = &made
        && quirks.heeds_hns_down
        && is_in_the_way(error)
        && let Some(id) = by_frontend(&identity, known)
    {
        delete(hcn, &id, quirks).await?;
        made = hcn.create_load_balancer(settings.document()).await;
    }
    let id = made?.text(&["ID"]).to_owned();
    known.insert(identity, id.clone());
    Ok(id)
}

/// `updateLoadBalancer`: in place; nothing if one that is as wanted is there.
pub(super) async fn update(
    hcn: &Hcn,
    id: &str,
    settings: Settings<'_>,
    known: &mut Known,
    quirks: &Quirks,
) -> Result<(), HcnError> {
    let identity = settings.identity(settings.flags.ipv6, quirks);
    if known.contains_key(&identity) {
        return Ok(());
    }
    let updated = hcn.update_load_balancer(id, settings.document()).await?;
    known.insert(identity, updated.text(&["ID"]).to_owned());
    Ok(())
}

/// `deleteLoadBalancer`: tried twice, as HNS of Server 2019 sometimes fails the first time.
pub(super) async fn delete(hcn: &Hcn, id: &str, quirks: &Quirks) -> Result<(), HcnError> {
    let found = match hcn.load_balancer_by_id(id).await {
        Ok(found) => found,
        Err(error) if quirks.heeds_hns_down && !error.is_not_found() => return Err(error),
        Err(_) => return Ok(()),
    };
    let id = found.text(&["ID"]);
    match hcn.delete_load_balancer(id).await {
        Ok(()) => Ok(()),
        Err(_) => hcn.delete_load_balancer(id).await,
    }
}

/// `IsPolicyAlreadyExists`
fn is_in_the_way(error: &HcnError) -> bool {
    error.is_port_already_exists() || error.code() == Some(HResult::ERROR_ALREADY_EXISTS)
}

/// The one load balancer with this frontend; none if there are several (`findExistingLBIdByFrontend`).
fn by_frontend(wanted: &Identity, known: &Known) -> Option<String> {
    let frontend = |identity: &Identity| Identity { endpoints: [0; 20], ..identity.clone() };
    let mut same = known.iter().filter(|(identity, _)| frontend(identity) == frontend(wanted));
    let (_, id) = same.next()?;
    same.next().is_none().then(|| id.clone())
}

#[cfg(test)]
mod tests {
    use super::{Flags, HnsEndpoint, Settings, hash};

    fn endpoints() -> Vec<HnsEndpoint> {
        ["a1", "b2"].map(|id| HnsEndpoint { id: id.into(), ip: String::new(), local: true }).into()
    }

    #[test]
    fn the_order_and_case_of_endpoints_do_not_matter() {
        assert_eq!(hash(["a1", "b2"].into_iter()), hash(["B2", "", "A1"].into_iter()));
        assert_ne!(hash(["a1"].into_iter()), hash(["a2"].into_iter()));
    }

    #[test]
    fn documents_of_cluster_address_and_node_port() {
        let endpoints = endpoints();
        let cluster = Settings {
            endpoints: &endpoints,
            flags: Flags { dsr: true, session_affinity: true, ..Flags::default() },
            source_vip: "10.244.1.2",
            vip: "10.96.0.7",
            protocol: 6,
            internal_port: 8080,
            external_port: 80,
        };
        insta::assert_snapshot!(cluster.document(), @r#"{"HostComputeEndpoints":["a1","b2"],"SourceVIP":"10.244.1.2","FrontendVIPs":["10.96.0.7"],"PortMappings":[{"Protocol":6,"InternalPort":8080,"ExternalPort":80,"DistributionType":2}],"SchemaVersion":{"Major":2,"Minor":0},"Flags":1}"#);
        let node_port = Settings {
            flags: Flags { vip_external_ip: true, local_routed_vip: true, ..Flags::default() },
            source_vip: "",
            vip: "",
            external_port: 30080,
            ..cluster
        };
        insta::assert_snapshot!(node_port.document(), @r#"{"HostComputeEndpoints":["a1","b2"],"PortMappings":[{"Protocol":6,"InternalPort":8080,"ExternalPort":30080,"Flags":18}],"SchemaVersion":{"Major":2,"Minor":0}}"#);
    }
}
