//! What happens by itself later.

use std::collections::BTreeMap;

use winlab_clock::VirtualInstant;

/// A thing to do at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The service manager starts a failed unit again; void if the unit was started or stopped meanwhile.
    Restart { unit: String, attempt: u64 },
    /// A process ends by itself; void if it has ended already.
    Exit { container: String, pid: u32, code: i32 },
}

/// Timers by time, then in the order in which they were set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<(VirtualInstant, u64), Timer>,
    set: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, at: VirtualInstant, timer: Timer) {
        self.set += 1;
        self.queue.insert((at, self.set), timer);
    }

    pub(crate) fn next(&self) -> Option<VirtualInstant> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// Takes the first one that is due.
    pub(crate) fn due(&mut self, now: VirtualInstant) -> Option<(VirtualInstant, Timer)> {
        let entry = self.queue.first_entry().filter(|entry| entry.key().0 <= now)?;
        let at = entry.key().0;
        Some((at, entry.remove()))
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }
}
