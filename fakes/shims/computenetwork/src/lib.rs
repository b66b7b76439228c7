//! computenetwork.dll: the exports of Microsoft's HCN reference, each a line that says which call it is.
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

use winlab_shim::fault::HResult;
use winlab_shim::hcn::object::Kind;
use winlab_shim::hcn::ports::{self, PortRange, PortRangeEntry};
use winlab_shim::hcn::service::{self, Callback};
use winlab_shim::{hcn_object, hcn_query};

hcn_object!(Network:
    HcnEnumerateNetworks, HcnCreateNetwork, HcnOpenNetwork, HcnModifyNetwork, HcnQueryNetworkProperties,
    HcnDeleteNetwork, HcnCloseNetwork);
hcn_object!(Endpoint:
    HcnEnumerateEndpoints, HcnCreateEndpoint in network, HcnOpenEndpoint, HcnModifyEndpoint,
    HcnQueryEndpointProperties, HcnDeleteEndpoint, HcnCloseEndpoint);
hcn_object!(Namespace:
    HcnEnumerateNamespaces, HcnCreateNamespace, HcnOpenNamespace, HcnModifyNamespace, HcnQueryNamespaceProperties,
    HcnDeleteNamespace, HcnCloseNamespace);
hcn_object!(LoadBalancer:
    HcnEnumerateLoadBalancers, HcnCreateLoadBalancer, HcnOpenLoadBalancer, HcnModifyLoadBalancer,
    HcnQueryLoadBalancerProperties, HcnDeleteLoadBalancer, HcnCloseLoadBalancer);
hcn_object!(SdnRoute:
    HcnEnumerateSdnRoutes, HcnCreateSdnRoute, HcnOpenSdnRoute, HcnModifySdnRoute, HcnQuerySdnRouteProperties,
    HcnDeleteSdnRoute, HcnCloseSdnRoute);
hcn_object!(GuestNetworkService:
    HcnEnumerateGuestNetworkServices, HcnCreateGuestNetworkService, HcnOpenGuestNetworkService,
    HcnModifyGuestNetworkService, HcnQueryGuestNetworkServiceProperties, HcnDeleteGuestNetworkService,
    HcnCloseGuestNetworkService);
hcn_query!(Endpoint: HcnQueryEndpointStats);
hcn_query!(Endpoint: HcnQueryEndpointAddresses);

/// A handle for HNS as a whole.
///
/// # Safety
/// Both are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcnOpenService(service: *mut usize, record: *mut *mut u16) -> HResult {
    // SAFETY: as this function's.
    unsafe { service::open(service, record) }
}

/// Closes it.
#[no_mangle]
pub extern "system" fn HcnCloseService(service: usize) -> HResult {
    service::close(service)
}

/// Calls back with everything HNS tells.
///
/// # Safety
/// `callback` can be called with `context` until it is unregistered; `handle` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcnRegisterServiceCallback(
    callback: Callback,
    context: usize,
    handle: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { service::register(callback, context, handle) }
}

macro_rules! callbacks_of {
    ($kind:ident: $register:ident, $unregister:ident) => {
        /// Calls back with what HNS tells of one object.
        ///
        /// # Safety
        /// `callback` can be called with `context` until it is unregistered; `handle` is null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $register(
            object: usize,
            callback: Callback,
            context: usize,
            handle: *mut usize,
        ) -> HResult {
            // SAFETY: as this function's.
            unsafe { service::register_object(Kind::$kind, object, callback, context, handle) }
        }

        /// Ends such a registration; no call is under way when it returns.
        #[no_mangle]
        pub extern "system" fn $unregister(handle: usize) -> HResult {
            service::unregister(handle)
        }
    };
}

callbacks_of!(Network: HcnRegisterNetworkCallback, HcnUnregisterNetworkCallback);
callbacks_of!(GuestNetworkService: HcnRegisterGuestNetworkServiceCallback, HcnUnregisterGuestNetworkServiceCallback);

/// Ends a registration with the service.
#[no_mangle]
pub extern "system" fn HcnUnregisterServiceCallback(handle: usize) -> HResult {
    service::unregister(handle)
}

/// Reserves one port of the host.
///
/// # Safety
/// `handle` is null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcnReserveGuestNetworkServicePort(
    service: usize,
    protocol: u32,
    access: u32,
    port: u16,
    handle: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { ports::reserve(service, protocol, access, port, handle) }
}

/// Reserves a range of ports that HNS chooses.
///
/// # Safety
/// `range` and `handle` are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcnReserveGuestNetworkServicePortRange(
    service: usize,
    count: u16,
    range: *mut PortRange,
    handle: *mut usize,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { ports::reserve_range(service, count, range, handle) }
}

/// Gives a reservation back.
#[no_mangle]
pub extern "system" fn HcnReleaseGuestNetworkServicePortReservationHandle(handle: usize) -> HResult {
    ports::release(handle)
}

/// Every reservation on the host.
///
/// # Safety
/// `count` and `entries` are null or can be written.
#[no_mangle]
pub unsafe extern "system" fn HcnEnumerateGuestNetworkPortReservations(
    count: *mut u32,
    entries: *mut *mut PortRangeEntry,
) -> HResult {
    // SAFETY: as this function's.
    unsafe { ports::enumerate(count, entries) }
}

/// Frees what `HcnEnumerateGuestNetworkPortReservations` gave.
///
/// # Safety
/// `entries` is null or came from there and is not freed yet.
#[no_mangle]
pub unsafe extern "system" fn HcnFreeGuestNetworkPortReservations(entries: *mut PortRangeEntry) {
    // SAFETY: as this function's.
    unsafe { ports::release_memory(entries) }
}
