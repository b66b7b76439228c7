//! `always` and `never`: looked at from the step's begin to its end.

use winlab_clock::VirtualInstant;
use winlab_events::{CheckKind, CheckSatisfied, FailureReason};
use winlab_scenario::{Check, CheckMode, Step};

use super::target_text;
use crate::failure::{Failure, Unmet};
use crate::world::World;

/// The checks of a step that are looked at all the time, and what was seen.
pub(crate) struct Watch<'s> {
    began: VirtualInstant,
    checks: Vec<Watched<'s>>,
}

struct Watched<'s> {
    check: &'s Check,
    broken: Option<Box<Unmet>>,
}

impl<'s> Watch<'s> {
    pub(crate) fn new(step: &'s Step, began: VirtualInstant) -> Self {
        let watched = |mode| matches!(mode, CheckMode::Always | CheckMode::Never);
        let checks = step.checks.iter().filter(|check| watched(check.mode));
        Self { began, checks: checks.map(|check| Watched { check, broken: None }).collect() }
    }

    /// When the step began.
    pub(crate) fn began(&self) -> VirtualInstant {
        self.began
    }

    /// Whether something that must hold was seen broken.
    pub(crate) fn is_broken(&self) -> bool {
        self.checks.iter().any(|watched| watched.broken.is_some())
    }
}

impl World<'_> {
    /// Looks at what must hold; what is once broken stays so.
    pub(crate) async fn look_out(&self, watch: &mut Watch<'_>) {
        let began = watch.began;
        for watched in watch.checks.iter_mut().filter(|watched| watched.broken.is_none()) {
            let held = match watched.check.mode {
                CheckMode::Never => self.forbidden(watched.check, began).await,
                _ => self.holds(watched.check, began).await,
            };
            watched.broken = held.err();
        }
    }

    /// The step is over: what was broken, and an event for each check that held to the end.
    pub(crate) fn end_watch(&self, watch: Watch<'_>) -> Vec<Failure> {
        let mut failures = Vec::new();
        for Watched { check, broken } in watch.checks {
            match broken {
                Some(unmet) => failures.push(Failure::Check(*unmet, FailureReason::Violated)),
                None => self.recorder.emit(CheckSatisfied {
                    kind: match check.mode {
                        CheckMode::Never => CheckKind::Never,
                        _ => CheckKind::Always,
                    },
                    target: target_text(check, self.sources()),
                    after_ns: self.now().since(watch.began).as_nanos(),
                    place: Some(self.place(check.span)),
                }),
            }
        }
        failures
    }
}
