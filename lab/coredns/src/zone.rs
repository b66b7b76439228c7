//! The server: the cluster's zone, its reverse zones, and everything else.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_kube_client::Store;
use winlab_kube_client::k8s::core::{Namespace, Service};
use winlab_kube_client::k8s::discovery::EndpointSlice;

use crate::name::{normal, within};
use crate::question::{Kind, Question};
use crate::record::{DnsAnswer, Rcode, Record, RecordData, RecordType};
use crate::server::DnsServer;
use crate::upstream::Upstream;

/// What the server knows of the cluster.
#[derive(Debug, Clone, Default)]
pub struct ZoneData {
    /// Namespaces: without one, nothing in it has a name.
    pub namespaces: Store<Namespace>,
    /// Services.
    pub services: Store<Service>,
    /// EndpointSlices.
    pub slices: Store<EndpointSlice>,
}

impl ZoneData {
    /// Whether all first lists are in.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.namespaces.is_synced() && self.services.is_synced() && self.slices.is_synced()
    }
}

/// A DNS server for a cluster.
pub struct Zone {
    pub(crate) data: ZoneData,
    /// The cluster's domain, `cluster.local`.
    pub(crate) domain: String,
    /// Seconds an answer may be kept.
    pub(crate) ttl: u32,
    pub(crate) upstream: Arc<dyn Upstream>,
}

/// Something found: an address or a name, with the port that it was found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// An address, or of an ExternalName the other name.
    pub(crate) host: String,
    /// None: it has no ports.
    pub(crate) port: Option<u16>,
    /// The full name of the service or endpoint: what SRV records point at.
    pub(crate) owner: String,
}

/// What is found; none: there is no such name.
pub(crate) type Findings = Option<Vec<Found>>;

/// How far aliases within the zone are followed.
const LONGEST_ALIAS_CHAIN: usize = 7;

impl Zone {
    /// A server for `domain`.
    #[must_use]
    pub fn new(data: ZoneData, domain: &str, ttl: u32, upstream: Arc<dyn Upstream>) -> Self {
        Self { data, domain: normal(domain), ttl, upstream }
    }

    /// A name of the cluster's domain; `base` stands before it.
    fn of_cluster(&self, name: &str, base: &str, record: RecordType, depth: usize) -> DnsAnswer {
        if record == RecordType::Txt && base == "dns-version" {
            let data = RecordData::Txt("1.1.0".to_owned());
            return DnsAnswer::of(vec![Record { name: name.to_owned(), ttl: 28_800, data }]);
        }
        let Some(found) = self.find(base) else {
            // What is not known may come yet.
            let rcode = if self.data.is_synced() { Rcode::NxDomain } else { Rcode::ServFail };
            return DnsAnswer::failed(rcode);
        };
        match record {
            RecordType::A | RecordType::Aaaa => DnsAnswer::of(self.addresses(name, &found, record, depth)),
            RecordType::Srv => self.ports(name, &found),
            RecordType::Cname => {
                let first = found.first().filter(|found| found.host.parse::<IpAddr>().is_err());
                DnsAnswer::of(first.map(|first| self.cname(name, &first.host)).into_iter().collect())
            }
            // CoreDNS finds no text where it finds nothing else either.
            RecordType::Txt if found.is_empty() => DnsAnswer::failed(Rcode::NxDomain),
            RecordType::Ptr | RecordType::Txt => DnsAnswer::no_data(),
        }
    }

    fn find(&self, base: &str) -> Findings {
        let question = Question::parse(base)?;
        if question.kind == Kind::Apex {
            return Some(Vec::new());
        }
        self.data.namespaces.get_cluster(question.namespace)?;
        if question.service.is_empty() {
            return Some(Vec::new());
        }
        match question.kind {
            Kind::Pod => self.find_pod(&question),
            _ => self.find_service(&question),
        }
    }

    fn cname(&self, name: &str, target: &str) -> Record {
        Record { name: name.to_owned(), ttl: self.ttl, data: RecordData::Cname(normal(target)) }
    }

    /// Address records, each address once; aliases are followed within the zone and by the upstream servers.
    fn addresses(&self, name: &str, found: &[Found], record: RecordType, depth: usize) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        for Found { host, .. } in found {
            match host.parse::<IpAddr>() {
                Ok(address) => {
                    let fits = address.is_ipv4() == (record == RecordType::A);
                    let new = Record::address(name, self.ttl, address);
                    if fits && !records.contains(&new) {
                        records.push(new);
                    }
                }
                Err(_) if normal(host) == name || depth > LONGEST_ALIAS_CHAIN => {}
                Err(_) => {
                    let target = normal(host);
                    match within(&target, &self.domain) {
                        Some(base) => {
                            let next = self.of_cluster(&target, base, record, depth + 1).records;
                            if !next.is_empty() {
                                records.push(self.cname(name, host));
                                records.extend(next);
                            }
                        }
                        None => {
                            records.push(self.cname(name, host));
                            records.extend(self.upstream.answer(&target, record).records);
                        }
                    }
                }
            }
        }
        records
    }

    /// SRV records, and the addresses of what they point at.
    fn ports(&self, name: &str, found: &[Found]) -> DnsAnswer {
        let mut answer = DnsAnswer::no_data();
        let found: Vec<_> = found.iter().filter(|found| found.host.parse::<IpAddr>().is_ok()).collect();
        let weight = match u16::try_from(found.len()) {
            Ok(count @ 1..) => (100 / count).max(1),
            _ => 1,
        };
        for Found { host, port, owner } in found {
            let (Some(port), Ok(address)) = (*port, host.parse::<IpAddr>()) else { continue };
            let data = RecordData::Srv { priority: 0, weight, port, target: owner.clone() };
            let record = Record { name: name.to_owned(), ttl: self.ttl, data };
            if !answer.records.contains(&record) {
                answer.records.push(record);
            }
            let address = Record::address(owner, self.ttl, address);
            if !answer.additional.contains(&address) {
                answer.additional.push(address);
            }
        }
        answer
    }
}

impl DnsServer for Zone {
    fn answer(&self, name: &str, record: RecordType, _from: IpAddr) -> DnsAnswer {
        let name = normal(name);
        if let Some(base) = within(&name, &self.domain) {
            return self.of_cluster(&name, base, record, 0);
        }
        let reversed = record == RecordType::Ptr;
        match self.of_address(&name).filter(|_| reversed) {
            Some(records) => DnsAnswer::of(records),
            None => self.upstream.answer(&name, record),
        }
    }

    fn is_ready(&self) -> bool {
        self.data.is_synced()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone").field("domain", &self.domain).finish_non_exhaustive()
    }
}
