//! Nodes as objects of the API.

use winlab_document::{Document, doc};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Client, Error};

use crate::addresses::{self, name};
use crate::cluster::{Cluster, Family};

/// Makes the other nodes of `after` of those of `before`.
pub(crate) async fn apply(client: &Client, before: &Cluster, after: &Cluster) -> Result<(), Error> {
    for number in before.peers.keys().filter(|number| !after.peers.contains_key(number)) {
        delete(client, *number).await?;
    }
    for (number, peer) in &after.peers {
        if before.peers.get(number) == Some(peer) {
            continue;
        }
        if !before.peers.contains_key(number) {
            create(client, *number).await?;
        }
        relabel(client, *number, peer.zone).await?;
        let both = [Family::V4, Family::V6].map(|family| addresses::node(family, peer.address));
        readdress(client, *number, &both).await?;
    }
    Ok(())
}

/// A node without labels and addresses.
pub(crate) async fn create(client: &Client, number: u8) -> Result<(), Error> {
    let node = doc!({"metadata": {"name": name(number)}}).decode().expect("a node");
    api(client).create(&PostParams::default(), &node).await.map(drop)
}

/// The node is gone.
pub(crate) async fn delete(client: &Client, number: u8) -> Result<(), Error> {
    api(client).delete(&name(number), &DeleteParams::default()).await.map(drop)
}

/// The node is in another zone, or in none.
pub(crate) async fn relabel(client: &Client, number: u8, zone: Option<&str>) -> Result<(), Error> {
    let zone = zone.map_or(Document::Null, Document::from);
    let labels = doc!({"metadata": {"labels": {"topology.kubernetes.io/zone": zone}}});
    api(client).patch(&name(number), &PatchParams::default(), &Patch::Merge(labels)).await.map(drop)
}

/// The node has these addresses.
pub(crate) async fn readdress(client: &Client, number: u8, addresses: &[String]) -> Result<(), Error> {
    let addresses: Document =
        addresses.iter().map(|address| doc!({"type": "InternalIP", "address": address.as_str()})).collect();
    let status = Patch::Merge(doc!({"status": {"addresses": addresses}}));
    api(client).patch_status(&name(number), &PatchParams::default(), &status).await.map(drop)
}

fn api(client: &Client) -> Api<Node> {
    Api::all(client.clone())
}
