//! One step: what it does, what must hold meanwhile and afterwards.

use std::pin::pin;

use futures::future::{Either, FutureExt, LocalBoxFuture, join_all, select};
use winlab_clock::VirtualSpan;
use winlab_events::{ActionOutcome, Happening, KnownFailure, Outcome, StepFinished, StepStarted};
use winlab_scenario::{Action, Spanned, Step};

use crate::action::describe;
use crate::check::Watch;
use crate::failure::{ActionError, Failure};
use crate::world::World;

/// How often `always` and `never` are looked at while an action takes its time.
const TICK: VirtualSpan = VirtualSpan::from_millis(200);

impl World<'_> {
    /// Runs a step and says how it ended.
    pub(crate) async fn step(&self, step: &Step, number: usize, of: usize) -> Outcome {
        let began = self.now();
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.recorder.enter(Some(step.name.value.as_str().into()));
        self.recorder.emit(StepStarted {
            number: small(number),
            of: small(of),
            action: step.action.as_ref().map(|action| describe(action)),
            place: self.place(step.name.span),
        });
        self.recorder.flush();
        let failures = self.body(step).await;
        self.tell(&failures, &step.on_fail).await;
        let outcome = self.judge_known(step, !failures.is_empty());
        self.recorder.emit(StepFinished { outcome, virtual_ns: self.now().since(began).as_nanos() });
        self.recorder.enter(None);
        self.recorder.flush();
        outcome
    }

    /// Strict both ways: a step that is known to fail must fail.
    fn judge_known(&self, step: &Step, failed: bool) -> Outcome {
        let known = self.job.case.known.iter().find(|known| known.step == step.name.value);
        let Some(known) = known else {
            return if failed { Outcome::Failed } else { Outcome::Passed };
        };
        self.recorder.emit(KnownFailure {
            reason: known.reason.clone(),
            failed_as_expected: failed,
            place: self.place(known.span),
        });
        if failed { Outcome::KnownFailure } else { Outcome::UnexpectedPass }
    }

    /// What a step does and asks, without the events around it. Steps of a `use` are bodies within a body.
    fn body<'s>(&'s self, step: &'s Step) -> LocalBoxFuture<'s, Vec<Failure>> {
        async move {
            let mut watch = Watch::new(step, self.now());
            self.look_out(&mut watch).await;
            let mut failures = self.act(step, &mut watch).await;
            if failures.is_empty() && self.goes_on() {
                failures = self.settle(step, &mut watch).await;
            }
            failures.extend(self.end_watch(watch));
            failures
        }
        .boxed_local()
    }

    /// The step's action and what overlaps with it; `always` and `never` are looked at meanwhile.
    async fn act(&self, step: &Step, watch: &mut Watch<'_>) -> Vec<Failure> {
        let mut actions: Vec<LocalBoxFuture<'_, Vec<Failure>>> = Vec::new();
        if let Some(action) = &step.action {
            actions.push(self.own_action(step, action).boxed_local());
        }
        for during in &step.during {
            let overlapping = async {
                self.clock.sleep(during.after).await;
                self.one_action(&during.action, step.within.value).await
            };
            actions.push(overlapping.boxed_local());
        }
        let mut work = join_all(actions);
        loop {
            let tick = pin!(self.clock.sleep(TICK));
            match select(&mut work, tick).await {
                Either::Left((failures, _)) => return failures.into_iter().flatten().collect(),
                Either::Right(_) => self.look_out(watch).await,
            }
            if !self.goes_on() {
                return Vec::new();
            }
        }
    }

    async fn own_action(&self, step: &Step, action: &Spanned<Action>) -> Vec<Failure> {
        let Some(refused) = &step.refused else { return self.one_action(action, step.within.value).await };
        let result = self.perform(&action.value, step.within.value).await;
        match self.judge_refusal(action, refused, result) {
            Ok(()) => Vec::new(),
            Err(failure) => vec![*failure],
        }
    }

    /// Does an action and tells what came of it.
    pub(crate) async fn one_action(&self, action: &Spanned<Action>, within: VirtualSpan) -> Vec<Failure> {
        if let Action::Use { steps, .. } = &action.value {
            for step in steps {
                let failures = self.body(step).await;
                if !failures.is_empty() {
                    return failures;
                }
            }
            self.done(action);
            return Vec::new();
        }
        match self.perform(&action.value, within).await {
            Ok(()) => {
                self.done(action);
                Vec::new()
            }
            Err(error) => vec![failed(action, error)],
        }
    }

    pub(crate) fn done(&self, action: &Spanned<Action>) {
        self.recorder.emit(Happening::ActionDone(ActionOutcome {
            action: action.verb().into(),
            detail: describe(action),
            error: None,
            place: self.place(action.span),
        }));
    }
}

fn failed(action: &Spanned<Action>, error: ActionError) -> Failure {
    let span = error.span.unwrap_or(action.span);
    Failure::Action { verb: action.verb(), detail: describe(action), error, span }
}
