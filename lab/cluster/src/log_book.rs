//! What components wrote, newest kept.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{Clock, VirtualInstant};
use winlab_component::{Level, LogSink};
use winlab_document::{Document, doc};

use crate::observer::LabObserver;

/// Lines kept per component.
const KEPT: usize = 2048;

/// The logs of all components.
pub(crate) struct LogBook {
    clock: Clock,
    observer: Arc<dyn LabObserver>,
    lines: Mutex<BTreeMap<(String, String), VecDeque<Line>>>,
}

struct Line {
    at: VirtualInstant,
    level: Level,
    text: String,
}

impl LogBook {
    pub(crate) fn new(clock: Clock, observer: Arc<dyn LabObserver>) -> Self {
        Self { clock, observer, lines: Mutex::default() }
    }

    /// Whoever has written a line: node and component.
    pub(crate) fn components(&self) -> Vec<(String, String)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// One component's lines as documents, oldest first.
    pub(crate) fn of(&self, node: &str, component: &str) -> Vec<Document> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let of = lines.get(&(node.to_owned(), component.to_owned()));
        let document = |line: &Line| doc!({"at_ns": line.at.as_nanos(), "level": (format!("{:?}", line.level).to_lowercase()), "line": line.text.as_str()});
        of.into_iter().flatten().map(document).collect()
    }
}

impl LogSink for LogBook {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn line(&self, node: &str, component: &str, level: Level, text: &str) {
        if self.observer.wants_everything() {
            self.observer.log(node, component, level, text);
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let of = lines.entry((node.to_owned(), component.to_owned())).or_default();
        if of.len() == KEPT {
            of.pop_front();
        }
        of.push_back(Line { at: self.clock.now(), level, text: text.to_owned() });
    }
}
