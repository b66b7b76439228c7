//! hcsshim `hcn/hcnnamespace_test.go`.

use winlab_document::{Document, doc};

use crate::conformance::client::{everything, filter, id};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("namespaces: every type is created and deleted", create_and_delete),
    case!("namespaces: containerd's settings are enough", containerd),
    case!("namespaces: found by id and listed", find),
    case!("namespaces: endpoints come and go", endpoints),
    case!("namespaces: containers come and go", containers),
];

async fn create_and_delete(hcn: Hcn<'_>) -> Result<(), Failure> {
    for kind in ["Host", "HostDefault", "Guest", "GuestDefault"] {
        let made = hcn.test_namespace(kind).await?;
        ensure!(made.text(&["Type"]) == kind, "{made}");
        hcn.delete_namespace(id(&made)).await?;
    }
    Ok(())
}

async fn containerd(hcn: Hcn<'_>) -> Result<(), Failure> {
    let made = hcn.create_namespace(&doc!({"SchemaVersion": {"Major": 0, "Minor": 0}})).await?;
    ensure!(!id(&made).is_nil(), "{made}");
    hcn.delete_namespace(id(&made)).await?;
    Ok(())
}

async fn find(hcn: Hcn<'_>) -> Result<(), Failure> {
    let made = hcn.test_namespace("HostDefault").await?;
    let found = hcn.namespaces(&filter(&doc!({"ID": id(&made)}))).await?;
    ensure!(found.len() == 1, "{found:?}");
    ensure!(!hcn.namespaces(&everything()).await?.is_empty(), "none listed");
    hcn.delete_namespace(id(&made)).await?;
    Ok(())
}

fn resources(namespace: &Document, kind: &str) -> Vec<String> {
    let resources = namespace.get("Resources").map(Document::items).unwrap_or_default();
    let ids = resources.iter().filter(|resource| resource.text(&["Type"]) == kind).map(|resource| {
        let data = resource.get("Data").and_then(|data| data.get_ignore_case("ID"));
        data.and_then(Document::as_str).unwrap_or_default().to_owned()
    });
    ids.collect()
}

/// win-bridge adds the same pair again for every container of a pod; removing what is not there is tolerated as
/// "element not found".
async fn endpoints(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let namespace = hcn.test_namespace("HostDefault").await?;
    for _ in 0..2 {
        let changed = hcn.change_member(&namespace, "Add", &endpoint).await?;
        let found = resources(&changed, "Endpoint");
        ensure!(found.len() == 1 && found[0].parse() == Ok(id(&endpoint)), "{changed}");
    }
    let other = hcn.test_namespace("Host").await?;
    let refused = hcn.change_member(&other, "Add", &endpoint).await.err().map(|fault| fault.code.0);
    ensure!(refused == Some(0x803b_002b), "in two namespaces: {refused:x?}");
    let changed = hcn.change_member(&namespace, "Remove", &endpoint).await?;
    ensure!(resources(&changed, "Endpoint").is_empty(), "{changed}");
    let refused = hcn.change_member(&namespace, "Remove", &endpoint).await.err().map(|fault| fault.code.0);
    ensure!(refused == Some(0x8007_0490), "removed twice: {refused:x?}");
    hcn.delete_namespace(id(&other)).await?;
    hcn.delete_namespace(id(&namespace)).await?;
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn containers(hcn: Hcn<'_>) -> Result<(), Failure> {
    let namespace = hcn.create_namespace(&doc!({"Type": "Host"})).await?;
    ensure!(resources(&namespace, "Container").is_empty(), "{namespace}");
    let request = |kind: &str| doc!({"ResourceType": "Container", "RequestType": kind, "Settings": {"ContainerId": "pause"}});
    let changed = hcn.modify_namespace(id(&namespace), &request("Add")).await?;
    ensure!(resources(&changed, "Container") == ["pause"], "{changed}");
    let refused = hcn.delete_namespace(id(&namespace)).await.err().map(|fault| fault.code.0);
    ensure!(refused == Some(0x803b_0015), "deleted with a container: {refused:x?}");
    hcn.modify_namespace(id(&namespace), &request("Remove")).await?;
    hcn.delete_namespace(id(&namespace)).await?;
    Ok(())
}
