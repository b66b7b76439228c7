//! The latency decorator: a call costs scenario time before it reaches the service.

use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use winlab_clock::{Clock, VirtualSpan};

use crate::boundary::{Boundary, Call, Service};
use crate::feed::EventStream;

/// Delays every call of a backend by what its function costs.
pub struct Latency<S: Service> {
    inner: Arc<dyn Boundary<S>>,
    clock: Clock,
    costs: Vec<(&'static str, VirtualSpan)>,
    otherwise: VirtualSpan,
}

impl<S: Service> Latency<S> {
    /// Over `inner`: `costs` by function, `otherwise` for the rest.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Boundary<S>>,
        clock: Clock,
        costs: Vec<(&'static str, VirtualSpan)>,
        otherwise: VirtualSpan,
    ) -> Self {
        Self { inner, clock, costs, otherwise }
    }
}

impl<S: Service> fmt::Debug for Latency<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latency")
            .field("costs", &self.costs)
            .field("otherwise", &self.otherwise)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Boundary<S> for Latency<S> {
    fn call(&self, call: S::Call) -> BoxFuture<'_, Result<S::Answer, S::Fault>> {
        let function = call.function();
        let cost =
            self.costs.iter().find(|(known, _)| *known == function).map_or(self.otherwise, |(_, cost)| *cost);
        if cost == VirtualSpan::ZERO {
            return self.inner.call(call);
        }
        async move {
            self.clock.sleep(cost).await;
            self.inner.call(call).await
        }
        .boxed()
    }

    fn events(&self) -> EventStream<S::Event> {
        self.inner.events()
    }
}
