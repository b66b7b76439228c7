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
            // A slice's family is its own for life: one of another family has only taken its name.
            let is_gone = |old: &&Arc<EndpointSlice>| {
                change.now.as_ref().is_none_or(|now| now.address_type != old.address_type)
            };
            if let Some(before) = change.before.as_ref().filter(is_gone) {
                due |= slice(before, true);
            }
            if let Some(now) = &change.now {
                due |= slice(now, false);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use winlab_document::doc;
    use winlab_kube_client::k8s::discovery::EndpointSlice;
    use winlab_kube_client::{Store, WatchEvent};

    use super::Sources;

    #[test]
    fn a_slice_whose_name_one_of_another_family_takes_is_gone() {
        let sources = Sources { services: Store::new(), slices: Store::new() };
        let slice = |family: &str| -> Arc<EndpointSlice> {
            let slice = doc!({"metadata": {"name": "a", "namespace": "default"}, "addressType": family, "endpoints": []});
            Arc::new(slice.decode().unwrap())
        };
        sources.slices.apply(&WatchEvent::Applied(slice("IPv6")));
        let mut queues = sources.queues();
        let mut seen = Vec::new();
        let mut look = |queues: &mut super::ChangeQueues| {
            queues.drain(
                |_, _| false,
                |slice, removed| {
                    seen.push((slice.address_type.clone(), removed));
                    true
                },
            )
        };
        assert!(look(&mut queues));
        sources.slices.apply(&WatchEvent::Deleted(slice("IPv6")));
        sources.slices.apply(&WatchEvent::Applied(slice("IPv4")));
        assert!(look(&mut queues));
        let told = [("IPv6", false), ("IPv6", true), ("IPv4", false)];
        assert_eq!(seen, told.map(|(family, removed)| (family.to_owned(), removed)));
    }
}
