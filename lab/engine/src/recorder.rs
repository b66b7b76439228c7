//! The events of one case, in order.
//!
//! Models emit from their own tasks through an `Arc` that outlives any borrow, so events are queued here and handed on by the
//! thread that carries the world.

use std::sync::{Mutex, MutexGuard, PoisonError};

use winlab_clock::{Clock, VirtualInstant};
use winlab_events::{CaseName, Detail, Event, Happening, Place, StepName};

use crate::outbox::Outbox;

/// Queues a case's events, each with the moment and the step it belongs to.
pub(crate) struct Recorder {
    case: CaseName,
    detail: Detail,
    outbox: Outbox,
    state: Mutex<State>,
}

/// What a case is doing, for whoever has to tell why it ends here.
#[derive(Clone, Default)]
pub(crate) struct Doing {
    /// The step.
    pub(crate) step: Option<String>,
    /// Where it is written.
    pub(crate) place: Option<Place>,
    /// What was last told of it.
    pub(crate) last: Option<String>,
}

#[derive(Default)]
struct State {
    /// None before the world begins and after it has ended: time stands still then.
    clock: Option<Clock>,
    last_ns: u64,
    step: Option<StepName>,
    /// When the step began.
    entered_ns: u64,
    doing: Doing,
    queue: Vec<Event>,
    /// Another recorder has taken over: whatever the world still says is lost.
    succeeded: bool,
}

impl Recorder {
    pub(crate) fn new(case: CaseName, detail: Detail, outbox: Outbox) -> Self {
        Self { case, detail, outbox, state: Mutex::default() }
    }

    /// Takes the case out of its world's hands: the new recorder goes on where this one stands. From any thread.
    pub(crate) fn succeed(&self) -> Self {
        let mut before = self.state();
        let mut state = std::mem::take(&mut *before);
        before.succeeded = true;
        // Only the world's own thread can read its clock.
        state.clock = None;
        let (case, detail, outbox) = (self.case.clone(), self.detail, self.outbox.clone());
        Self { case, detail, outbox, state: Mutex::new(state) }
    }

    /// The world's time begins.
    pub(crate) fn start(&self, clock: Clock) {
        self.state().clock = Some(clock);
    }

    /// The world has ended; its last moment stays. Must be called inside the world if it is to be exact.
    pub(crate) fn stop(&self) {
        let state = &mut *self.state();
        if let Some(clock) = state.clock.take() {
            state.last_ns = clock.now().as_nanos();
        }
    }

    /// The world has ended by a panic: its clock cannot be read any more.
    pub(crate) fn abandon(&self) {
        self.state().clock = None;
    }

    /// The moment of the world, in nanoseconds.
    pub(crate) fn now_ns(&self) -> u64 {
        let state = &mut *self.state();
        if let Some(clock) = state.clock {
            state.last_ns = clock.now().as_nanos();
        }
        state.last_ns
    }

    /// Events from now on belong to this step.
    pub(crate) fn enter(&self, step: Option<StepName>) {
        let now = self.now_ns();
        let state = &mut *self.state();
        state.doing = Doing::default();
        state.step = step;
        state.entered_ns = now;
    }

    /// Nanoseconds since the step began.
    pub(crate) fn in_step_ns(&self) -> u64 {
        let now = self.now_ns();
        now.saturating_sub(self.state().entered_ns)
    }

    pub(crate) fn wants_everything(&self) -> bool {
        self.detail == Detail::Everything
    }

    /// One more event of the present step.
    pub(crate) fn emit(&self, what: impl Into<Happening>) {
        let what = what.into();
        let at_ns = self.now_ns();
        let state = &mut *self.state();
        if state.succeeded {
            return;
        }
        state.doing.note(&what);
        state.queue.push(Event {
            at_ns,
            wall: None,
            case: Some(self.case.clone()),
            step: state.step.clone(),
            what,
        });
    }

    /// Hands on what is queued.
    pub(crate) fn flush(&self) {
        let queue = self.take();
        if !queue.is_empty() {
            self.outbox.events(queue);
        }
    }

    /// What is queued.
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.state().queue)
    }

    /// What the case is doing.
    pub(crate) fn doing(&self) -> Doing {
        self.state().doing.clone()
    }

    /// The last moment that is known of the world.
    pub(crate) fn last_moment(&self) -> VirtualInstant {
        VirtualInstant::from_nanos(self.now_ns())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doing {
    fn note(&mut self, what: &Happening) {
        match what {
            Happening::StepStarted(start) => {
                let action = start.action.as_deref().map(|action| format!(": {action}")).unwrap_or_default();
                self.step = Some(format!("{}/{}{action}", start.number, start.of));
                self.place = Some(start.place.clone());
            }
            Happening::ActionDone(done) => {
                self.last = Some(format!("{} {} was done", done.action, done.detail))
            }
            Happening::CheckSatisfied(check) => {
                self.last = Some(format!("{} {} holds", check.kind, check.target));
            }
            Happening::BoundaryCall(call) => self.last = Some(format!("{} on {}", call.call, call.host)),
            Happening::ComponentLog(log) => self.last = Some(format!("{}: {}", log.component, log.message)),
            _ => {}
        }
    }
}
