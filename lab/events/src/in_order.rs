//! Cases run side by side; readers want them one after the other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::{CaseName, Detail, Event, Happening, Sink};

/// A sink that hands the events of cases on in the order in which `run-started` plans the cases.
///
/// The first case that has not ended is handed on as it happens; events of later ones wait until it has. A case ends with
/// `case-finished` or `case-skipped`. Events of the run as a whole pass at once, except `run-finished`, which first lets out what
/// still waits (cases that an interrupted run never ended), in planned order. A case that was not planned comes after the
/// planned ones, in the order of names.
pub struct InOrder<S> {
    next: S,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    planned: Vec<CaseName>,
    /// How many of `planned` have ended and been handed on.
    done: usize,
    waiting: BTreeMap<CaseName, Waiting>,
}

#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    ended: bool,
}

impl<S: Sink> InOrder<S> {
    /// Hands on to `next`.
    pub fn new(next: S) -> Self {
        Self { next, state: Mutex::new(State::default()) }
    }

    /// The sink behind.
    pub fn into_inner(self) -> S {
        self.next
    }

    fn of_case(&self, state: &mut State, case: &CaseName, event: &Event) {
        let ends = matches!(event.what, Happening::CaseFinished(_) | Happening::CaseSkipped(_));
        if state.planned.get(state.done) != Some(case) {
            let waiting = state.waiting.entry(case.clone()).or_default();
            waiting.events.push(event.clone());
            waiting.ended |= ends;
            return;
        }
        self.next.emit(event);
        if ends {
            state.done += 1;
            self.let_out_next(state);
        }
    }

    /// The next case's turn has come: what it has so far goes out, and so on while cases have ended already.
    fn let_out_next(&self, state: &mut State) {
        while let Some(waiting) = state.planned.get(state.done).and_then(|case| state.waiting.remove(case)) {
            waiting.events.iter().for_each(|event| self.next.emit(event));
            if !waiting.ended {
                return;
            }
            state.done += 1;
        }
    }

    fn let_out_all(&self, state: &mut State) {
        for case in &state.planned {
            if let Some(waiting) = state.waiting.remove(case) {
                waiting.events.iter().for_each(|event| self.next.emit(event));
            }
        }
        for waiting in std::mem::take(&mut state.waiting).into_values() {
            waiting.events.iter().for_each(|event| self.next.emit(event));
        }
    }
}

impl<S: Sink> Sink for InOrder<S> {
    fn emit(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(case) = &event.case {
            return self.of_case(&mut state, case, event);
        }
        match &event.what {
            Happening::RunStarted(run) => {
                state.planned = run.cases.iter().map(|case| case.name.clone()).collect();
                state.done = 0;
            }
            Happening::RunFinished(_) => self.let_out_all(&mut state),
            _ => {}
        }
        self.next.emit(event);
    }

    fn detail(&self) -> Detail {
        self.next.detail()
    }
}

#[cfg(test)]
#[path = "in_order_tests.rs"]
mod tests;
