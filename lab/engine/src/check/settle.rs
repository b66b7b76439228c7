//! Waiting for what a step expects, and holding it.

use winlab_clock::{Pace, VirtualInstant, VirtualSpan};
use winlab_events::{CheckKind, CheckSatisfied, FailureReason};
use winlab_scenario::{CheckMode, Span, Step};

use super::{Watch, target_text};
use crate::failure::{Failure, Unmet};
use crate::flow::is_not_asked;
use crate::job::Mode;
use crate::world::World;

/// After so long without anything but renewals nothing will happen any more: the longest back-off is that of a controller's
/// work queue, 1000 s (client-go `util/workqueue/default_rate_limiters.go`); a DaemonSet's failed pods wait 15 minutes, a job's
/// ten, containers and images five. With a margin for jitter.
pub const LONGEST_RETRY: VirtualSpan = VirtualSpan::from_secs(1030);

/// The first wait between two looks, and the longest.
const FIRST: VirtualSpan = VirtualSpan::from_millis(100);
const LONGEST: VirtualSpan = VirtualSpan::from_secs(1);

/// A check that holds, for its event.
struct Held {
    kind: CheckKind,
    target: String,
    span: Span,
}

impl World<'_> {
    /// Waits until all that the step expects is so, then holds it as long as the step says.
    pub(crate) async fn settle(&self, step: &Step, watch: &mut Watch<'_>) -> Vec<Failure> {
        let start = self.now();
        let deadline = start + step.within.value;
        let mut pause = FIRST;
        loop {
            let unmet = self.unmet(step, watch.began()).await;
            self.look_out(watch).await;
            if unmet.is_empty() {
                break;
            }
            if watch.is_broken() || !self.goes_on() {
                return Vec::new();
            }
            let reason = if self.now() >= deadline {
                FailureReason::Timeout
            } else if self.clock.pace() == Pace::Virtual
                && is_at_rest(self.lab.last_activity(), start, self.now())
            {
                FailureReason::AtRest
            } else {
                self.clock.sleep(pause.min(deadline.since(self.now()))).await;
                pause = (pause * 3 / 2).min(LONGEST);
                continue;
            };
            let failures = self.failures(step, unmet, reason);
            if failures.is_empty() {
                break;
            }
            return failures;
        }
        self.hold(step, watch).await
    }

    async fn hold(&self, step: &Step, watch: &mut Watch<'_>) -> Vec<Failure> {
        let settled = self.now();
        let end = settled + step.hold.as_ref().map(|hold| hold.value).unwrap_or_default();
        while self.now() < end && self.goes_on() && !watch.is_broken() {
            self.clock.sleep(LONGEST.min(end.since(self.now()))).await;
            let unmet = self.unmet(step, watch.began()).await;
            self.look_out(watch).await;
            let failures = self.failures(step, unmet, FailureReason::Violated);
            if !failures.is_empty() {
                return failures;
            }
        }
        let after_ns = settled.since(watch.began()).as_nanos();
        for Held { kind, target, span } in self.held(step) {
            let place = Some(self.place(span));
            self.recorder.emit(CheckSatisfied { kind, target, after_ns, place });
        }
        Vec::new()
    }

    /// What of the step's expectations, probes and flows is not so now. Flows are asked once all else is so: until then their
    /// answers say little.
    async fn unmet(&self, step: &Step, began: VirtualInstant) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        for check in step.checks.iter().filter(|check| check.mode == CheckMode::Expect) {
            unmet.extend(self.holds(check, began).await.err().map(|unmet| *unmet));
        }
        if !unmet.is_empty() {
            return unmet;
        }
        for probe in &step.probes {
            unmet.extend(self.probe(probe).await.err().map(|unmet| *unmet));
        }
        if let Some(table) = &step.reach {
            unmet.extend(self.reach(table, self.blesses(step)).await);
        }
        unmet
    }

    /// What has been given up. A cell of a reach table that is to be rewritten is no failure.
    fn failures(&self, step: &Step, unmet: Vec<Unmet>, reason: FailureReason) -> Vec<Failure> {
        let bless = self.blesses(step);
        let fails = |unmet: &Unmet| !(bless && unmet.kind == CheckKind::Reach);
        unmet.into_iter().filter(fails).map(|unmet| Failure::Check(unmet, reason)).collect()
    }

    /// Whether the step's reach table is to be rewritten: not where it is known to be wrong.
    fn blesses(&self, step: &Step) -> bool {
        let known = || self.job.case.known.iter().any(|known| known.step == step.name.value);
        self.mode == Mode::Bless && !known()
    }

    fn held(&self, step: &Step) -> Vec<Held> {
        let mut held = Vec::new();
        for check in step.checks.iter().filter(|check| check.mode == CheckMode::Expect) {
            let target = target_text(check, self.sources());
            held.push(Held { kind: CheckKind::Expect, target, span: check.span });
        }
        for probe in &step.probes {
            let target = self.flow_text(&probe.from, &probe.to);
            held.push(Held { kind: CheckKind::Probe, target, span: probe.span });
        }
        for (from, cells) in step.reach.iter().flat_map(|table| &table.rows) {
            let columns = step.reach.iter().flat_map(|table| &table.columns);
            for (to, cell) in columns.zip(cells).filter(|(_, cell)| !is_not_asked(cell)) {
                let target = self.flow_text(from, to);
                held.push(Held { kind: CheckKind::Reach, target, span: cell.span });
            }
        }
        held
    }
}

/// Whether a virtual world has been at rest since before anything could still come of the step.
fn is_at_rest(last: VirtualInstant, start: VirtualInstant, now: VirtualInstant) -> bool {
    now.since(last.max(start)) > LONGEST_RETRY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_is_counted_from_the_last_thing_that_happened() {
        let at = |secs| VirtualInstant::START + VirtualSpan::from_secs(secs);
        assert!(!is_at_rest(at(0), at(100), at(1130)), "the step's own action counts");
        assert!(is_at_rest(at(0), at(100), at(1131)));
        assert!(!is_at_rest(at(200), at(100), at(1131)), "so does what happened since");
    }
}
