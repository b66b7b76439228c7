//! An EndpointSlice as an object of the API.

use winlab_document::{Document, doc};

use crate::cluster::{Cluster, Endpoint, Family, Hints, Kind, Service, State, Target};
use crate::{addresses, service_object};

/// Its name.
pub(crate) fn name(number: u16, place: usize) -> String {
    format!("service{number}-{place}")
}

/// The object of one of a service's slices, if it has as many.
pub(crate) fn slice(cluster: &Cluster, number: u16, service: &Service, place: usize) -> Option<Document> {
    let slice = service.slices.get(place)?;
    let ports: Document = service
        .ports
        .iter()
        .enumerate()
        .map(|(place, port)| {
            let target = match port.target {
                Target::Number(number) => number,
                Target::Name => 9376,
            };
            let protocol = service_object::protocol(*port);
            doc!({"name": format!("p{place}"), "port": target, "protocol": protocol})
        })
        .collect();
    let endpoints: Document =
        slice.endpoints.iter().map(|endpoint| endpoint_of(cluster, slice.family, *endpoint)).collect();
    let mut labels = doc!({"kubernetes.io/service-name": service_object::name(number)});
    if service.kind == Kind::Headless {
        labels.set("service.kubernetes.io/headless", "");
    }
    Some(doc!({"metadata": {"name": name(number, place), "labels": labels},
        "addressType": service_object::word(slice.family), "ports": ports, "endpoints": endpoints}))
}

fn endpoint_of(cluster: &Cluster, family: Family, endpoint: Endpoint) -> Document {
    let (address, node) = addresses::endpoint(cluster, family, endpoint.place);
    let (ready, serving, terminating) = match endpoint.state {
        State::Ready => (true, true, false),
        State::NotReady => (false, false, false),
        State::Terminating { serving } => (false, serving, true),
    };
    let conditions = doc!({"ready": ready, "serving": serving, "terminating": terminating});
    let mut document = doc!({"addresses": [address], "conditions": conditions});
    if let Some(node) = node {
        document.set("nodeName", node);
    }
    if let Some(Hints { zones, node }) = endpoint.hints {
        let named = |name: &str| doc!({"name": name});
        let zones: Document = zones.iter().map(|zone| named(zone)).collect();
        let nodes: Document = node.iter().map(|node| named(&addresses::name(*node))).collect();
        document.set("hints", doc!({"forZones": zones, "forNodes": nodes}));
    }
    document
}
