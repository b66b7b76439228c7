//! Bringing the API server from one cluster to the next.

use winlab_document::{Document, doc};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::Service as ServiceObject;
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_kube_client::{Api, Client, Error};

use crate::cluster::{Cluster, Family, Kind, Service};
use crate::{addresses, node_objects, service_object, slice_object};

/// Namespace of everything.
const NAMESPACE: &str = "default";
/// The most slices that a service has.
const SLICES: usize = 3;

/// Makes `after` of what is `before`.
pub(crate) async fn apply(client: &Client, before: &Cluster, after: &Cluster) -> Result<(), Error> {
    node_objects::apply(client, before, after).await?;
    let services: Api<ServiceObject> = Api::namespaced(client.clone(), NAMESPACE);
    for (number, old) in &before.services {
        if !after.services.get(number).is_some_and(|new| is_kept(old, new)) {
            services.delete(&service_object::name(*number), &DeleteParams::default()).await?;
            slices(client, *number, (before, Some(old)), (after, None)).await?;
        }
    }
    for (number, new) in &after.services {
        let kept = before.services.get(number).filter(|old| is_kept(old, new));
        if kept.is_none_or(|old| without_slices(old) != without_slices(new)) {
            put(&services, &service_object::service(*number, new)).await?;
            let ingress: Document = match new.kind {
                Kind::LoadBalancer { ingress: true } => [Family::V4, Family::V6]
                    .map(|family| doc!({"ip": addresses::ingress(family, *number)}))
                    .into_iter()
                    .collect(),
                _ => doc!([]),
            };
            let status = Patch::Merge(doc!({"status": {"loadBalancer": {"ingress": ingress}}}));
            let name = service_object::name(*number);
            services.patch_status(&name, &PatchParams::default(), &status).await?;
        }
        slices(client, *number, (before, kept), (after, Some(new))).await?;
    }
    Ok(())
}

/// A service's first cluster address is its own for life, or that it has none.
fn is_kept(old: &Service, new: &Service) -> bool {
    (new.kind == Kind::Headless) == (old.kind == Kind::Headless)
        && new.families.first() == old.families.first()
}

fn without_slices(service: &Service) -> Service {
    Service { slices: Vec::new(), ..service.clone() }
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
async fn slices(
    client: &Client,
    number: u16,
    before: (&Cluster, Option<&Service>),
    after: (&Cluster, Option<&Service>),
) -> Result<(), Error> {
    let api: Api<EndpointSlice> = Api::namespaced(client.clone(), NAMESPACE);
    for place in 0..SLICES {
        let of = |(cluster, service): (&Cluster, Option<&Service>)| {
            service.and_then(|service| slice_object::slice(cluster, number, service, place))
        };
        match (of(before), of(after)) {
            (Some(old), Some(new)) if old == new => {}
            // The family of a slice is its own for life.
            (Some(old), Some(new)) if old.get("addressType") != new.get("addressType") => {
                api.delete(&slice_object::name(number, place), &DeleteParams::default()).await?;
                put(&api, &new).await?;
            }
            (_, Some(new)) => put(&api, &new).await?,
            (Some(_), None) => {
                drop(api.delete(&slice_object::name(number, place), &DeleteParams::default()).await?);
            }
            (None, None) => {}
        }
    }
    Ok(())
}
