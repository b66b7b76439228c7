//! The way from the worlds' threads to the one that watches over them.

use std::sync::mpsc::SyncSender;

use winlab_events::Event;

use crate::job::CaseResult;

/// What the watching thread hears; cases are named by their place among the jobs.
pub(crate) enum Message {
    /// Events of a case, in order.
    Events(usize, Vec<Event>),
    /// A case has come to its end, or was skipped; no event of it follows.
    Ended(usize, Option<CaseResult>),
    /// Somebody wants the run to end.
    Interrupted,
}

/// One case's way. When nobody listens any more, the case was left behind, and what it says is lost.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) case: usize,
    pub(crate) to: SyncSender<Message>,
}

impl Outbox {
    pub(crate) fn events(&self, events: Vec<Event>) {
        let _ = self.to.send(Message::Events(self.case, events));
    }

    pub(crate) fn ended(&self, result: Option<CaseResult>) {
        let _ = self.to.send(Message::Ended(self.case, result));
    }
}
