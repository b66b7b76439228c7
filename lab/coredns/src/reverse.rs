//! Names of addresses: `7.0.96.10.in-addr.arpa` (`plugin/kubernetes/reverse.go`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::record::{Record, RecordData};
use crate::services::{hostname, ready, service_of};
use crate::zone::Zone;

impl Zone {
    /// PTR records for an address of a service or an endpoint; none for others, which fall through.
    pub(crate) fn of_address(&self, name: &str) -> Option<Vec<Record>> {
        let address = address(name)?.to_string();
        let found = self.names_of(&address);
        let record =
            |host: String| Record { name: name.to_owned(), ttl: self.ttl, data: RecordData::Ptr(host) };
        (!found.is_empty()).then(|| found.into_iter().map(record).collect())
    }

    fn names_of(&self, address: &str) -> Vec<String> {
        let has = self.data.services.select(|service| {
            let spec = service.spec.as_ref();
            let ips = spec.and_then(|spec| spec.cluster_ips.as_ref());
            ips.is_some_and(|ips| ips.iter().any(|ip| ip == address))
        });
        if let Some(service) = has.first() {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            let (name, namespace) = (text(&service.metadata.name), text(&service.metadata.namespace));
            return vec![format!("{name}.{namespace}.svc.{}", self.domain)];
        }
        let mut names = Vec::new();
        for slice in self.data.slices.list() {
            let Some(service) = service_of(&slice) else { continue };
            for (endpoint, _) in ready(&slice).filter(|(_, own)| *own == address) {
                let label = hostname(endpoint, address);
                names.push(format!("{label}.{}.{}.svc.{}", service.name, service.namespace, self.domain));
            }
        }
        names
    }
}

/// The address that a name of the reverse zones stands for.
fn address(name: &str) -> Option<IpAddr> {
    if let Some(labels) = name.strip_suffix(".in-addr.arpa") {
        let octets: Vec<&str> = labels.split('.').rev().collect();
        return octets.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let labels = name.strip_suffix(".ip6.arpa")?;
    let digits: String = labels.split('.').rev().collect();
    if digits.len() != 32 {
        return None;
    }
    u128::from_str_radix(&digits, 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn reversed_names() {
        assert_eq!(address("7.0.96.10.in-addr.arpa").unwrap().to_string(), "10.96.0.7");
        let v6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
        assert_eq!(address(v6).unwrap().to_string(), "fd00::1");
        assert_eq!(address("0.96.10.in-addr.arpa"), None);
    }
}
