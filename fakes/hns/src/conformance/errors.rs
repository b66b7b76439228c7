//! hcsshim `hcn/hcnerrors_test.go`.

use winlab_document::doc;
use winlab_host::Guid;

use crate::conformance::client::{filter, id};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("errors: what is missing is not found", missing),
    case!("errors: an empty filter value finds nothing", empty_filter),
    case!("errors: a doubled port mapping", doubled_port),
];

/// The id that hcsshim's tests look for.
const NOBODY: Guid = Guid::from_bits(0x5f0b_1190_63be_4e0c_b974_bd0f_5567_5a42);

async fn missing(hcn: Hcn<'_>) -> Result<(), Failure> {
    for wanted in [doc!({"Name": "Not found name"}), doc!({"ID": NOBODY})] {
        let wanted = filter(&wanted);
        ensure!(hcn.networks(&wanted).await?.is_empty(), "a network for {wanted}");
        ensure!(hcn.endpoints(&wanted).await?.is_empty(), "an endpoint for {wanted}");
        ensure!(hcn.namespaces(&wanted).await?.is_empty(), "a namespace for {wanted}");
        ensure!(hcn.load_balancers(&wanted).await?.is_empty(), "a load balancer for {wanted}");
        ensure!(hcn.routes(&wanted).await?.is_empty(), "a route for {wanted}");
    }
    let request =
        doc!({"ResourceType": "Endpoint", "RequestType": "Add", "Settings": {"EndpointId": NOBODY}});
    let refusals = [
        hcn.modify_namespace(NOBODY, &request).await.err(),
        hcn.delete_network(NOBODY).await.err(),
        hcn.delete_endpoint(NOBODY).await.err(),
        hcn.delete_namespace(NOBODY).await.err(),
        hcn.delete_load_balancer(NOBODY).await.err(),
        hcn.delete_route(NOBODY).await.err(),
    ];
    for refusal in refusals {
        let code = refusal.as_ref().map(|fault| fault.code.0);
        ensure!(code == Some(0x8007_0490), "{refusal:?}");
    }
    Ok(())
}

/// kube-proxy asks so for a load balancer whose id it does not know, and deletes what it finds.
async fn empty_filter(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.nat().await?;
    let found = hcn.networks(&filter(&doc!({"ID": ""}))).await?;
    ensure!(found.is_empty(), "{found:?}");
    let found = hcn.namespaces(&filter(&doc!({"ID": ""}))).await?;
    ensure!(found.is_empty(), "{found:?}");
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn doubled_port(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.overlay().await?;
    let mapping = doc!({"Protocol": 17, "InternalPort": 45678, "ExternalPort": 56789});
    let settings = doc!({"Policies": [{"Type": "PortMapping", "Settings": mapping}]});
    let endpoint = hcn.create_endpoint(&network, &settings).await?;
    let refused = hcn.create_endpoint(&network, &settings).await.err().map(|fault| fault.code.0);
    ensure!(refused == Some(0x803b_0013), "{refused:x?}");
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.create_endpoint(&network, &settings).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}
