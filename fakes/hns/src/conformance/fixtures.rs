//! The objects the cases make.

use winlab_document::{Document, doc};
use winlab_host::Fault;

use crate::conformance::Hcn;
use crate::conformance::client::id;

pub(super) const NAT: &str = "GoTestNat";
pub(super) const OVERLAY: &str = "GoTestOverlay";
pub(super) const BRIDGE: &str = "GoTestL2Bridge";
pub(super) const ENDPOINT: &str = "GoTestNatEndpoint";

/// A subnet with one route.
pub(super) fn subnet(prefix: &str, next_hop: &str, destination: &str) -> Document {
    doc!({"IpAddressPrefix": prefix, "Routes": [{"NextHop": next_hop, "DestinationPrefix": destination}]})
}

pub(super) fn default_subnet() -> Document {
    subnet("192.168.100.0/24", "192.168.100.1", "0.0.0.0/0")
}

/// A network's settings; no subnet at all where none is given.
pub(super) fn network(kind: &str, name: &str, subnets: &[Document]) -> Document {
    let ipams =
        if subnets.is_empty() { doc!([]) } else { doc!([{"Type": "Static", "Subnets": subnets.to_vec()}]) };
    doc!({
        "Type": kind,
        "Name": name,
        "MacPool": {"Ranges": [{"StartMacAddress": "00-15-5D-52-C0-00", "EndMacAddress": "00-15-5D-52-CF-FF"}]},
        "Ipams": ipams,
        "SchemaVersion": {"Major": 2, "Minor": 0},
    })
}

impl Hcn<'_> {
    pub(super) async fn nat(&self) -> Result<Document, Fault> {
        self.clean_up(NAT).await?;
        self.create_network(&network("NAT", NAT, &[default_subnet()])).await
    }

    pub(super) async fn overlay(&self) -> Result<Document, Fault> {
        self.clean_up(OVERLAY).await?;
        let vsid = doc!([{"Type": "VSID", "Settings": {"IsolationId": 5000}}]);
        let settings = network("Overlay", OVERLAY, &[default_subnet().with("Policies", vsid)]);
        self.create_network(&settings.with("Flags", 8)).await
    }

    pub(super) async fn bridge(&self) -> Result<Document, Fault> {
        self.clean_up(BRIDGE).await?;
        self.create_network(&network("L2Bridge", BRIDGE, &[default_subnet()]).with("Flags", 8)).await
    }

    pub(super) async fn test_endpoint(&self, network: &Document) -> Result<Document, Fault> {
        let settings = doc!({"Name": ENDPOINT, "SchemaVersion": {"Major": 2, "Minor": 0}});
        self.create_endpoint(network, &settings).await
    }

    pub(super) async fn test_namespace(&self, kind: &str) -> Result<Document, Fault> {
        let settings = doc!({"Type": kind, "NamespaceId": 5, "SchemaVersion": {"Major": 2, "Minor": 0}});
        self.create_namespace(&settings).await
    }

    /// Adds an endpoint to a namespace or takes it out.
    pub(super) async fn change_member(
        &self,
        namespace: &Document,
        request: &str,
        endpoint: &Document,
    ) -> Result<Document, Fault> {
        let settings = doc!({"EndpointId": id(endpoint)});
        let request = doc!({"ResourceType": "Endpoint", "RequestType": request, "Settings": settings});
        self.modify_namespace(id(namespace), &request).await
    }
}

/// A request about policies.
pub(super) fn policy_request(request: &str, policies: Document) -> Document {
    doc!({"ResourceType": "Policy", "RequestType": request, "Settings": {"Policies": policies}})
}

/// An ACL of either direction.
pub(super) fn acl(kind: &str, direction: &str) -> Document {
    doc!({"Type": kind, "Settings": {
        "Protocols": "6", "Action": "Allow", "Direction": direction,
        "LocalAddresses": "192.168.100.0/24,10.0.0.21", "RemoteAddresses": "192.168.100.0/24,10.0.0.21",
        "LocalPorts": "80,8080", "RemotePorts": "80,8080", "RuleType": "Switch", "Priority": 200,
    }})
}
