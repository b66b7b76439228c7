//! The watch cache: the newest events of one kind.

use std::collections::VecDeque;
use std::sync::Arc;

use super::object::Event;
use crate::config::HistoryLimits;

/// So many events keep text and decoded form for watches that are a little behind.
const WARM: usize = 256;

#[derive(Debug)]
pub(crate) struct History {
    limits: HistoryLimits,
    events: VecDeque<Arc<Event>>,
    /// A watch from this revision or a newer one misses nothing.
    complete_from: u64,
}

impl History {
    pub(crate) fn new(limits: HistoryLimits) -> Self {
        Self { limits, events: VecDeque::new(), complete_from: 0 }
    }

    pub(crate) fn push(&mut self, event: Arc<Event>) {
        let now = event.at;
        self.events.push_back(event);
        if let Some(cooled) = self.events.len().checked_sub(WARM + 1) {
            self.events[cooled].object.cool();
        }
        while let Some(oldest) = self.events.front() {
            let stale = now.since(oldest.at) > self.limits.fresh && self.events.len() > self.limits.least;
            if !stale && self.events.len() <= self.limits.most {
                break;
            }
            self.complete_from = oldest.revision;
            self.events.pop_front();
        }
    }

    /// The events after `revision`.
    ///
    /// # Errors
    /// The oldest revision that could be asked for, if that one is older.
    pub(crate) fn since(&self, revision: u64) -> Result<impl Iterator<Item = &Arc<Event>>, u64> {
        if revision < self.complete_from {
            return Err(self.complete_from);
        }
        let first = self.events.partition_point(|event| event.revision <= revision);
        Ok(self.events.range(first..))
    }

    /// Forgets everything, as after a compaction: older watches get 410.
    pub(crate) fn forget(&mut self, revision: u64) {
        self.events.clear();
        self.complete_from = revision;
    }
}
