//! Every call of the boundary, to whoever carries it out.

use winlab_host::network::{Answer, Call};
use winlab_host::{Fault, HResult};
use winlab_profiles::HnsFeature;

use crate::context::Context;
use crate::hns::Hns;
use crate::members::{Outcome, require};

impl Hns {
    /// Carries out one call.
    ///
    /// # Errors
    /// What computenetwork.dll or vmcompute.dll would fail with; see Microsoft's `HCNHResult` for the codes.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn handle(&mut self, call: Call, context: &mut dyn Context) -> Result<Answer, Fault> {
        self.require_running()?;
        self.require_api(&call)?;
        if !is_reading(&call) {
            self.changes();
        }
        Ok(match call {
            Call::EnumerateNetworks(c) => Answer::EnumerateNetworks(self.enumerate_networks(&c.query)?),
            Call::CreateNetwork(c) => {
                Answer::CreateNetwork(self.create_network(c.id, &c.settings, context)?)
            }
            Call::OpenNetwork(c) => Answer::OpenNetwork(found(self.networks.contains(c.id))?),
            Call::ModifyNetwork(c) => {
                Answer::ModifyNetwork(self.modify_network(c.id, &c.settings, context)?)
            }
            Call::QueryNetworkProperties(c) => {
                Answer::QueryNetworkProperties(self.query_network(c.id, &c.query)?)
            }
            Call::DeleteNetwork(c) => Answer::DeleteNetwork(self.delete_network(c.id)?),

            Call::EnumerateEndpoints(c) => Answer::EnumerateEndpoints(self.enumerate_endpoints(&c.query)?),
            Call::CreateEndpoint(c) => {
                Answer::CreateEndpoint(self.create_endpoint(c.network, c.id, &c.settings, context)?)
            }
            Call::OpenEndpoint(c) => Answer::OpenEndpoint(found(self.endpoints.contains(c.id))?),
            Call::ModifyEndpoint(c) => Answer::ModifyEndpoint(self.modify_endpoint(c.id, &c.settings)?),
            Call::QueryEndpointProperties(c) => {
                Answer::QueryEndpointProperties(self.query_endpoint(c.id, &c.query)?)
            }
            Call::DeleteEndpoint(c) => Answer::DeleteEndpoint(self.delete_endpoint(c.id)?),
            Call::QueryEndpointStats(c) => Answer::QueryEndpointStats(self.endpoint_stats(c.id)?),
            Call::QueryEndpointAddresses(c) => Answer::QueryEndpointAddresses(self.endpoint_addresses(c.id)?),

            Call::EnumerateNamespaces(c) => Answer::EnumerateNamespaces(self.enumerate_namespaces(&c.query)?),
            Call::CreateNamespace(c) => {
                Answer::CreateNamespace(self.create_namespace(c.id, &c.settings, context)?)
            }
            Call::OpenNamespace(c) => Answer::OpenNamespace(found(self.namespaces.contains(c.id))?),
            Call::ModifyNamespace(c) => Answer::ModifyNamespace(self.modify_namespace(c.id, &c.settings)?),
            Call::QueryNamespaceProperties(c) => {
                Answer::QueryNamespaceProperties(self.query_namespace(c.id, &c.query)?)
            }
            Call::DeleteNamespace(c) => Answer::DeleteNamespace(self.delete_namespace(c.id)?),

            Call::EnumerateLoadBalancers(c) => {
                Answer::EnumerateLoadBalancers(self.enumerate_load_balancers(&c.query)?)
            }
            Call::CreateLoadBalancer(c) => {
                Answer::CreateLoadBalancer(self.create_load_balancer(c.id, &c.settings, context)?)
            }
            Call::OpenLoadBalancer(c) => Answer::OpenLoadBalancer(found(self.load_balancers.contains(c.id))?),
            Call::ModifyLoadBalancer(c) => {
                Answer::ModifyLoadBalancer(self.modify_load_balancer(c.id, &c.settings)?)
            }
            Call::QueryLoadBalancerProperties(c) => {
                Answer::QueryLoadBalancerProperties(self.query_load_balancer(c.id, &c.query)?)
            }
            Call::DeleteLoadBalancer(c) => Answer::DeleteLoadBalancer(self.delete_load_balancer(c.id)?),

            Call::EnumerateSdnRoutes(c) => Answer::EnumerateSdnRoutes(self.enumerate_routes(&c.query)?),
            Call::CreateSdnRoute(c) => {
                Answer::CreateSdnRoute(self.create_route(c.id, &c.settings, context)?)
            }
            Call::OpenSdnRoute(c) => Answer::OpenSdnRoute(found(self.routes.contains(c.id))?),
            Call::ModifySdnRoute(c) => Answer::ModifySdnRoute(self.modify_route(c.id, &c.settings)?),
            Call::QuerySdnRouteProperties(c) => {
                Answer::QuerySdnRouteProperties(self.query_route(c.id, &c.query)?)
            }
            Call::DeleteSdnRoute(c) => Answer::DeleteSdnRoute(self.delete_route(c.id)?),

            Call::EnumerateGuestNetworkServices(c) => {
                Answer::EnumerateGuestNetworkServices(self.enumerate_guests(&c.query)?)
            }
            Call::CreateGuestNetworkService(c) => {
                Answer::CreateGuestNetworkService(self.create_guest(c.id, &c.settings, context)?)
            }
            Call::OpenGuestNetworkService(c) => {
                Answer::OpenGuestNetworkService(found(self.guests.contains(c.id))?)
            }
            Call::ModifyGuestNetworkService(c) => {
                Answer::ModifyGuestNetworkService(self.modify_guest(c.id, &c.settings)?)
            }
            Call::QueryGuestNetworkServiceProperties(c) => {
                Answer::QueryGuestNetworkServiceProperties(self.query_guest(c.id, &c.query)?)
            }
            Call::DeleteGuestNetworkService(c) => Answer::DeleteGuestNetworkService(self.delete_guest(c.id)?),
            Call::ReserveGuestNetworkServicePort(c) => Answer::ReserveGuestNetworkServicePort(
                self.reserve_guest_port(c.id, c.protocol, c.access, c.port)?,
            ),
            Call::ReserveGuestNetworkServicePortRange(c) => {
                Answer::ReserveGuestNetworkServicePortRange(self.reserve_guest_ports(c.id, c.count)?)
            }
            Call::ReleaseGuestNetworkServicePortReservation(c) => {
                Answer::ReleaseGuestNetworkServicePortReservation(self.release_guest_ports(c.reservation)?)
            }
            Call::EnumerateGuestNetworkPortReservations(_) => {
                Answer::EnumerateGuestNetworkPortReservations(self.ports.reservations())
            }

            Call::HnsCall(c) => Answer::HnsCall(self.hns_call(&c.method, &c.path, &c.body, context)),
        })
    }
}

impl Hns {
    /// Before HNS 9.2 there is no computenetwork.dll: only `HNSCall`.
    fn require_api(&self, call: &Call) -> Outcome<()> {
        if self.has(HnsFeature::ApiV2) || matches!(call, Call::HnsCall(_)) {
            return Ok(());
        }
        let missing = HResult::from_win32(127);
        Err(Fault::because(missing, "The specified procedure could not be found."))
    }
}

/// Whether a call only looks.
fn is_reading(call: &Call) -> bool {
    if let Call::HnsCall(call) = call {
        return call.method.eq_ignore_ascii_case("GET");
    }
    matches!(
        call,
        Call::EnumerateNetworks(_)
            | Call::OpenNetwork(_)
            | Call::QueryNetworkProperties(_)
            | Call::EnumerateEndpoints(_)
            | Call::OpenEndpoint(_)
            | Call::QueryEndpointProperties(_)
            | Call::EnumerateNamespaces(_)
            | Call::OpenNamespace(_)
            | Call::QueryNamespaceProperties(_)
            | Call::EnumerateLoadBalancers(_)
            | Call::OpenLoadBalancer(_)
            | Call::QueryLoadBalancerProperties(_)
            | Call::EnumerateSdnRoutes(_)
            | Call::OpenSdnRoute(_)
            | Call::QuerySdnRouteProperties(_)
            | Call::EnumerateGuestNetworkServices(_)
            | Call::OpenGuestNetworkService(_)
            | Call::QueryGuestNetworkServiceProperties(_)
            | Call::QueryEndpointStats(_)
            | Call::QueryEndpointAddresses(_)
            | Call::EnumerateGuestNetworkPortReservations(_)
    )
}

/// `Open` of an unknown id is `ERROR_NOT_FOUND`, which hcsshim's `IsNotFoundError` knows; the `HCN_E_…_NOT_FOUND`
/// codes it does not.
fn found(is_there: bool) -> Outcome<()> {
    require(is_there, HResult::ERROR_NOT_FOUND)
}

/// The object of `HcnQuery…` and `HcnDelete…`, or `ERROR_NOT_FOUND`.
pub(crate) fn known<T>(object: Option<T>) -> Outcome<T> {
    object.ok_or_else(|| Fault::new(HResult::ERROR_NOT_FOUND))
}
