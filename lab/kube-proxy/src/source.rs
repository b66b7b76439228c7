//! What a proxier watches in the cluster.

use std::sync::Arc;

use winlab_component::Context;
use winlab_kube_client::k8s::core::Service;
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_kube_client::{Api, Changes, Store, WatchConfig, reflect};

/// Services and slices that ask for another proxy, and those of headless services, are none of kube-proxy's business.
const SELECTOR: &str = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name";

/// The stores that all proxiers of a kube-proxy read.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) services: Store<Service>,
    pub(crate) slices: Store<EndpointSlice>,
}

/// One proxier's own queues of what changed.
#[derive(Debug)]
pub(crate) struct ChangeQueues {
    pub(crate) services: Changes<Service>,
    pub(crate) slices: Changes<EndpointSlice>,
}

impl Sources {
    /// The stores, and what keeps them up to date.
    pub(crate) fn start(context: &Context) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let config = WatchConfig::all().labels(SELECTOR);
        let client = &context.client;
        let seed = |name| context.seed.child(name);
        let services = Api::<Service>::all(client.clone());
        let slices = Api::<EndpointSlice>::all(client.clone());
        let (services, keep_services) = reflect(services, config.clone(), context.clock, seed("services"));
        let (slices, keep_slices) = reflect(slices, config, context.clock, seed("slices"));
        let keep = async move {
            futures::future::join(keep_services, keep_slices).await;
        };
        (Self { services, slices }, keep)
    }

    /// Waits for both first lists.
    pub(crate) async fn synced(&self) {
        self.services.synced().await;
        self.slices.synced().await;
    }

    pub(crate) fn queues(&self) -> ChangeQueues {
        ChangeQueues { services: self.services.changes(), slices: self.slices.changes() }
    }

    /// Waits for a change in either.
    pub(crate) async fn changed(&self) {
        let services = std::pin::pin!(self.services.changed());
        let slices = std::pin::pin!(self.slices.changed());
        futures::future::select(services, slices).await;
    }
}

impl ChangeQueues {
    /// Hands out everything that changed: services with before and now, slices with whether they are gone.
    pub(crate) fn drain(
        &mut self,
        mut service: impl FnMut(Option<&Service>, Option<&Service>) -> bool,
        mut slice: impl FnMut(&Arc<EndpointSlice>, bool) -> bool,
    ) -> bool {
        let mut due = false;
        for change in self.services.take() {
            due |= service(change.before.as_deref(), change.now.as_deref());
        }
        for change in self.slices.take() {
            match (&change.before, &change.now) {
                (_, Some(now)) => due |= slice(now, false),
                (Some(before), None) => due |= slice(before, true),
                (None, None) => {}
            }
        }
        due
    }
}
