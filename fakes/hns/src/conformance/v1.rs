//! hcsshim `hcn/hnsv1_test.go` and `hcn/hcnv1schema_test.go`.

use winlab_document::{Document, doc};
use winlab_profiles::HnsFeature;

use crate::conformance::client::id;
use crate::conformance::fixtures::{ENDPOINT, NAT};
use crate::conformance::{Case, Failure, Hcn, case, ensure};

pub(super) const CASES: &[Case] = &[
    case!("V1: version", version),
    case!("V1: network", network),
    case!("V1: endpoint attached to the host and detached", host_attach),
    case!("V1: statistics of every endpoint", statistics),
    case!("V1: namespaces", namespaces),
    case!("V1: policy lists", policy_lists),
    case!("V1: accelnet", accelnet, Some(HnsFeature::Accelnet)),
    case!("V1 documents through the V2 API", v1_documents),
    case!("V1 and V2 show the same objects", same_objects),
];

fn nat() -> Document {
    doc!({
        "Type": "NAT",
        "Name": NAT,
        "Subnets": [{"AddressPrefix": "192.168.100.0/24", "GatewayAddress": "192.168.100.1"}],
    })
}

fn path(folder: &str, document: &Document) -> String {
    format!("/{folder}/{}", document.text(&["ID"]))
}

async fn version(hcn: Hcn<'_>) -> Result<(), Failure> {
    let version = hcn.v1("GET", "/globals/version", doc!("")).await?;
    ensure!(version.get("Major").and_then(Document::as_u64).is_some_and(|major| major >= 7), "{version}");
    Ok(())
}

async fn network(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.clean_up(NAT).await?;
    hcn.v1("GET", "/networks/", doc!("")).await?;
    let made = hcn.v1("POST", "/networks/", nat()).await?;
    ensure!(made.pointer("/Subnets/0/GatewayAddress").is_some(), "{made}");
    let again = hcn.v1("GET", &path("networks", &made), Document::Null).await?;
    ensure!(again == made, "{again} is not {made}");
    hcn.v1("DELETE", &path("networks", &made), Document::Null).await?;
    Ok(())
}

async fn host_attach(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.clean_up(NAT).await?;
    let network = hcn.v1("POST", "/networks/", nat()).await?;
    let settings = doc!({"Name": ENDPOINT, "VirtualNetwork": network.text(&["ID"])});
    let endpoint = hcn.v1("POST", "/endpoints/", settings).await?;
    let at = path("endpoints", &endpoint);
    let request = doc!({"SystemType": "Host", "CompartmentId": 1});
    hcn.v1("POST", &format!("{at}/attach"), request.clone()).await?;
    let refused = hcn.v1("POST", &format!("{at}/attach"), request).await.err();
    let text = refused.map(|fault| fault.message).unwrap_or_default();
    // flannel takes this very text for success.
    ensure!(text == "This endpoint is already attached to the switch.", "{text}");
    hcn.v1("POST", &format!("{at}/detach"), doc!({"SystemType": "Host"})).await?;
    hcn.v1("DELETE", &at, Document::Null).await?;
    hcn.v1("DELETE", &path("networks", &network), Document::Null).await?;
    Ok(())
}

async fn statistics(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.clean_up(NAT).await?;
    let network = hcn.v1("POST", "/networks", nat()).await?;
    hcn.v1("POST", "/endpoints", doc!({"Name": ENDPOINT, "VirtualNetwork": network.text(&["ID"])})).await?;
    for endpoint in hcn.v1("GET", "/endpoints/", Document::Null).await?.items() {
        let stats = hcn.v1("GET", &path("endpointstats", endpoint), Document::Null).await?;
        ensure!(stats.get("BytesReceived").is_some(), "{stats}");
    }
    hcn.v1("DELETE", &path("networks", &network), Document::Null).await?;
    Ok(())
}

async fn namespaces(hcn: Hcn<'_>) -> Result<(), Failure> {
    let listed = hcn.v1("GET", "/namespaces/", Document::Null).await?;
    let default = |space: &&Document| space.get("IsDefault").and_then(Document::as_bool) == Some(true);
    ensure!(listed.items().iter().filter(default).count() == 1, "{listed}");
    hcn.clean_up(NAT).await?;
    let network = hcn.v1("POST", "/networks", nat()).await?;
    let endpoint = hcn.v1("POST", "/endpoints", doc!({"VirtualNetwork": network.text(&["ID"])})).await?;
    let space = hcn.v1("POST", "/namespaces/", doc!({})).await?;
    let at = path("namespaces", &space);
    let resource = doc!({"Type": "Endpoint", "Data": {"Id": endpoint.text(&["ID"])}});
    let changed = hcn.v1("POST", &format!("{at}/addresource"), resource.clone()).await?;
    ensure!(changed.pointer("/ResourceList/0/Data/Id").is_some(), "{changed}");
    hcn.v1("POST", &format!("{at}/removeresource"), resource).await?;
    hcn.v1("DELETE", &at, Document::Null).await?;
    let missing = hcn.v1("GET", &at, Document::Null).await.err().map(|fault| fault.message);
    ensure!(missing.as_deref() == Some("Element not found."), "{missing:?}");
    hcn.v1("DELETE", &path("networks", &network), Document::Null).await?;
    Ok(())
}

async fn policy_lists(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.overlay().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let reference = format!("/endpoints/{}", id(&endpoint));
    let elb =
        doc!({"Type": "ELB", "Protocol": 6, "InternalPort": 80, "ExternalPort": 80, "VIPs": ["10.96.0.1"]});
    let route = doc!({"Type": "ROUTE", "DestinationPrefix": "10.96.0.0/12", "NextHop": "10.0.0.1", "NeedEncap": true});
    for policy in [elb, route] {
        let list = doc!({"References": [reference.as_str()], "Policies": [policy.clone()]});
        let made = hcn.v1("POST", "/policylists/", list).await?;
        let kind = made.pointer("/Policies/0/Type").and_then(Document::as_str);
        ensure!(kind == Some(policy.text(&["Type"])), "{made}");
        let listed = hcn.v1("GET", "/policylists/", Document::Null).await?;
        ensure!(listed.items().contains(&made), "{listed}");
        hcn.v1("DELETE", &path("policylists", &made), Document::Null).await?;
    }
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn accelnet(hcn: Hcn<'_>) -> Result<(), Failure> {
    let list =
        doc!({"MacAddressList": [{"MacAddress": "00-15-5D-0A-B7-C6"}, {"MacAddress": "00-15-5D-38-01-00"}]});
    for (method, body, expected) in
        [("POST", list, 2), ("GET", doc!(""), 2), ("DELETE", doc!(""), 0), ("GET", doc!(""), 0)]
    {
        let found = hcn.v1(method, "/accelnet/", body).await?;
        let count = found.get("MacAddressList").map(|list| list.items().len()).unwrap_or_default();
        ensure!(count == expected, "{method}: {found}");
    }
    Ok(())
}

async fn v1_documents(hcn: Hcn<'_>) -> Result<(), Failure> {
    hcn.clean_up(NAT).await?;
    let pools = doc!([{"StartMacAddress": "00-15-5D-52-C0-00", "EndMacAddress": "00-15-5D-52-CF-FF"}]);
    let network = hcn.create_network(&nat().with("MacPools", pools.clone())).await?;
    ensure!(network.pointer("/MacPool/Ranges") == Some(&pools), "{network}");
    let endpoint =
        hcn.create_endpoint(&network, &doc!({"Name": ENDPOINT, "VirtualNetwork": id(&network)})).await?;
    ensure!(endpoint.text(&["Name"]) == ENDPOINT, "{endpoint}");
    hcn.delete_endpoint(id(&endpoint)).await?;
    hcn.delete_network(id(&network)).await?;
    Ok(())
}

async fn same_objects(hcn: Hcn<'_>) -> Result<(), Failure> {
    let network = hcn.bridge().await?;
    let endpoint = hcn.test_endpoint(&network).await?;
    let v1 = hcn.v1("GET", &path("endpoints", &endpoint), Document::Null).await?;
    let address = endpoint.pointer("/IpConfigurations/0/IpAddress");
    ensure!(v1.get("IPAddress") == address && v1.get("MacAddress") == endpoint.get("MacAddress"), "{v1}");
    let v1 = hcn.v1("GET", &path("networks", &network), Document::Null).await?;
    ensure!(!v1.text(&["ManagementIP"]).is_empty() && v1.text(&["Type"]) == "L2Bridge", "{v1}");
    let v2 = hcn.v1("DELETE", &path("endpoints", &endpoint), Document::Null).await;
    ensure!(v2.is_ok() && hcn.endpoint(id(&endpoint)).await.is_err(), "deleted by V1, still in V2");
    hcn.delete_network(id(&network)).await?;
    Ok(())
}
