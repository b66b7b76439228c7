//! The events of one case, in order.
//!
//! Models emit from their own tasks through an `Arc` that outlives any borrow, so events are queued here and handed to the
//! run's sink by the thread that carries the world.

use std::sync::{Mutex, MutexGuard, PoisonError};

use winlab_clock::Clock;
use winlab_events::{CaseName, Detail, Event, Happening, Sink, StepName};

/// Queues a case's events, each with the moment and the step it belongs to.
pub(crate) struct Recorder {
    case: CaseName,
    detail: Detail,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// None before the world begins and after it has ended: time stands still then.
    clock: Option<Clock>,
    last_ns: u64,
    step: Option<StepName>,
    /// When the step began.
    entered_ns: u64,
    queue: Vec<Event>,
}

impl Recorder {
    pub(crate) fn new(case: CaseName, detail: Detail) -> Self {
        Self { case, detail, state: Mutex::default() }
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
        state.queue.push(Event {
            at_ns,
            wall: None,
            case: Some(self.case.clone()),
            step: state.step.clone(),
            what,
        });
    }

    /// Hands on what is queued.
    pub(crate) fn flush(&self, sink: &dyn Sink) {
        let queue = std::mem::take(&mut self.state().queue);
        queue.iter().for_each(|event| sink.emit(event));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
