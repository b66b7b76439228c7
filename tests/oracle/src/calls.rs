//! What was asked of a host.

use std::sync::{Arc, Mutex, PoisonError};

use winlab_host::{JournalEntry, JournalSink};

use crate::canonical::canonical;

/// The calls of one host, as text. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    /// Those since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl JournalSink for Calls {
    fn record(&self, entry: JournalEntry) {
        let line = format!("{} {}", entry.function, canonical(&entry.arguments));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}
