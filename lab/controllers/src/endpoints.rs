//! Endpoints: the older form of what stands behind a service (`pkg/controller/endpoint`); deprecated from 1.33 on and
//! still kept by every control plane.

use std::collections::BTreeMap;

use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::k8s::core::{EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Service};
use winlab_kube_client::k8s::meta::ObjectMeta;
use winlab_kube_client::{Error, ErrorExt, ObjectKey};

use crate::access::Access;
use crate::endpoint_addresses::{Backend, BackendPort, backend};
use crate::endpoint_slice::services_of;
use crate::queue::{Outcome, Queue};
use crate::selector::matches_labels;

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.services.changes(), |key, _, _| vec![key.clone()]);
    let services = stores.services.clone();
    let pods = queue
        .clone()
        .follow(stores.pods.changes(), move |_, before, now| services_of(&services, before, now));
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, pods, work);
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let api = access.of::<Endpoints>(&key.namespace);
    let existing = access.informers.endpoints.get(&key);
    let Some(service) = access.informers.services.get(&key) else {
        if let Some(known) = existing {
            match api.delete(&key.name, &DeleteParams::default()).await {
                Ok(_) => access.seen_deleted(&access.informers.endpoints, &*known).await,
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        return Ok(None);
    };
    let Some(selector) =
        service.spec.as_ref().and_then(|spec| spec.selector.clone()).filter(|s| !s.is_empty())
    else {
        return Ok(None);
    };
    let pods = access.informers.pods.list_namespace(&key.namespace);
    let selected = pods.iter().filter(|pod| matches_labels(&selector, pod.metadata.labels.as_ref()));
    let backends: Vec<Backend> = selected.filter_map(|pod| backend(&service, pod)).collect();
    let subsets = subsets(&service, &backends);
    let labels = service.metadata.labels.clone();
    match existing {
        Some(known) => {
            if known.subsets.clone().unwrap_or_default() != subsets {
                let mut changed = (*known).clone();
                changed.subsets = Some(subsets);
                write(access, api.replace(&key.name, &PostParams::default(), &changed).await).await?;
            }
        }
        None => {
            let metadata = ObjectMeta {
                name: Some(key.name.clone()),
                namespace: Some(key.namespace.clone()),
                labels,
                ..ObjectMeta::default()
            };
            let made = Endpoints { metadata, subsets: Some(subsets) };
            write(access, api.create(&PostParams::default(), &made).await).await?;
        }
    }
    Ok(None)
}

async fn write(access: &Access, written: Result<Endpoints, Error>) -> Result<(), Error> {
    match written {
        Ok(written) => access.seen(&access.informers.endpoints, &written).await,
        Err(error) if error.is_not_found() || error.is_forbidden() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Backends by the ports they offer; terminating ones are in neither list.
fn subsets(service: &Service, backends: &[Backend]) -> Vec<EndpointSubset> {
    let spec = service.spec.clone().unwrap_or_default();
    let family = spec.ip_families.and_then(|families| families.first().cloned());
    let v6 = family.as_deref() == Some("IPv6");
    let mut by_ports: BTreeMap<&[BackendPort], (Vec<EndpointAddress>, Vec<EndpointAddress>)> =
        BTreeMap::new();
    for backend in backends.iter().filter(|backend| !backend.terminating || backend.ready) {
        let Some(ip) = backend.addresses.iter().find(|address| address.contains(':') == v6) else { continue };
        let address = EndpointAddress {
            ip: ip.clone(),
            hostname: backend.hostname.clone(),
            node_name: backend.node.clone(),
            target_ref: Some(backend.target.clone()),
        };
        let lists = by_ports.entry(&backend.ports).or_default();
        if backend.ready { lists.0.push(address) } else { lists.1.push(address) }
    }
    let port = |port: &BackendPort| EndpointPort {
        name: (!port.name.is_empty()).then(|| port.name.clone()),
        port: port.port,
        protocol: Some(port.protocol.clone()),
        app_protocol: port.app_protocol.clone(),
    };
    let some = |list: Vec<EndpointAddress>| (!list.is_empty()).then_some(list);
    by_ports
        .into_iter()
        .map(|(ports, (ready, not_ready))| EndpointSubset {
            addresses: some(ready),
            not_ready_addresses: some(not_ready),
            ports: Some(ports.iter().map(port).collect()),
        })
        .collect()
}
