//! Waits per item, as `k8s.io/client-go/util/flowcontrol` `Backoff` counts them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use winlab_clock::{Clock, VirtualInstant, VirtualSpan};

/// Back-off of containers that crash and of images that cannot be pulled: 10 s, doubling up to 5 min, forgotten after
/// 10 min without an attempt.
#[derive(Debug)]
pub(crate) struct ItemBackoff {
    clock: Clock,
    entries: Mutex<BTreeMap<String, Entry>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    wait: VirtualSpan,
    updated: VirtualInstant,
}

const FIRST: VirtualSpan = VirtualSpan::from_secs(10);
const MOST: VirtualSpan = VirtualSpan::from_secs(300);

impl ItemBackoff {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, entries: Mutex::default() }
    }

    /// The item's wait as it stands.
    pub(crate) fn get(&self, item: &str) -> VirtualSpan {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(item).map_or(VirtualSpan::ZERO, |entry| entry.wait)
    }

    /// One more attempt, after something that happened at `event`: the next wait is longer.
    pub(crate) fn next(&self, item: &str, event: VirtualInstant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let wait = match entries.get(item) {
            Some(entry) if !expired(event, *entry) => (entry.wait * 2).min(MOST),
            _ => FIRST,
        };
        entries.insert(item.to_owned(), Entry { wait, updated: now });
    }

    /// How much of the wait since `event` is left; none if it is over.
    pub(crate) fn left_since(&self, item: &str, event: VirtualInstant) -> Option<VirtualSpan> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(item).filter(|entry| !expired(event, **entry))?;
        let end = event + entry.wait;
        let now = self.clock.now();
        (now < end).then(|| end.since(now))
    }

    /// How much of the wait since the last attempt is left; none if it is over.
    pub(crate) fn left_since_update(&self, item: &str) -> Option<VirtualSpan> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let entry = entries.get(item).filter(|entry| !expired(now, **entry))?;
        let end = entry.updated + entry.wait;
        (now < end).then(|| end.since(now))
    }

    /// Forgets items whose key begins so.
    pub(crate) fn forget(&self, prefix: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|item, _| !item.starts_with(prefix));
    }
}

fn expired(event: VirtualInstant, entry: Entry) -> bool {
    event.since(entry.updated) > MOST * 2
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Clock, VirtualSpan, virtual_world};

    use super::ItemBackoff;

    #[test]
    fn waits_double_up_to_five_minutes_and_are_forgotten_after_ten() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let backoff = ItemBackoff::new(clock);
            assert_eq!(backoff.left_since_update("a"), None);
            let mut waits = Vec::new();
            for _ in 0..7 {
                backoff.next("a", clock.now());
                waits.push(backoff.get("a").as_secs());
                clock.sleep(backoff.get("a")).await;
            }
            assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
            assert_eq!(backoff.left_since_update("a"), None);
            clock.sleep(VirtualSpan::from_secs(601)).await;
            backoff.next("a", clock.now());
            assert_eq!(backoff.get("a").as_secs(), 10);
            assert_eq!(backoff.left_since("a", clock.now()), Some(VirtualSpan::from_secs(10)));
        });
    }
}
