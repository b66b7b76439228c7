//! The last lines of a log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use winlab_component::{Level, LogSink};

/// As many as help.
const KEPT: usize = 40;

/// The last lines of a log.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<VecDeque<String>>);

impl LogSink for Lines {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn line(&self, _node: &str, _component: &str, _level: Level, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(text.to_owned());
        if lines.len() > KEPT {
            lines.pop_front();
        }
    }
}

impl Lines {
    /// One below the other.
    pub(crate) fn tail(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().fold(String::new(), |all, line| all + line + "\n")
    }
}
