//! The Host Networking Service: the functions of computenetwork.dll and vmcompute.dll's `HNSCall`.
//!
//! Handles are not part of the boundary: a shim keeps them and names objects by GUID. So `Open` only asks whether the
//! object is there, and `Close` never travels. Settings and queries are documents; text that is no JSON is refused by
//! whoever reads it ([`HResult::HCN_E_INVALID_JSON`]). Function names and arguments: hcsshim `hcn/hcn.go`, Microsoft's
//! HCN reference, and the `hns.v2.psm1` of microsoft/SDN for those that Go programs do not call.

mod notification;
mod port;

use winlab_document::Document;

use crate::{Fault, Guid, HResult};

pub use notification::{Notification, NotificationKind};
pub use port::{PortAccess, PortProtocol, PortRange, PortReservation};

service! {
    /// The service behind [`HostNetwork`](crate::HostNetwork).
    Network = "hns", event Notification, fault Fault,
    injected |code: Option<u32>| Fault::new(code.map_or(HResult::E_FAIL, HResult));

    /// Ids of the networks that match a query (`{"Filter":"{\"Name\":\"cbr0\"}"}`; `null` asks for all).
    EnumerateNetworks = "HcnEnumerateNetworks" { query: Document } -> Vec<Guid>;
    /// A new network. A nil id asks HNS to choose; an `ID` in the settings is honoured then.
    CreateNetwork = "HcnCreateNetwork" { id: Guid, settings: Document } -> Guid;
    /// Whether the network is there.
    OpenNetwork = "HcnOpenNetwork" { id: Guid } -> ();
    /// Changes by a `ModifySettingRequest`: policies, DNS, subnets, extensions.
    ModifyNetwork = "HcnModifyNetwork" { id: Guid, settings: Document } -> ();
    /// The network's document; a query whose `SchemaVersion.Major` is 1 asks for the V1 form.
    QueryNetworkProperties = "HcnQueryNetworkProperties" { id: Guid, query: Document } -> Document;
    /// Removes the network with its endpoints and load balancers.
    DeleteNetwork = "HcnDeleteNetwork" { id: Guid } -> ();

    /// Ids of the endpoints that match a query.
    EnumerateEndpoints = "HcnEnumerateEndpoints" { query: Document } -> Vec<Guid>;
    /// A new endpoint on a network; nil ids as for networks.
    CreateEndpoint = "HcnCreateEndpoint" { network: Guid, id: Guid, settings: Document } -> Guid;
    /// Whether the endpoint is there.
    OpenEndpoint = "HcnOpenEndpoint" { id: Guid } -> ();
    /// Changes by a `ModifySettingRequest`: policies or the port.
    ModifyEndpoint = "HcnModifyEndpoint" { id: Guid, settings: Document } -> ();
    /// The endpoint's document.
    QueryEndpointProperties = "HcnQueryEndpointProperties" { id: Guid, query: Document } -> Document;
    /// Removes the endpoint.
    DeleteEndpoint = "HcnDeleteEndpoint" { id: Guid } -> ();
    /// Traffic counters.
    QueryEndpointStats = "HcnQueryEndpointStats" { id: Guid, query: Document } -> Document;
    /// The endpoint's addresses as the compartment sees them.
    QueryEndpointAddresses = "HcnQueryEndpointAddresses" { id: Guid, query: Document } -> Document;

    /// Ids of the namespaces that match a query.
    EnumerateNamespaces = "HcnEnumerateNamespaces" { query: Document } -> Vec<Guid>;
    /// A new namespace.
    CreateNamespace = "HcnCreateNamespace" { id: Guid, settings: Document } -> Guid;
    /// Whether the namespace is there.
    OpenNamespace = "HcnOpenNamespace" { id: Guid } -> ();
    /// Adds or removes an endpoint or a container.
    ModifyNamespace = "HcnModifyNamespace" { id: Guid, settings: Document } -> ();
    /// The namespace's document.
    QueryNamespaceProperties = "HcnQueryNamespaceProperties" { id: Guid, query: Document } -> Document;
    /// Removes the namespace; refused while a container lives in it.
    DeleteNamespace = "HcnDeleteNamespace" { id: Guid } -> ();

    /// Ids of the load balancers that match a query.
    EnumerateLoadBalancers = "HcnEnumerateLoadBalancers" { query: Document } -> Vec<Guid>;
    /// A new load balancer.
    CreateLoadBalancer = "HcnCreateLoadBalancer" { id: Guid, settings: Document } -> Guid;
    /// Whether the load balancer is there.
    OpenLoadBalancer = "HcnOpenLoadBalancer" { id: Guid } -> ();
    /// Replaces the load balancer in place; `settings` is the whole object. `E_NOTIMPL` before HNS 15.4.
    ModifyLoadBalancer = "HcnModifyLoadBalancer" { id: Guid, settings: Document } -> ();
    /// The load balancer's document.
    QueryLoadBalancerProperties = "HcnQueryLoadBalancerProperties" { id: Guid, query: Document } -> Document;
    /// Removes the load balancer.
    DeleteLoadBalancer = "HcnDeleteLoadBalancer" { id: Guid } -> ();

    /// Ids of the routes that match a query.
    EnumerateSdnRoutes = "HcnEnumerateSdnRoutes" { query: Document } -> Vec<Guid>;
    /// A new route.
    CreateSdnRoute = "HcnCreateSdnRoute" { id: Guid, settings: Document } -> Guid;
    /// Whether the route is there.
    OpenSdnRoute = "HcnOpenSdnRoute" { id: Guid } -> ();
    /// Replaces the route in place; `settings` is the whole object.
    ModifySdnRoute = "HcnModifySdnRoute" { id: Guid, settings: Document } -> ();
    /// The route's document.
    QuerySdnRouteProperties = "HcnQuerySdnRouteProperties" { id: Guid, query: Document } -> Document;
    /// Removes the route.
    DeleteSdnRoute = "HcnDeleteSdnRoute" { id: Guid } -> ();

    /// Ids of the guest network services that match a query.
    EnumerateGuestNetworkServices = "HcnEnumerateGuestNetworkServices" { query: Document } -> Vec<Guid>;
    /// A new guest network service.
    CreateGuestNetworkService = "HcnCreateGuestNetworkService" { id: Guid, settings: Document } -> Guid;
    /// Whether the guest network service is there.
    OpenGuestNetworkService = "HcnOpenGuestNetworkService" { id: Guid } -> ();
    /// Changes its state.
    ModifyGuestNetworkService = "HcnModifyGuestNetworkService" { id: Guid, settings: Document } -> ();
    /// Its document.
    QueryGuestNetworkServiceProperties = "HcnQueryGuestNetworkServiceProperties"
        { id: Guid, query: Document } -> Document;
    /// Removes it with its port reservations.
    DeleteGuestNetworkService = "HcnDeleteGuestNetworkService" { id: Guid } -> ();
    /// Reserves one port of the host for a guest; the answer names the reservation.
    ReserveGuestNetworkServicePort = "HcnReserveGuestNetworkServicePort"
        { id: Guid, protocol: PortProtocol, access: PortAccess, port: u16 } -> u64;
    /// Reserves a range of so many ports; HNS chooses it.
    ReserveGuestNetworkServicePortRange = "HcnReserveGuestNetworkServicePortRange"
        { id: Guid, count: u16 } -> PortRange;
    /// Gives a reservation back.
    ReleaseGuestNetworkServicePortReservation = "HcnReleaseGuestNetworkServicePortReservationHandle"
        { reservation: u64 } -> ();
    /// Every reservation on the host.
    EnumerateGuestNetworkPortReservations = "HcnEnumerateGuestNetworkPortReservations" {} -> Vec<PortReservation>;

    /// V1: `GET /networks/`, `POST /endpoints/<id>/attach`, `GET /globals/version` and so on. A body of `null` is an
    /// empty one. The answer is the whole response: `{"Success":true,"Output":…}` or `{"Success":false,"Error":…}`.
    HnsCall = "HNSCall" { method: String, path: String, body: Document } -> Document;
}
