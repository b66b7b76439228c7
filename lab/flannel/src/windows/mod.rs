//! flanneld on Windows: an HNS network, and how the other nodes' pods are reached through it.

mod host_gw;
mod routes;
mod vxlan;

use winlab_component::{Context, WindowsMachine};
use winlab_host::linux::Prefix;

use crate::error::FlannelError;
use crate::iface::ExternalInterface;
use crate::subnet::SubnetManager;

/// A registered network.
pub(crate) enum Network {
    /// Routes through the other nodes.
    HostGw(host_gw::HostGw),
    /// Tunnels to the other nodes.
    Vxlan(vxlan::Vxlan),
}

impl Network {
    pub(crate) async fn register(
        context: &Context,
        machine: &WindowsMachine,
        manager: &SubnetManager,
        external: &ExternalInterface,
    ) -> Result<Self, FlannelError> {
        match manager.conf().backend_type() {
            "host-gw" => {
                host_gw::HostGw::register(context, machine, manager, external).await.map(Self::HostGw)
            }
            "vxlan" => vxlan::Vxlan::register(context, machine, manager, external).await.map(Self::Vxlan),
            other => Err(FlannelError::Backend(other.to_owned())),
        }
    }

    pub(crate) fn subnet(&self) -> Prefix {
        match self {
            Self::HostGw(network) => network.subnet(),
            Self::Vxlan(network) => network.subnet(),
        }
    }

    pub(crate) fn mtu(&self) -> u32 {
        match self {
            Self::HostGw(network) => network.mtu(),
            Self::Vxlan(network) => network.mtu(),
        }
    }

    /// Follows the other nodes' leases for ever.
    pub(crate) async fn run(self) {
        match self {
            Self::HostGw(network) => network.run().await,
            Self::Vxlan(network) => network.run().await,
        }
    }
}
