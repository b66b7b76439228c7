//! EndpointSlice: what stands behind each service, in slices of at most a hundred
//! (`pkg/controller/endpointslice`, `k8s.io/endpointslice`).
//!
//! Left out: topology hints. Endpoints keep their slice while they stay; new ones fill the slices that have room.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::k8s::core::{Pod, Service};
use winlab_kube_client::k8s::discovery::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use winlab_kube_client::k8s::meta::ObjectMeta;
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt, Store};

use crate::access::Access;
use crate::endpoint_addresses::{Backend, BackendPort, backend};
use crate::ownership::controller_reference;
use crate::queue::{Outcome, Queue};
use crate::selector::matches_labels;

/// `--max-endpoints-per-slice`
const PER_SLICE: usize = 100;
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
const HEADLESS: &str = "service.kubernetes.io/headless";

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.services.changes(), |key, _, _| vec![key.clone()]);
    let services = stores.services.clone();
    let pods = queue
        .clone()
        .follow(stores.pods.changes(), move |_, before, now| services_of(&services, before, now));
    let slices = queue.clone().follow(stores.endpoint_slices.changes(), |_, before, now| {
        let slice = now.or(before);
        slice.filter(|slice| is_ours(slice)).and_then(service_key).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, pods, slices, work);
}

/// The services whose selector selects a pod, before or after its change, if the change can matter to them.
pub(crate) fn services_of(
    services: &Store<Service>,
    before: Option<&Pod>,
    now: Option<&Pod>,
) -> Vec<ObjectKey> {
    if let (Some(before), Some(now)) = (before, now) {
        let relevant = |pod: &Pod| {
            let status = pod.status.clone().unwrap_or_default();
            let ready = crate::pod_state::is_ready(pod);
            let phase = status.phase.clone();
            (
                pod.metadata.labels.clone(),
                pod.metadata.deletion_timestamp.is_some(),
                status.pod_ips,
                ready,
                phase,
            )
        };
        if relevant(before) == relevant(now) {
            return Vec::new();
        }
    }
    let mut keys = Vec::new();
    for pod in before.into_iter().chain(now) {
        let namespace = pod.namespace().unwrap_or_default();
        for service in services.list_namespace(&namespace) {
            let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            if selector.is_some_and(|selector| matches_labels(selector, pod.metadata.labels.as_ref())) {
                keys.push(ObjectKey::of(&*service));
            }
        }
    }
    keys
}

fn is_ours(slice: &EndpointSlice) -> bool {
    slice.labels().get(MANAGED_BY).is_some_and(|manager| manager == MANAGER)
}

fn service_key(slice: &EndpointSlice) -> Option<ObjectKey> {
    let name = slice.labels().get(SERVICE_NAME)?;
    Some(ObjectKey::namespaced(slice.namespace().unwrap_or_default(), name.clone()))
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let existing = access
        .informers
        .endpoint_slices
        .list_namespace(&key.namespace)
        .into_iter()
        .filter(|slice| is_ours(slice) && service_key(slice).as_ref() == Some(&key))
        .filter(|slice| slice.metadata.deletion_timestamp.is_none())
        .collect::<Vec<_>>();
    let service = access.informers.services.get(&key);
    let selected = service.as_ref().filter(|service| {
        let spec = service.spec.clone().unwrap_or_default();
        service.metadata.deletion_timestamp.is_none()
            && spec.type_.as_deref() != Some("ExternalName")
            && spec.selector.is_some_and(|selector| !selector.is_empty())
    });
    let Some(service) = selected else {
        for slice in existing {
            delete(access, &slice).await?;
        }
        return Ok(None);
    };
    let spec = service.spec.clone().unwrap_or_default();
    let selector = spec.selector.clone().unwrap_or_default();
    let pods = access.informers.pods.list_namespace(&key.namespace);
    let selected = pods.iter().filter(|pod| matches_labels(&selector, pod.metadata.labels.as_ref()));
    let backends: Vec<Backend> = selected.filter_map(|pod| backend(service, pod)).collect();
    let families = spec.ip_families.clone().unwrap_or_else(|| vec!["IPv4".to_owned()]);
    for family in &families {
        let wanted = wanted_by_ports(&backends, family);
        let of_family: Vec<_> =
            existing.iter().filter(|slice| slice.address_type == *family).cloned().collect();
        reconcile_family(access, service, family, wanted, of_family).await?;
    }
    for slice in existing.iter().filter(|slice| !families.contains(&slice.address_type)) {
        delete(access, slice).await?;
    }
    Ok(None)
}

/// Endpoints of one family by the ports they offer: pods whose named ports differ go to slices of their own.
fn wanted_by_ports(backends: &[Backend], family: &str) -> BTreeMap<Vec<BackendPort>, Vec<Endpoint>> {
    let is_of_family = |address: &&String| address.contains(':') == (family == "IPv6");
    let mut wanted: BTreeMap<Vec<BackendPort>, Vec<Endpoint>> = BTreeMap::new();
    for backend in backends {
        let Some(address) = backend.addresses.iter().find(is_of_family) else { continue };
        let endpoint = Endpoint {
            addresses: vec![address.clone()],
            conditions: Some(EndpointConditions {
                ready: Some(backend.ready),
                serving: Some(backend.serving),
                terminating: Some(backend.terminating),
            }),
            hostname: backend.hostname.clone(),
            node_name: backend.node.clone(),
            target_ref: Some(backend.target.clone()),
            ..Endpoint::default()
        };
        wanted.entry(backend.ports.clone()).or_default().push(endpoint);
    }
    // A service without any backend still has one slice, empty and without ports.
    if wanted.is_empty() {
        wanted.insert(Vec::new(), Vec::new());
    }
    wanted
}

fn slice_ports(ports: &[BackendPort]) -> Vec<EndpointPort> {
    let port = |port: &BackendPort| EndpointPort {
        name: Some(port.name.clone()),
        protocol: Some(port.protocol.clone()),
        port: Some(port.port),
        app_protocol: port.app_protocol.clone(),
    };
    ports.iter().map(port).collect()
}

async fn reconcile_family(
    access: &Access,
    service: &Service,
    family: &str,
    wanted: BTreeMap<Vec<BackendPort>, Vec<Endpoint>>,
    mut existing: Vec<Arc<EndpointSlice>>,
) -> Result<(), Error> {
    for (ports, endpoints) in wanted {
        let ports = slice_ports(&ports);
        let (mut same, rest): (Vec<_>, Vec<_>) =
            existing.into_iter().partition(|slice| slice.ports.clone().unwrap_or_default() == ports);
        existing = rest;
        if same.is_empty() {
            // A slice whose ports no longer exist is reused rather than deleted and made anew.
            same.extend(existing.pop());
        }
        let chunks = distribute(&same, endpoints);
        for (at, chunk) in chunks.iter().enumerate() {
            match same.get(at) {
                Some(slice) => update(access, service, slice, &ports, chunk).await?,
                None => create(access, service, family, &ports, chunk).await?,
            }
        }
        for slice in same.iter().skip(chunks.len()) {
            delete(access, slice).await?;
        }
    }
    for slice in existing {
        delete(access, &slice).await?;
    }
    Ok(())
}

/// Endpoints slice by slice: those that are in a slice stay there in their order, the others fill up.
fn distribute(slices: &[Arc<EndpointSlice>], endpoints: Vec<Endpoint>) -> Vec<Vec<Endpoint>> {
    let id = |endpoint: &Endpoint| endpoint.target_ref.as_ref().and_then(|target| target.uid.clone());
    let mut left: BTreeMap<_, _> = endpoints.into_iter().map(|endpoint| (id(&endpoint), endpoint)).collect();
    let mut chunks: Vec<Vec<Endpoint>> = slices
        .iter()
        .map(|slice| slice.endpoints.iter().flatten().filter_map(|known| left.remove(&id(known))).collect())
        .collect();
    for endpoint in left.into_values() {
        match chunks.iter_mut().find(|chunk| chunk.len() < PER_SLICE) {
            Some(chunk) => chunk.push(endpoint),
            None => chunks.push(vec![endpoint]),
        }
    }
    let empty = chunks.iter().all(Vec::is_empty);
    chunks.retain(|chunk| !chunk.is_empty());
    if empty {
        chunks.push(Vec::new());
    }
    chunks
}

fn labels(service: &Service) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    labels.insert(SERVICE_NAME.to_owned(), service.name_any());
    labels.insert(MANAGED_BY.to_owned(), MANAGER.to_owned());
    let headless = service.spec.as_ref().is_some_and(|spec| spec.cluster_ip.as_deref() == Some("None"));
    if headless {
        labels.insert(HEADLESS.to_owned(), String::new());
    } else {
        labels.remove(HEADLESS);
    }
    labels
}

async fn create(
    access: &Access,
    service: &Service,
    family: &str,
    ports: &[EndpointPort],
    endpoints: &[Endpoint],
) -> Result<(), Error> {
    let namespace = service.namespace().unwrap_or_default();
    let slice = EndpointSlice {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", service.name_any())),
            namespace: Some(namespace.clone()),
            labels: Some(labels(service)),
            owner_references: Some(vec![controller_reference(service)]),
            ..ObjectMeta::default()
        },
        address_type: family.to_owned(),
        endpoints: Some(endpoints.to_vec()),
        ports: Some(ports.to_vec()),
    };
    match access.of::<EndpointSlice>(&namespace).create(&PostParams::default(), &slice).await {
        Ok(created) => access.seen(&access.informers.endpoint_slices, &created).await,
        // The namespace is going away: nothing is to be made there any more.
        Err(error) if error.is_forbidden() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn update(
    access: &Access,
    service: &Service,
    slice: &EndpointSlice,
    ports: &[EndpointPort],
    endpoints: &[Endpoint],
) -> Result<(), Error> {
    let mut changed = slice.clone();
    changed.endpoints = Some(endpoints.to_vec());
    changed.ports = Some(ports.to_vec());
    changed.metadata.labels = Some(labels(service));
    let same = changed.endpoints.as_deref().unwrap_or_default()
        == slice.endpoints.as_deref().unwrap_or_default()
        && changed.ports.as_deref().unwrap_or_default() == slice.ports.as_deref().unwrap_or_default()
        && changed.metadata.labels == slice.metadata.labels;
    if same {
        return Ok(());
    }
    let slices = access.of::<EndpointSlice>(&slice.namespace().unwrap_or_default());
    match slices.replace(&slice.name_any(), &PostParams::default(), &changed).await {
        Ok(written) => access.seen(&access.informers.endpoint_slices, &written).await,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn delete(access: &Access, slice: &EndpointSlice) -> Result<(), Error> {
    let slices = access.of::<EndpointSlice>(&slice.namespace().unwrap_or_default());
    match slices.delete(&slice.name_any(), &DeleteParams::default()).await {
        Ok(_) => access.seen_deleted(&access.informers.endpoint_slices, slice).await,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
