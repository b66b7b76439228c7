//! One case, from an empty world to its outcome.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use winlab_clock::{Clock, Pace, Seed, run_world};
use winlab_cluster::{Lab, LabObserver};
use winlab_events::{CaseFinished, CaseSkipped, CaseStarted, Crash, Outcome, Sink, Unmodelled};
use winlab_scenario::{NodeOs, NodeSpec};

use crate::crash;
use crate::failure::{ActionError, Failure};
use crate::job::{CaseResult, Job, ReachFound, Settings};
use crate::placement;
use crate::recorder::Recorder;
use crate::run::worst;
use crate::skew;
use crate::spec::{join_method, lab_spec};
use crate::world::World;

/// Runs a case on this thread.
///
/// Nothing comes of a case that the machine lacks something for: it is skipped.
pub(crate) fn run_case(job: &Job<'_>, settings: &Settings, sink: &dyn Sink) -> Option<CaseResult> {
    // What cannot be has been refused before.
    let pace = placement::pace(job.scenario, job.case, &settings.placement).unwrap_or(Pace::Virtual);
    let recorder = Arc::new(Recorder::new(job.name.clone(), sink.detail()));
    let absent = winlab_cluster::absent(&lab_spec(job.case, &settings.placement), pace);
    if let Some(first) = absent.first() {
        let reasons: Vec<String> = absent.iter().map(ToString::to_string).collect();
        let reason = format!("needs {}: {}", first.need, reasons.join("; "));
        recorder.emit(CaseSkipped { reason, need: Some(first.need.clone()) });
        recorder.flush(sink);
        return None;
    }
    recorder.emit(CaseStarted {
        scenario: job.scenario.name.value.clone(),
        file: job.file.clone(),
        cell: job.case.cell.clone(),
        seed: job.seed.to_string(),
        pace: (pace != Pace::Virtual).then(|| pace.to_string()),
    });
    recorder.flush(sink);
    crash::begin_world();
    let world = || run_world(pace, live(job, settings, pace, &recorder, sink));
    let ran = catch_unwind(AssertUnwindSafe(world));
    recorder.abandon();
    let mut crashes = crash::end_world();
    let mut give_up = |message: String| {
        if crashes.is_empty() {
            crashes.push(Crash { component: "lab/engine".into(), message, location: None });
        }
        (Outcome::Crashed, Vec::new())
    };
    let (mut outcome, reach) = match ran {
        Ok(Ok(lived)) => lived,
        Ok(Err(error)) => give_up(format!("the world has no runtime: {error}")),
        Err(_) => give_up("the world ended by a panic that left no message".to_owned()),
    };
    if !crashes.is_empty() {
        outcome = Outcome::Crashed;
    }
    crashes.into_iter().for_each(|crash| recorder.emit(crash));
    recorder.enter(None);
    recorder.emit(CaseFinished {
        outcome,
        virtual_ns: recorder.now_ns(),
        seed: job.seed.to_string(),
        rerun: job.rerun.clone(),
    });
    recorder.flush(sink);
    Some(CaseResult { name: job.name.clone(), outcome, reach })
}

/// The life of a world.
async fn live(
    job: &Job<'_>,
    settings: &Settings,
    pace: Pace,
    recorder: &Arc<Recorder>,
    sink: &dyn Sink,
) -> (Outcome, Vec<ReachFound>) {
    let clock = Clock::start_world(pace);
    recorder.start(clock);
    let seed = Seed::new(job.seed).child(&job.case.name);
    for remark in skew::remarks(&job.case.lab, &job.scenario.sources) {
        recorder.emit(remark);
    }
    let observer: Arc<dyn LabObserver> = recorder.clone();
    let spec = lab_spec(job.case, &settings.placement);
    let lab = match Lab::start(spec, clock, seed.child("lab"), observer).await {
        Ok(lab) => lab,
        Err(error) => {
            let error = ActionError::from(error);
            let outcome = winlab_events::ActionOutcome {
                action: "start".into(),
                detail: "the lab".to_owned(),
                error: Some(error.text()),
                place: crate::failure::place(&job.scenario.sources, job.case.lab.kube.span),
            };
            recorder.emit(winlab_events::Happening::ActionFailed(outcome));
            recorder.stop();
            return (Outcome::Failed, Vec::new());
        }
    };
    let world = World::new(lab, seed.child("engine"), job, settings.mode, Arc::clone(recorder), sink);
    let outcome = world.live().await;
    world.tell_unmodelled();
    recorder.stop();
    let found = std::mem::take(&mut *world.found.lock().unwrap_or_else(PoisonError::into_inner));
    (outcome, found)
}

impl World<'_> {
    async fn live(&self) -> Outcome {
        for fault in &self.job.case.lab.faults {
            if let Err(error) = self.put_ambient(fault).await {
                let detail = fault.at.to_string();
                let failure = Failure::Action { verb: "fault", detail, error, span: fault.span };
                self.tell(&[failure], &[]).await;
                return Outcome::Failed;
            }
        }
        for node in joining(&self.job.case.lab.nodes) {
            if !self.join_first(node).await {
                return Outcome::Failed;
            }
            if !self.goes_on() {
                return Outcome::Crashed;
            }
        }
        let mut outcomes = Vec::new();
        let steps = &self.job.case.steps;
        for (index, step) in steps.iter().enumerate() {
            let outcome = self.step(step, index + 1, steps.len()).await;
            outcomes.push(outcome);
            if !self.goes_on() {
                return Outcome::Crashed;
            }
            if outcome == Outcome::Failed {
                break;
            }
        }
        worst(outcomes)
    }

    async fn join_first(&self, node: &NodeSpec) -> bool {
        let Some(method) = node.join.as_ref().map(join_method) else { return true };
        let Err(error) = self.lab.join(&node.name, &method).await else { return true };
        let failure = Failure::Action {
            verb: "join",
            detail: node.name.value.clone(),
            error: ActionError::from(error).on(&node.name),
            span: node.name.span,
        };
        self.tell(&[failure], &[]).await;
        false
    }

    /// What was asked for and is not modelled, each as often as it was asked.
    fn tell_unmodelled(&self) {
        for (service, what, count) in self.lab.unmodelled() {
            for _ in 0..count {
                let (service, what) = (service.clone().into(), what.clone().into());
                self.recorder.emit(Unmodelled { host: None, service, what });
            }
        }
    }
}

/// The nodes that join before the first step: Linux first, since the DNS server and the like run there, in the file's order.
fn joining(nodes: &[NodeSpec]) -> impl Iterator<Item = &NodeSpec> {
    let (linux, windows): (Vec<_>, Vec<_>) =
        nodes.iter().partition(|node| matches!(node.os.value, NodeOs::Linux));
    linux.into_iter().chain(windows)
}
