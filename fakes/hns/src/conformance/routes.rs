//! hcsshim `hcn/hcnroute_test.go`.

use winlab_document::{Document, doc};
use winlab_host::Guid;

use crate::conformance::client::{everything, filter, id};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("routes: create, find, delete", create_and_delete),
    case!("routes: deleted and created again with the same id", create_again),
    case!("routes: listed", list),
];

fn settings(endpoints: &[Guid], next_hop: &str) -> Document {
    doc!({
        "HostComputeEndpoints": endpoints.to_vec(),
        "Setting": [{"DestinationPrefix": "169.254.169.254/24", "NextHop": next_hop}],
        "SchemaVersion": {"Major": 2, "Minor": 0},
    })
}

async fn create_and_delete(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.overlay().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let made = hcn.create_route(&settings(&[id(&endpoint)], "127.10.0.34")).await?;
    let found = hcn.routes(&filter(&doc!({"ID": id(&made)}))).await?;
    ensure!(found.len() == 1, "{found:?}");
    let next_hop = found[0].pointer("/Setting/0/NextHop").and_then(Document::as_str);
    ensure!(next_hop == Some("127.10.0.34"), "{found:?}");
    hcn.delete_route(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn create_again(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.overlay().await?;
    let (one, two) = (id(&hcn.test_endpoint(&network).await?), id(&hcn.test_endpoint(&network).await?));
    let made = hcn.create_route(&settings(&[one], "127.10.0.34")).await?;
    for wanted in [vec![one, two], vec![one]] {
        hcn.delete_route(id(&made)).await?;
        let again = hcn.create_route(&settings(&wanted, "127.10.0.34").with("ID", id(&made))).await?;
        let backends = again.get("HostComputeEndpoints").map(|ids| ids.items().len());
        ensure!(backends == Some(wanted.len()) && id(&again) == id(&made), "{again}");
    }
    hcn.delete_route(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn list(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.routes(&everything()).await?;
    Ok(())
}
