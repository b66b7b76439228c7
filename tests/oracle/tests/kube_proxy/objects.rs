//! Clusters as objects of the API, and bringing the API server from one to the next.

use winlab_document::{Document, doc};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::Service as ServiceObject;
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_kube_client::{Api, Client, Error};

use crate::cluster::{Cluster, Endpoint, Kind, Place, Port, Service, State, Target};

/// Namespace of everything.
const NAMESPACE: &str = "default";
/// The most slices that a service has.
const SLICES: usize = 3;

/// Makes `after` of what is `before`.
pub(crate) async fn apply(client: &Client, before: &Cluster, after: &Cluster) -> Result<(), Error> {
    let services: Api<ServiceObject> = Api::namespaced(client.clone(), NAMESPACE);
    for (number, old) in before {
        let new = after.get(number);
        // A cluster address cannot be taken from a service, nor given to one that has none.
        if new.is_none_or(|new| (new.kind == Kind::Headless) != (old.kind == Kind::Headless)) {
            services.delete(&name(*number), &DeleteParams::default()).await?;
            slices(client, *number, old, None).await?;
        }
    }
    for (number, new) in after {
        let old = before.get(number);
        let kept = old.filter(|old| (old.kind == Kind::Headless) == (new.kind == Kind::Headless));
        if kept.is_none_or(|old| {
            Service { slices: Vec::new(), ..old.clone() } != Service { slices: Vec::new(), ..new.clone() }
        }) {
            put(&services, &service(*number, new)).await?;
            let ingress = match new.kind {
                Kind::LoadBalancer { ingress: true } => doc!([{"ip": format!("203.0.113.{number}")}]),
                _ => doc!([]),
            };
            let status = Patch::Merge(doc!({"status": {"loadBalancer": {"ingress": ingress}}}));
            services.patch_status(&name(*number), &PatchParams::default(), &status).await?;
        }
        let none = Service { slices: Vec::new(), ..new.clone() };
        slices(client, *number, kept.unwrap_or(&none), Some(new)).await?;
    }
    Ok(())
}

/// Makes an object, or replaces it.
async fn put<K>(api: &Api<K>, object: &Document) -> Result<(), Error>
where
    K: winlab_kube_client::Object + serde::Serialize + std::fmt::Debug,
{
    let name = object.text(&["metadata", "name"]);
    let mut object = object.clone();
    let found = api.get_opt(name).await?;
    if let Some(version) = found.as_ref().and_then(|found| found.meta().resource_version.clone()) {
        object.set_path(&["metadata", "resourceVersion"], version);
    }
    let typed: K = object.decode().expect("what is drawn is an object of its kind");
    match found {
        None => api.create(&PostParams::default(), &typed).await.map(drop),
        Some(_) => api.replace(name, &PostParams::default(), &typed).await.map(drop),
    }
}

/// Brings the slices of a service from what they were to what they are to be.
async fn slices(client: &Client, number: u16, old: &Service, new: Option<&Service>) -> Result<(), Error> {
    let api: Api<EndpointSlice> = Api::namespaced(client.clone(), NAMESPACE);
    for place in 0..SLICES {
        let of = |service: &Service| {
            service.slices.get(place).map(|slice| self::slice(number, place, service, slice))
        };
        match (of(old), new.and_then(of)) {
            (old, Some(new)) if old.as_ref() != Some(&new) => put(&api, &new).await?,
            (Some(_), None) => drop(api.delete(&slice_name(number, place), &DeleteParams::default()).await?),
            _ => {}
        }
    }
    Ok(())
}

fn name(number: u16) -> String {
    format!("service{number}")
}

fn slice_name(number: u16, place: usize) -> String {
    format!("service{number}-{place}")
}

/// The Service object.
fn service(number: u16, service: &Service) -> Document {
    let ports: Document = service
        .ports
        .iter()
        .enumerate()
        .map(|(place, port)| port_of(number, place, *port, service.kind))
        .collect();
    let address =
        if service.kind == Kind::Headless { "None".to_owned() } else { format!("10.96.1.{number}") };
    let kind = match service.kind {
        Kind::Headless | Kind::ClusterIp => "ClusterIP",
        Kind::NodePort => "NodePort",
        Kind::LoadBalancer { .. } => "LoadBalancer",
    };
    let mut spec =
        doc!({"type": kind, "clusterIP": address, "ports": ports, "selector": {"app": name(number)}});
    if service.external_ip {
        spec.set("externalIPs", doc!([format!("198.51.100.{number}")]));
    }
    if service.internal_local {
        spec.set("internalTrafficPolicy", "Local");
    }
    if service.external_local {
        spec.set("externalTrafficPolicy", "Local");
    }
    if service.sticky {
        spec.set("sessionAffinity", "ClientIP");
    }
    let mut metadata = doc!({"name": name(number)});
    if let Some((annotation, value)) = service.annotation {
        metadata.set("annotations", doc!({(annotation): value}));
    }
    doc!({"metadata": metadata, "spec": spec})
}

fn port_of(number: u16, place: usize, port: Port, kind: Kind) -> Document {
    let offset = u16::try_from(place).unwrap_or_default();
    let target = match port.target {
        Target::Number(number) => Document::from(number),
        Target::Name => Document::from("web"),
    };
    let mut document = doc!({
        "name": format!("p{place}"), "port": 80 + offset, "targetPort": target, "protocol": protocol(port),
    });
    if matches!(kind, Kind::NodePort | Kind::LoadBalancer { .. }) {
        document.set("nodePort", 30000 + number * 10 + offset);
    }
    document
}

fn protocol(port: Port) -> &'static str {
    if port.udp { "UDP" } else { "TCP" }
}

/// An EndpointSlice object.
fn slice(number: u16, place: usize, service: &Service, endpoints: &[Endpoint]) -> Document {
    let ports: Document = service
        .ports
        .iter()
        .enumerate()
        .map(|(place, port)| {
            let target = match port.target {
                Target::Number(number) => number,
                Target::Name => 9376,
            };
            doc!({"name": format!("p{place}"), "port": target, "protocol": protocol(*port)})
        })
        .collect();
    let endpoints: Document = endpoints.iter().map(|endpoint| endpoint_of(*endpoint)).collect();
    let mut labels = doc!({"kubernetes.io/service-name": name(number)});
    if service.kind == Kind::Headless {
        labels.set("service.kubernetes.io/headless", "");
    }
    doc!({"metadata": {"name": slice_name(number, place), "labels": labels}, "addressType": "IPv4",
        "ports": ports, "endpoints": endpoints})
}

fn endpoint_of(endpoint: Endpoint) -> Document {
    let (address, node) = match endpoint.place {
        Place::Here(last) => (format!("10.244.1.{last}"), Some("win1")),
        Place::There(last) => (format!("10.244.2.{last}"), Some("other")),
        Place::Beyond(last) => (format!("172.16.0.{last}"), None),
    };
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
    document
}
