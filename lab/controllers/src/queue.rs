//! A queue of keys with delays and back-off: client-go's rate-limiting work queue for one worker.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use winlab_clock::{Clock, Seed, VirtualInstant, VirtualSpan};
use winlab_kube_client::{Backoff, BackoffPolicy, Changes, ObjectKey};

/// Keys to reconcile: each at most once at a time, in the order they came; some not before a moment.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Shared>);

struct Shared {
    clock: Clock,
    seed: Seed,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    ready: VecDeque<ObjectKey>,
    queued: BTreeSet<ObjectKey>,
    later: BTreeSet<(VirtualInstant, ObjectKey)>,
    failures: BTreeMap<ObjectKey, Backoff>,
}

impl Queue {
    pub(crate) fn new(clock: Clock, seed: Seed) -> Self {
        Self(Arc::new(Shared { clock, seed, state: Mutex::default(), wake: Notify::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be reconciled as soon as possible.
    pub(crate) fn add(&self, key: ObjectKey) {
        let mut state = self.state();
        if state.queued.insert(key.clone()) {
            state.ready.push_back(key);
            drop(state);
            self.0.wake.notify_one();
        }
    }

    /// To be reconciled after a while, whatever happens before.
    pub(crate) fn add_after(&self, key: ObjectKey, span: VirtualSpan) {
        if span == VirtualSpan::ZERO {
            return self.add(key);
        }
        self.state().later.insert((self.0.clock.now() + span, key));
        self.0.wake.notify_one();
    }

    /// To be reconciled again after a failure: each in a row waits longer.
    fn add_failed(&self, key: ObjectKey) {
        let mut state = self.state();
        let seed = self.0.seed;
        let backoff = state
            .failures
            .entry(key.clone())
            .or_insert_with(|| Backoff::new(BackoffPolicy::WORK_ITEM, seed.child(&key.to_string())));
        let wait = backoff.next_wait(self.0.clock.now());
        state.later.insert((self.0.clock.now() + wait, key));
    }

    /// The next key; waits for one.
    async fn next(&self) -> ObjectKey {
        loop {
            let due = {
                let now = self.0.clock.now();
                let mut state = self.state();
                while let Some((at, key)) = state.later.first().filter(|(at, _)| *at <= now).cloned() {
                    state.later.remove(&(at, key.clone()));
                    if state.queued.insert(key.clone()) {
                        state.ready.push_back(key);
                    }
                }
                if let Some(key) = state.ready.pop_front() {
                    state.queued.remove(&key);
                    return key;
                }
                state.later.first().map(|(at, _)| *at)
            };
            let woken = std::pin::pin!(self.0.wake.notified());
            match due {
                None => woken.await,
                Some(at) => {
                    let timer = std::pin::pin!(self.0.clock.sleep_until(at));
                    futures::future::select(woken, timer).await;
                }
            }
        }
    }

    /// Adds what changes in a store, for ever. `keys` says which keys a change concerns.
    pub(crate) async fn follow<K>(
        self,
        mut changes: Changes<K>,
        keys: impl Fn(&ObjectKey, Option<&K>, Option<&K>) -> Vec<ObjectKey>,
    ) {
        loop {
            for change in changes.next().await {
                for key in keys(&change.key, change.before.as_deref(), change.now.as_deref()) {
                    self.add(key);
                }
            }
        }
    }

    /// Reconciles keys for ever. `Ok(Some(span))` asks for another look after a while.
    pub(crate) async fn work<F>(self, reconcile: impl Fn(ObjectKey) -> F)
    where
        F: Future<Output = Outcome>,
    {
        loop {
            let key = self.next().await;
            match reconcile(key.clone()).await {
                Ok(again) => {
                    self.state().failures.remove(&key);
                    if let Some(span) = again {
                        self.add_after(key, span);
                    }
                }
                Err(_) => self.add_failed(key),
            }
        }
    }
}

/// What a reconcile says: done, done for a while, or failed.
pub(crate) type Outcome = Result<Option<VirtualSpan>, winlab_kube_client::Error>;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
    use winlab_kube_client::ObjectKey;

    use super::Queue;

    #[test]
    fn keys_come_once_in_order_and_failures_wait_longer_each_time() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let queue = Queue::new(clock, Seed::new(1));
            for name in ["b", "a", "b"] {
                queue.add(ObjectKey::cluster(name));
            }
            queue.add_after(ObjectKey::cluster("later"), VirtualSpan::from_secs(60));
            let seen = Arc::new(Mutex::new(Vec::new()));
            let log = seen.clone();
            let work = queue.work(|key| {
                let mut seen = log.lock().unwrap();
                seen.push((key.name.clone(), clock.now().as_nanos() / 1_000_000));
                let failed = key.name == "a" && seen.iter().filter(|(name, _)| name == "a").count() < 4;
                let error = || {
                    winlab_kube_client::Error::Api(Box::new(winlab_kube_client::core::Status::failure(
                        "x", "y",
                    )))
                };
                async move { if failed { Err(error()) } else { Ok(None) } }
            });
            let _ = clock.within(VirtualSpan::from_secs(100), work).await;
            let expected = [("b", 0), ("a", 0), ("a", 5), ("a", 15), ("a", 35), ("later", 60_000)]
                .map(|(n, t)| (n.to_owned(), t));
            assert_eq!(*seen.lock().unwrap(), expected);
        });
    }
}
