//! A store that follows a watch.

use std::future::Future;

use futures::StreamExt;
use kube::Api;
use winlab_clock::{Clock, Seed};

use crate::{Object, Store, WatchConfig, watch};

/// A store and what keeps it up to date: spawn the future, or race it with the component's own work; it never ends.
pub fn reflect<K: Object>(
    api: Api<K>,
    config: WatchConfig,
    clock: Clock,
    seed: Seed,
) -> (Store<K>, impl Future<Output = ()> + Send + 'static) {
    let store = Store::new();
    let follower = store.clone();
    let drive = async move {
        let mut events = std::pin::pin!(watch(api, config, clock, seed));
        while let Some(event) = events.next().await {
            follower.apply(&event);
        }
    };
    (store, drive)
}
