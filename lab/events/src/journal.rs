//! The journal: every event as a line of JSON.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use crate::{Event, Sink};

/// Writes every event as one line of JSON into a writer it is given.
///
/// [`Journal::new`] leaves real time out: two runs with the same seed write the same bytes, given that the events come in the
/// same order ([`crate::InOrder`]). [`Journal::with_wall`] keeps it.
pub struct Journal<W> {
    keep_wall: bool,
    state: Mutex<State<W>>,
}

struct State<W> {
    writer: W,
    /// The first error; after it nothing more is written, as a journal with a gap is worse than a short one.
    error: Option<io::Error>,
}

impl<W: Write + Send> Journal<W> {
    /// A journal without real time.
    pub fn new(writer: W) -> Self {
        Self { keep_wall: false, state: Mutex::new(State { writer, error: None }) }
    }

    /// A journal that keeps the events' real time.
    pub fn with_wall(writer: W) -> Self {
        Self { keep_wall: true, ..Self::new(writer) }
    }

    /// Flushes, and gives the writer back.
    ///
    /// # Errors
    /// The first error any write met.
    pub fn finish(self) -> io::Result<W> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.error {
            Some(error) => Err(error),
            None => state.writer.flush().map(|()| state.writer),
        }
    }
}

impl<W: Write + Send> Sink for Journal<W> {
    fn emit(&self, event: &Event) {
        let mut line = if self.keep_wall || event.wall.is_none() {
            event.to_line()
        } else {
            event.without_wall().to_line()
        };
        line.push('\n');
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.error.is_none() {
            state.error = state.writer.write_all(line.as_bytes()).err();
        }
    }
}
