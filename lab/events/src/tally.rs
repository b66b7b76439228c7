//! Adds a run up.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::{Detail, Event, Happening, Name, RunFinished, Sink, Summary, UnmodelledCount};

/// A sink that counts how cases end and what was not modelled, for whoever has to emit `run-finished`.
#[derive(Default)]
pub struct Tally {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    summary: Summary,
    virtual_ns: u64,
    unmodelled: BTreeMap<(Name, Name), u64>,
    need_absent: bool,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The run's last event, of a run that planned so many cases. What did not end counts as not finished.
    pub fn finished(&self, planned: usize, seed: &str, rerun: &str) -> RunFinished {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut summary = state.summary;
        let planned = u32::try_from(planned).unwrap_or(u32::MAX);
        let ended = summary.total() - summary.not_finished;
        summary.not_finished = planned.saturating_sub(ended);
        let unmodelled = state.unmodelled.iter().map(|((service, what), count)| UnmodelledCount {
            service: service.clone(),
            what: what.clone(),
            count: *count,
        });
        RunFinished {
            summary,
            virtual_ns: state.virtual_ns,
            seed: seed.to_owned(),
            rerun: rerun.to_owned(),
            unmodelled: unmodelled.collect(),
        }
    }

    /// Whether a case was skipped because the machine lacks what it needs.
    pub fn need_absent(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).need_absent
    }
}

impl Sink for Tally {
    fn emit(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &event.what {
            Happening::CaseFinished(end) => {
                state.summary.count(end.outcome);
                state.virtual_ns = state.virtual_ns.saturating_add(end.virtual_ns);
            }
            Happening::CaseSkipped(skip) => {
                state.summary.skipped += 1;
                if skip.need.is_some() {
                    state.need_absent = true;
                }
            }
            Happening::Unmodelled(call) => {
                *state.unmodelled.entry((call.service.clone(), call.what.clone())).or_default() += 1;
            }
            _ => {}
        }
    }

    fn detail(&self) -> Detail {
        Detail::Outcomes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaseFinished, CaseSkipped, Outcome, Unmodelled};

    #[test]
    fn what_did_not_end_is_counted_as_such() {
        let tally = Tally::new();
        let end = |outcome| CaseFinished { outcome, virtual_ns: 5, seed: "1".into(), rerun: String::new() };
        let unmodelled = Unmodelled { host: None, service: "hns".into(), what: "HcnQuerySdnRoute".into() };
        tally.emit(&Event::of_case(5, "a".into(), unmodelled.clone()));
        tally.emit(&Event::of_case(5, "b".into(), unmodelled));
        tally.emit(&Event::of_case(5, "a".into(), end(Outcome::Passed)));
        tally.emit(&Event::of_case(5, "b".into(), end(Outcome::NotFinished)));
        let skip = CaseSkipped { reason: "no wine".into(), need: None };
        tally.emit(&Event::of_case(0, "c".into(), skip));
        assert!(!tally.need_absent());
        let skip = CaseSkipped { reason: "no wine".into(), need: Some("wine".into()) };
        tally.emit(&Event::of_case(0, "d".into(), skip));
        assert!(tally.need_absent());

        let end = tally.finished(6, "1", "again");
        assert_eq!(end.summary, Summary { passed: 1, skipped: 2, not_finished: 3, ..Summary::default() });
        assert_eq!(end.summary.total(), 6);
        assert_eq!(end.virtual_ns, 10);
        assert_eq!(end.unmodelled[0].count, 2);
    }
}
