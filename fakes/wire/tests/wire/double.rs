//! Implementations of the boundary whose calls wait until the test lets them go.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use winlab_clock::VirtualSpan;
use winlab_host::compute::{self, Compute, ComputeEvent};
use winlab_host::network::{Answer, Call, Network, Notification};
use winlab_host::{Boundary, EventStream, Fault, Feed};

use crate::lab::clock;

/// Answers enumerations with an empty list, one for each [`Gate::open`]; it breaks down over anything else.
pub(crate) struct Gate {
    begun: Semaphore,
    opened: Semaphore,
    ended: Semaphore,
    feed: Feed<Notification>,
    compute: Feed<ComputeEvent>,
}

impl Default for Gate {
    fn default() -> Self {
        let none = || Semaphore::new(0);
        Self { begun: none(), opened: none(), ended: none(), feed: Feed::default(), compute: Feed::default() }
    }
}

impl Gate {
    pub(crate) fn open(&self) {
        self.opened.add_permits(1);
    }

    /// Waits until so many more calls have begun.
    pub(crate) async fn begun(&self, calls: u32) {
        take(&self.begun, calls).await;
    }

    /// Waits until so many more calls have ended.
    pub(crate) async fn ended(&self, calls: u32) {
        take(&self.ended, calls).await;
    }
}

async fn take(from: &Semaphore, permits: u32) {
    clock().within(VirtualSpan::from_secs(20), from.acquire_many(permits)).await.unwrap().unwrap().forget();
}

impl Gate {
    async fn pass(&self) {
        self.begun.add_permits(1);
        self.opened.acquire().await.unwrap().forget();
        self.ended.add_permits(1);
    }
}

impl Boundary<Network> for Gate {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
        async move {
            self.pass().await;
            match call {
                Call::EnumerateNetworks(_) => Ok(Answer::EnumerateNetworks(Vec::new())),
                _ => panic!("a bug in what answers for the host"),
            }
        }
        .boxed()
    }

    fn events(&self) -> EventStream<Notification> {
        self.feed.subscribe()
    }
}

/// A compute system may be created and closed; each waits.
impl Boundary<Compute> for Gate {
    fn call(&self, call: compute::Call) -> BoxFuture<'_, Result<compute::Answer, Fault>> {
        async move {
            self.pass().await;
            match call {
                compute::Call::CreateComputeSystem(_) => Ok(compute::Answer::CreateComputeSystem(())),
                compute::Call::CloseComputeSystem(call) => {
                    assert_eq!(call.id, "web");
                    Ok(compute::Answer::CloseComputeSystem(()))
                }
                _ => panic!("a bug in what answers for the host"),
            }
        }
        .boxed()
    }

    fn events(&self) -> EventStream<ComputeEvent> {
        self.compute.subscribe()
    }
}
