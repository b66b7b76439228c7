//! hcsshim `hcn/hcnloadbalancer_test.go`.

use winlab_document::{Document, doc};
use winlab_host::{Fault, Guid};
use winlab_profiles::HnsFeature;

use crate::conformance::client::{everything, filter, id};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("load balancers: create, find, delete", create_and_delete),
    case!("load balancers: modified in place", modify, Some(HnsFeature::ModifyLoadBalancer)),
    case!("load balancers: deleted and created again with the same id", create_again),
    case!("load balancers: direct server return", dsr, Some(HnsFeature::Dsr)),
    case!("load balancers: internal", internal),
    case!("load balancers: frontends are single", frontends),
    case!("load balancers: listed", list),
];

fn settings(endpoints: &[Guid]) -> Document {
    doc!({
        "HostComputeEndpoints": endpoints.to_vec(),
        "SourceVIP": "10.0.0.1",
        "PortMappings": [{"Protocol": 6, "InternalPort": 8080, "ExternalPort": 8090}],
        "FrontendVIPs": ["1.1.1.2", "1.1.1.3"],
        "SchemaVersion": {"Major": 2, "Minor": 0},
    })
}

fn backends(balancer: &Document) -> usize {
    balancer.get("HostComputeEndpoints").map(|ids| ids.items().len()).unwrap_or_default()
}

/// A network with two endpoints.
async fn two_endpoints(hcn: Hcn<'_>) -> Result<(Document, Guid, Guid), Fault> {
    let network = hcn.overlay().await?;
    let (one, two) = (hcn.test_endpoint(&network).await?, hcn.test_endpoint(&network).await?);
    Ok((network, id(&one), id(&two)))
}

async fn create_and_delete(hcn: Hcn<'_>) -> Result<(), Failure> {
    let (network, one, _) = two_endpoints(hcn).await?;
    let made = hcn.create_load_balancer(&settings(&[one])).await?;
    let found = hcn.load_balancers(&filter(&doc!({"ID": id(&made)}))).await?;
    ensure!(found.len() == 1, "{found:?}");
    hcn.delete_load_balancer(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn modify(hcn: Hcn<'_>) -> Result<(), Failure> {
    let version = hcn.v1("GET", "/globals/version", Document::Null).await?;
    let keeps = version == doc!({"Major": 15, "Minor": 4});
    let (network, one, two) = two_endpoints(hcn).await?;
    let made = hcn.create_load_balancer(&settings(&[one])).await?;
    for wanted in [vec![one, two], vec![one]] {
        let changed = hcn.modify_load_balancer(id(&made), &settings(&wanted)).await?;
        let expected = if keeps { 1 } else { wanted.len() };
        ensure!(backends(&changed) == expected && id(&changed) == id(&made), "{changed}");
    }
    hcn.delete_load_balancer(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn create_again(hcn: Hcn<'_>) -> Result<(), Failure> {
    let (network, one, two) = two_endpoints(hcn).await?;
    let made = hcn.create_load_balancer(&settings(&[one])).await?;
    for wanted in [vec![one, two], vec![one]] {
        hcn.delete_load_balancer(id(&made)).await?;
        let again = hcn.create_load_balancer(&settings(&wanted).with("ID", id(&made))).await?;
        ensure!(backends(&again) == wanted.len() && id(&again) == id(&made), "{again}");
    }
    hcn.delete_load_balancer(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn with_flags(hcn: Hcn<'_>, flags: u32, mapping: u32) -> Result<(), Failure> {
    let (network, one, _) = two_endpoints(hcn).await?;
    let mut wanted = settings(&[one]).with("Flags", flags);
    wanted.set(
        "PortMappings",
        doc!([{"Protocol": 6, "InternalPort": 8080, "ExternalPort": 80, "Flags": mapping}]),
    );
    let made = hcn.create_load_balancer(&wanted).await?;
    let number = |place: &str| made.pointer(place).and_then(Document::as_u64).unwrap_or_default();
    ensure!(number("/Flags") == u64::from(flags), "{made}");
    ensure!(number("/PortMappings/0/Flags") == u64::from(mapping), "{made}");
    hcn.delete_load_balancer(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn dsr(hcn: Hcn<'_>) -> Result<(), Failure> {
    with_flags(hcn, 1, 8).await
}

async fn internal(hcn: Hcn<'_>) -> Result<(), Failure> {
    with_flags(hcn, 0, 1).await
}

async fn frontends(hcn: Hcn<'_>) -> Result<(), Failure> {
    let (network, one, two) = two_endpoints(hcn).await?;
    let made = hcn.create_load_balancer(&settings(&[one])).await?;
    let refused = hcn.create_load_balancer(&settings(&[two])).await.err().map(|fault| fault.code.0);
    let expected = [Some(0x803b_0013), Some(0x8007_00b7)];
    ensure!(expected.contains(&refused), "same frontend twice: {refused:x?}");
    let any = hcn.create_load_balancer(&settings(&[two]).with("FrontendVIPs", doc!([]))).await?;
    hcn.delete_load_balancer(id(&any)).await?;
    let refused = hcn.create_load_balancer(&settings(&[])).await.err().map(|fault| fault.code.0);
    ensure!(refused == Some(0x803b_000d), "without endpoints: {refused:x?}");
    hcn.delete_load_balancer(id(&made)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn list(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.load_balancers(&everything()).await?;
    Ok(())
}
