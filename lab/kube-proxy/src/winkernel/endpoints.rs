//! Endpoints in HNS: what is there, and remote ones that kube-proxy adds (`hns.go`).

use std::collections::{BTreeMap, BTreeSet};

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::{Hcn, HcnError};

use super::backend::HnsEndpoint;
use crate::quirks::SameAddress;

/// The flag of a remote endpoint.
const REMOTE: u64 = 1;

/// What HNS lists: by id and by address.
#[derive(Debug, Default)]
pub(super) struct Queried {
    found: BTreeMap<String, HnsEndpoint>,
    /// Remote endpoints whose address a local one has too.
    pub(super) doubled: BTreeSet<String>,
}

impl Queried {
    /// `getAllEndpointsByNetwork`
    pub(super) async fn list(hcn: &Hcn, network: &str, same: SameAddress) -> Result<Self, HcnError> {
        let network = hcn.network_by_name(network).await?;
        let mut queried = Self::default();
        for endpoint in hcn.endpoints_of_network(network.text(&["ID"])).await? {
            for (ip, local) in addresses(&endpoint) {
                let id = endpoint.text(&["ID"]).to_owned();
                queried.add(HnsEndpoint { id, ip, local }, same);
            }
        }
        Ok(queried)
    }

    fn add(&mut self, endpoint: HnsEndpoint, same: SameAddress) {
        if let Some(known) = self.found.get(&endpoint.ip).cloned() {
            match (same, endpoint.local, known.local) {
                (SameAddress::Last, ..) | (SameAddress::Remote, false, _) => {}
                (SameAddress::Local, true, false) => {
                    self.found.remove(&known.id);
                    self.doubled.insert(known.id);
                }
                (SameAddress::Local, false, true) => {
                    self.doubled.insert(endpoint.id);
                    return;
                }
                (SameAddress::Remote, true, _) | (SameAddress::Local, ..) => return,
            }
        }
        self.remember(&endpoint);
    }

    /// One that was made meanwhile.
    pub(super) fn remember(&mut self, endpoint: &HnsEndpoint) {
        self.found.insert(endpoint.id.clone(), endpoint.clone());
        self.found.insert(endpoint.ip.clone(), endpoint.clone());
    }

    /// By id or address.
    pub(super) fn get(&self, id_or_address: &str) -> Option<&HnsEndpoint> {
        self.found.get(id_or_address)
    }
}

/// The first two addresses of an endpoint; whether it is local.
fn addresses(endpoint: &Document) -> impl Iterator<Item = (String, bool)> {
    let flags = endpoint.get("Flags").and_then(Document::as_u64).unwrap_or_default();
    let configurations = endpoint.get("IpConfigurations").map(Document::items).unwrap_or_default();
    let texts = configurations.iter().take(2).map(|config| config.text(&["IpAddress"]).to_owned());
    texts.map(move |ip| (ip, flags & REMOTE == 0)).collect::<Vec<_>>().into_iter()
}

/// An endpoint to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEndpoint<'a> {
    pub(super) ip: &'a str,
    pub(super) mac: &'a str,
    pub(super) local: bool,
    /// The node that has it; empty on networks without such policies.
    pub(super) provider_address: &'a str,
}

impl NewEndpoint<'_> {
    /// As Go's encoder writes hcn's `HostComputeEndpoint`: members that are structures are there even if empty.
    fn settings(&self, network: &str) -> Document {
        let mut settings = ObjectBuilder::new();
        settings.set("HostComputeNetwork", network);
        if !self.local && !self.provider_address.is_empty() {
            let policy =
                doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": self.provider_address}});
            settings.set("Policies", doc!([policy]));
        }
        settings.set("IpConfigurations", doc!([{"IpAddress": self.ip}]));
        settings.set("Dns", Document::empty_object());
        settings.set_some("MacAddress", Some(self.mac).filter(|mac| !mac.is_empty()));
        settings.set_some("Flags", (!self.local).then_some(REMOTE));
        settings.set("Health", doc!({"Extra": {}}));
        settings.set("SchemaVersion", doc!({"Major": 2, "Minor": 0}));
        settings.build()
    }
}

/// `createEndpoint`
pub(super) async fn create(hcn: &Hcn, network: &str, new: NewEndpoint<'_>) -> Result<HnsEndpoint, HcnError> {
    let network = hcn.network_by_name(network).await?;
    let id = network.text(&["ID"]);
    let made = hcn.create_endpoint(id, new.settings(id)).await?;
    read(&made).ok_or(HcnError::Refused("endpoint without an address"))
}

/// `getEndpointByName`
pub(super) async fn by_name(hcn: &Hcn, name: &str) -> Result<HnsEndpoint, HcnError> {
    let found = hcn.endpoint_by_name(name).await?;
    read(&found).ok_or(HcnError::Refused("endpoint without an address"))
}

fn read(endpoint: &Document) -> Option<HnsEndpoint> {
    let (ip, local) = addresses(endpoint).next()?;
    Some(HnsEndpoint { id: endpoint.text(&["ID"]).to_owned(), ip, local })
}

/// `deleteEndpoint`: one that is not there is an error.
pub(super) async fn delete(hcn: &Hcn, id: &str) -> Result<(), HcnError> {
    let found = hcn.endpoint_by_id(id).await?;
    hcn.delete_endpoint(found.text(&["ID"])).await
}

#[cfg(test)]
mod tests {
    use super::{NewEndpoint, Queried, SameAddress};
    use crate::winkernel::backend::HnsEndpoint;

    fn listed(same: SameAddress, order: [bool; 2]) -> (String, usize) {
        let mut queried = Queried::default();
        for local in order {
            let id = if local { "local" } else { "remote" }.to_owned();
            queried.add(HnsEndpoint { id, ip: "10.244.1.5".into(), local }, same);
        }
        (queried.get("10.244.1.5").unwrap().id.clone(), queried.doubled.len())
    }

    #[test]
    fn who_has_an_address_that_two_endpoints_have() {
        for (same, orders) in [
            (SameAddress::Last, [("remote", 0), ("local", 0)]),
            (SameAddress::Remote, [("remote", 0), ("remote", 0)]),
            (SameAddress::Local, [("local", 1), ("local", 1)]),
        ] {
            let found = [listed(same, [true, false]), listed(same, [false, true])];
            assert_eq!(found, orders.map(|(id, doubled)| (id.to_owned(), doubled)), "{same:?}");
        }
    }

    #[test]
    fn the_document_of_a_remote_endpoint() {
        let new = NewEndpoint {
            ip: "10.244.2.9",
            mac: "02-11-0a-f4-02-09",
            local: false,
            provider_address: "192.168.1.12",
        };
        insta::assert_snapshot!(new.settings("ab"), @r#"{"HostComputeNetwork":"ab","Policies":[{"Type":"ProviderAddress","Settings":{"ProviderAddress":"192.168.1.12"}}],"IpConfigurations":[{"IpAddress":"10.244.2.9"}],"Dns":{},"MacAddress":"02-11-0a-f4-02-09","Flags":1,"Health":{"Extra":{}},"SchemaVersion":{"Major":2,"Minor":0}}"#);
        let source_vip =
            NewEndpoint { ip: "10.244.1.2", mac: "00:15:5d:01:02:03", local: true, provider_address: "x" };
        insta::assert_snapshot!(source_vip.settings("ab"), @r#"{"HostComputeNetwork":"ab","IpConfigurations":[{"IpAddress":"10.244.1.2"}],"Dns":{},"MacAddress":"00:15:5d:01:02:03","Health":{"Extra":{}},"SchemaVersion":{"Major":2,"Minor":0}}"#);
    }
}
