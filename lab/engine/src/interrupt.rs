//! Somebody's wish that a run ends before its time.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::outbox::Message;

/// Ends a run early. Clones are the same wish; it cannot be taken back.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    raised: bool,
    run: Option<SyncSender<Message>>,
}

impl Interrupt {
    /// Nobody wishes it yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins no further case and gives the running ones up. From any thread.
    pub fn raise(&self) {
        let mut state = self.state();
        state.raised = true;
        if let Some(run) = state.run.take() {
            // A run that is over hears nothing.
            let _ = run.send(Message::Interrupted);
        }
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.state().raised
    }

    /// Tells a run of it, at once if it was raised already.
    pub(crate) fn tell(&self, run: SyncSender<Message>) {
        let mut state = self.state();
        if state.raised {
            let _ = run.send(Message::Interrupted);
        } else {
            state.run = Some(run);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
