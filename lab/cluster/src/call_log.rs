//! The calls that crossed a node's boundary, newest kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::VirtualInstant;
use winlab_document::{Document, doc};
use winlab_host::{JournalEntry, JournalSink};

use crate::activity::Activity;
use crate::observer::LabObserver;

/// So many bytes of calls are kept in a lab, shared out equally between its nodes, but never more than this of one node:
/// evidence and checks look at a step's worth.
const KEPT_BYTES: usize = 64 << 20;
const MOST_BYTES: usize = 4 << 20;

/// One node's calls.
pub(crate) struct CallLog {
    node: String,
    activity: Activity,
    observer: Arc<dyn LabObserver>,
    /// How many bytes are kept.
    room: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Each with its size in bytes.
    entries: VecDeque<(JournalEntry, usize)>,
    bytes: usize,
    /// When the newest call was answered that is no longer kept.
    forgotten: Option<VirtualInstant>,
}

impl CallLog {
    /// The log of one of so many nodes.
    pub(crate) fn new(node: &str, nodes: usize, activity: Activity, observer: Arc<dyn LabObserver>) -> Self {
        let room = (KEPT_BYTES / nodes.max(1)).min(MOST_BYTES);
        Self { node: node.to_owned(), activity, observer, room, kept: Mutex::default() }
    }

    /// The newest calls, oldest first.
    pub(crate) fn recent(&self, count: usize) -> Vec<JournalEntry> {
        let entries = &self.kept().entries;
        entries.iter().skip(entries.len().saturating_sub(count)).map(|(entry, _)| entry.clone()).collect()
    }

    /// The calls of a service answered since a moment, as documents.
    pub(crate) fn since(&self, service: &str, since: VirtualInstant) -> Calls {
        let kept = self.kept();
        let wanted = kept.entries.iter().map(|(entry, _)| entry);
        let wanted = wanted.filter(|entry| entry.service == service && entry.answered >= since);
        Calls {
            documents: wanted.map(document).collect(),
            forgotten: kept.forgotten.filter(|forgotten| *forgotten >= since),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls that were looked for.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Those that are kept, oldest first.
    pub documents: Vec<Document>,
    /// Up to this moment calls of the node may be missing: they were too many to keep.
    pub forgotten: Option<VirtualInstant>,
}

impl Kept {
    fn add(&mut self, entry: JournalEntry, room: usize) {
        let size = footprint(&entry);
        self.entries.push_back((entry, size));
        self.bytes += size;
        // The newest one stays, however large it is.
        while self.bytes > room && self.entries.len() > 1 {
            if let Some((entry, size)) = self.entries.pop_front() {
                self.bytes -= size;
                self.forgotten = Some(entry.answered);
            }
        }
    }
}

/// About how many bytes of memory an entry takes.
fn footprint(entry: &JournalEntry) -> usize {
    let outcome = match &entry.outcome {
        Ok(result) => held(result),
        Err(text) => text.len(),
    };
    size_of::<(JournalEntry, usize)>() + held(&entry.arguments) + outcome
}

/// What a document holds beside itself; what it shares with others is counted as its own.
fn held(document: &Document) -> usize {
    /// The two counts before the text or items of an `Arc`.
    const COUNTS: usize = 2 * size_of::<usize>();
    match document {
        Document::Null | Document::Bool(_) | Document::Number(_) => 0,
        Document::String(text) => COUNTS + text.len(),
        Document::Array(items) => COUNTS + size_of_val(&**items) + items.iter().map(held).sum::<usize>(),
        Document::Object(members) => {
            let values = members.iter().map(|(_, value)| held(value));
            COUNTS + size_of_val(&**members) + values.sum::<usize>()
        }
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
        self.kept().add(entry, self.room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: u64, text: &str) -> JournalEntry {
        let at = VirtualInstant::from_nanos(at);
        let (arguments, outcome) = (Document::Null, Ok(Document::from(text)));
        JournalEntry { service: "hns", function: "f", arguments, outcome, asked: at, answered: at }
    }

    #[test]
    fn the_oldest_calls_go_when_there_is_no_room_left_and_that_is_known() {
        let large = "x".repeat(1000);
        let room = 3 * footprint(&entry(0, &large));
        let mut kept = Kept::default();
        for at in 1..=5 {
            kept.add(entry(at, &large), room);
        }
        let at: Vec<u64> = kept.entries.iter().map(|(entry, _)| entry.answered.as_nanos()).collect();
        assert_eq!((at, kept.forgotten.map(VirtualInstant::as_nanos)), (vec![3, 4, 5], Some(2)));
        kept.add(entry(6, &large.repeat(100)), room);
        assert_eq!(kept.entries.len(), 1, "the newest one stays");
        kept.add(entry(7, ""), room);
        assert_eq!((kept.entries.len(), kept.bytes), (1, footprint(&entry(7, ""))));
    }
}
