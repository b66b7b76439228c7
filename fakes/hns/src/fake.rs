//! The fake behind the boundary's trait, by itself: for tests and the conformance cases. A joined Windows host owns its
//! [`Hns`] directly.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use winlab_host::network::{Answer, Call, Network, Notification, NotificationKind};
use winlab_host::{Boundary, EventStream, Fault, Feed};

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

impl Boundary<Network> for FakeHns {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
        async move { self.carry_out(call) }.boxed()
    }

    fn events(&self) -> EventStream<Notification> {
        self.feed.subscribe()
    }
}
