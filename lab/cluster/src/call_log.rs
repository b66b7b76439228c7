//! The calls that crossed a node's boundary, newest kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::VirtualInstant;
use winlab_document::{Document, doc};
use winlab_host::{JournalEntry, JournalSink};

use crate::activity::Activity;
use crate::observer::LabObserver;

/// Older calls are forgotten: evidence and checks look at a step's worth.
const KEPT: usize = 8192;

/// One node's calls.
pub(crate) struct CallLog {
    node: String,
    activity: Activity,
    observer: Arc<dyn LabObserver>,
    entries: Mutex<VecDeque<JournalEntry>>,
}

impl CallLog {
    pub(crate) fn new(node: &str, activity: Activity, observer: Arc<dyn LabObserver>) -> Self {
        Self { node: node.to_owned(), activity, observer, entries: Mutex::default() }
    }

    /// The newest calls, oldest first.
    pub(crate) fn recent(&self, count: usize) -> Vec<JournalEntry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().skip(entries.len().saturating_sub(count)).cloned().collect()
    }

    /// The calls of a service answered since a moment, as documents.
    pub(crate) fn since(&self, service: &str, since: VirtualInstant) -> Vec<Document> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = entries.iter().filter(|entry| entry.service == service && entry.answered >= since);
        wanted.map(document).collect()
    }
}

fn document(entry: &JournalEntry) -> Document {
    let (result, error) = match &entry.outcome {
        Ok(result) => (result.clone(), Document::Null),
        Err(text) => (Document::Null, Document::from(text)),
    };
    doc!({
        "service": entry.service,
        "function": entry.function,
        "arguments": entry.arguments.clone(),
        "result": result,
        "error": error,
        "at_ns": entry.answered.as_nanos()
    })
}

impl JournalSink for CallLog {
    fn record(&self, entry: JournalEntry) {
        self.activity.note_call(&entry);
        if self.observer.wants_everything() {
            self.observer.boundary_call(&self.node, &entry);
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}
