//! `IPAddress` objects: each cluster IP that a service holds, for whoever asks whose it is
//! (`pkg/registry/core/service/ipallocator/ipallocator.go`; KEP-1880, on from 1.33).

use std::net::IpAddr;

use winlab_document::{Document, doc};

use crate::config::{Config, Family};
use crate::kinds::{self, Admit, KINDS, KindId};
use crate::meta;
use crate::server::State;

/// Who makes these objects.
const MANAGER: &str = "ipallocator.k8s.io";

/// Makes the address objects follow a service that was written or removed.
pub(crate) fn follow(
    state: &mut State,
    config: &Config,
    kind: KindId,
    before: Option<&Document>,
    after: Option<&Document>,
) {
    let addresses = kinds::by_name("networking.k8s.io", "IPAddress");
    if KINDS[kind].rules.admit != Admit::Service || KINDS[addresses].since > config.profile.minor {
        return;
    }
    let (held, holds) = (of(before), of(after));
    let now = config.clock.now();
    for gone in held.iter().filter(|ip| !holds.contains(ip)) {
        let last = state.store.kind(addresses).get(gone).map(|stored| stored.document.clone());
        if let Some(last) = last {
            state.store.remove(addresses, gone, last, now);
        }
    }
    let Some(service) = after else { return };
    for new in holds.iter().filter(|ip| !held.contains(ip)) {
        if state.store.kind(addresses).get(new).is_none() {
            let object = object(state, config, new, service);
            state.store.put(addresses, new, object, now);
        }
    }
}

fn of(service: Option<&Document>) -> Vec<&str> {
    let ips = service.and_then(|service| service.path(&["spec", "clusterIPs"])).map(Document::items);
    let texts = ips.unwrap_or_default().iter().filter_map(Document::as_str);
    texts.filter(|ip| ip.parse::<IpAddr>().is_ok()).collect()
}

fn object(state: &mut State, config: &Config, ip: &str, service: &Document) -> Document {
    let family = ip.parse().map_or("", |ip| Family::of(ip).as_str());
    doc!({
        "kind": "IPAddress", "apiVersion": "networking.k8s.io/v1",
        "metadata": {
            "name": ip, "uid": (meta::uid(&mut state.uids)),
            "creationTimestamp": (meta::timestamp(config.clock.timestamp())),
            "labels": {"ipaddress.kubernetes.io/ip-family": family, "ipaddress.kubernetes.io/managed-by": MANAGER}
        },
        "spec": {"parentRef": {
            "resource": "services", "namespace": (meta::text(service, "namespace")),
            "name": (meta::text(service, "name"))
        }}
    })
}
