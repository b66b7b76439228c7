//! flanneld on Linux: routes, the vxlan link, and rules that keep pods' addresses within the cluster.

mod host_gw;
mod rules;
mod vxlan;

use std::sync::Arc;

use futures::future::{self, BoxFuture};
use winlab_component::Context;
use winlab_host::HostLinux;
use winlab_host::linux::Prefix;

use crate::error::FlannelError;
use crate::iface::ExternalInterface;
use crate::options::Options;
use crate::subnet::SubnetManager;

/// A registered network.
pub(crate) struct Network {
    subnet: Prefix,
    mtu: u32,
    /// Following leases, keeping rules: each goes on for ever.
    tasks: Vec<BoxFuture<'static, ()>>,
}

impl Network {
    pub(crate) async fn register(
        context: &Context,
        host: &Arc<HostLinux>,
        options: &Options,
        manager: &SubnetManager,
        external: &ExternalInterface,
        previous: Option<(Prefix, Prefix)>,
    ) -> Result<Self, FlannelError> {
        let (subnet, mtu, follow): (_, _, BoxFuture<'static, ()>) = match manager.conf().backend_type() {
            "host-gw" => {
                let network = host_gw::HostGw::register(context, host, manager, external).await?;
                (network.subnet(), external.mtu, Box::pin(network.run()))
            }
            "vxlan" => {
                let network = vxlan::Vxlan::register(context, host, manager, external).await?;
                (network.subnet(), network.mtu(), Box::pin(network.run()))
            }
            other => return Err(FlannelError::Backend(other.to_owned())),
        };
        let mut tasks = vec![follow];
        let cluster = manager.conf().network;
        if options.ip_masq {
            if let Some((network, old)) = previous.filter(|previous| *previous != (cluster, subnet)) {
                rules::masquerade(network, old, options.random_fully).remove(host).await;
            }
            let rules = rules::masquerade(cluster, subnet, options.random_fully);
            tasks.push(Box::pin(rules.keep(context.clone(), Arc::clone(host), options.resync)));
        }
        if options.forward_rules {
            let rules = rules::forward(cluster);
            tasks.push(Box::pin(rules.keep(context.clone(), Arc::clone(host), options.resync)));
        }
        Ok(Self { subnet, mtu, tasks })
    }

    pub(crate) fn subnet(&self) -> Prefix {
        self.subnet
    }

    pub(crate) fn mtu(&self) -> u32 {
        self.mtu
    }

    pub(crate) async fn run(self) {
        future::join_all(self.tasks).await;
    }
}
