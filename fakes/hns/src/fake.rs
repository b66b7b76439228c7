//! The fake behind the boundary's trait, by itself: for tests and the conformance cases. A joined Windows host owns its
//! [`Hns`] directly.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use winlab_host::network::{Answer, Call, Network, Notification, NotificationKind};
use winlab_host::{Boundary, DataPlaneView, EventStream, Fault, Feed, HostDataPlane};

use crate::config::HnsConfig;
use crate::context::Context;
use crate::hns::Hns;

/// An [`Hns`] with its context, as an implementation of the boundary.
pub struct FakeHns {
    inner: Mutex<Inner>,
    feed: Feed<Notification>,
}

struct Inner {
    hns: Hns,
    context: Box<dyn Context + Send>,
}

impl FakeHns {
    /// A host's HNS; ids and time come from `context`.
    #[must_use]
    pub fn new(config: HnsConfig, context: impl Context + Send + 'static) -> Self {
        let mut context: Box<dyn Context + Send> = Box::new(context);
        let hns = Hns::new(config, context.as_mut());
        Self { inner: Mutex::new(Inner { hns, context }), feed: Feed::default() }
    }

    /// Control beside the boundary; notifications that come of it are published.
    pub fn control<T>(&self, act: impl FnOnce(&mut Hns) -> T) -> T {
        let mut inner = self.lock();
        let result = act(&mut inner.hns);
        self.publish(&mut inner.hns);
        result
    }

    fn carry_out(&self, call: Call) -> Result<Answer, Fault> {
        let mut inner = self.lock();
        let Inner { hns, context } = &mut *inner;
        let answer = hns.handle(call, context.as_mut());
        self.publish(hns);
        answer
    }

    fn publish(&self, hns: &mut Hns) {
        for notification in hns.take_notifications() {
            self.feed.publish(&notification);
            if notification.kind == NotificationKind::ServiceDisconnect {
                self.feed.disconnect();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FakeHns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeHns").finish_non_exhaustive()
    }
}

impl DataPlaneView for FakeHns {
    fn data_plane(&self) -> HostDataPlane {
        HostDataPlane::Windows(self.lock().hns.data_plane())
    }
}

impl Boundary<Network> for FakeHns {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
        async move { self.carry_out(call) }.boxed()
    }

    fn events(&self) -> EventStream<Notification> {
        self.feed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use winlab_clock::{Seed, virtual_world};
    use winlab_document::doc;
    use winlab_host::network::{CreateNetwork, NotificationKind};
    use winlab_host::{Ask as _, Boundary as _, Guid, HResult};

    use super::FakeHns;
    use crate::{HnsConfig, Rehydration, SeededContext};

    #[test]
    fn listeners_hear_of_changes_until_the_service_goes_away() {
        let windows = "ltsc2022".parse().unwrap();
        let (host_name, dns_suffix) = ("win1".into(), String::new());
        let config =
            HnsConfig { windows, host_name, dns_suffix, adapters: Vec::new(), epoch: HnsConfig::EPOCH };
        let fake = FakeHns::new(config, SeededContext::timeless(Seed::new(1)));
        let events = fake.events();
        let settings = doc!({"Name": "inner", "Type": "Private"});
        virtual_world(async {
            fake.ask(CreateNetwork { id: Guid::NIL, settings: settings.clone() }).await.unwrap();
            fake.control(|hns| hns.restart(Rehydration::Rehydrate));
            let doubled = fake.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap_err();
            assert_eq!(doubled.code, HResult::HCN_E_NETWORK_ALREADY_EXISTS);
            let kinds: Vec<NotificationKind> = events.map(|event| event.kind).collect().await;
            assert_eq!(
                kinds,
                [
                    NotificationKind::NetworkPreCreate,
                    NotificationKind::NetworkCreate,
                    NotificationKind::ServiceDisconnect
                ]
            );
        });
    }
}
