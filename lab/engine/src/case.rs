//! One case, from an empty world to its outcome.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use winlab_clock::{Clock, Pace, Seed, run_world};
use winlab_cluster::{Lab, LabObserver};
use winlab_events::{
    ActionOutcome, CaseFinished, CaseSkipped, CaseStarted, Crash, Happening, Outcome, Unmodelled,
};
use winlab_scenario::{NodeOs, NodeSpec};

use crate::crash;
use crate::failure::{ActionError, Failure, place};
use crate::halt::{self, abandoned, unless_halted, unless_still};
use crate::job::{CaseResult, Job, ReachFound, Settings};
use crate::recorder::Recorder;
use crate::run::worst;
use crate::skew;
use crate::spec::{join_method, lab_spec};
use crate::world::World;

/// Runs a case on this thread.
///
/// Nothing comes of a case that the machine lacks something for: it is skipped.
pub(crate) fn run_case(
    job: &Job,
    settings: &Settings,
    pace: Pace,
    recorder: &Arc<Recorder>,
    halted: halt::Receiver,
) -> Option<CaseResult> {
    let absent = winlab_cluster::absent(&lab_spec(&job.case, &settings.placement), pace);
    if let Some(first) = absent.first() {
        let reasons: Vec<String> = absent.iter().map(ToString::to_string).collect();
        let reason = format!("needs {}: {}", first.need, reasons.join("; "));
        recorder.emit(CaseSkipped { reason, need: Some(first.need.clone()) });
        recorder.flush();
        return None;
    }
    recorder.emit(CaseStarted {
        scenario: job.scenario.name.value.clone(),
        file: job.file.clone(),
        cell: job.case.cell.clone(),
        seed: job.seed.to_string(),
        pace: (pace != Pace::Virtual).then(|| pace.to_string()),
    });
    recorder.flush();
    Some(carry(job, recorder, || run_world(pace, live(job, settings, pace, recorder, halted))))
}

/// What a world comes to.
type Lived = (Outcome, Vec<ReachFound>);

/// Carries a world to its end; a panic in it is a crash of this case.
fn carry(job: &Job, recorder: &Recorder, world: impl FnOnce() -> io::Result<Lived>) -> CaseResult {
    crash::begin_world();
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
    end_case(recorder, job, outcome);
    recorder.flush();
    CaseResult { name: job.name.clone(), outcome, reach }
}

/// The last event of a case.
pub(crate) fn end_case(recorder: &Recorder, job: &Job, outcome: Outcome) {
    recorder.enter(None);
    recorder.emit(CaseFinished {
        outcome,
        virtual_ns: recorder.now_ns(),
        seed: job.seed.to_string(),
        rerun: job.rerun.clone(),
    });
}

/// The life of a world.
async fn live(
    job: &Job,
    settings: &Settings,
    pace: Pace,
    recorder: &Arc<Recorder>,
    mut halted: halt::Receiver,
) -> Lived {
    let clock = Clock::start_world(pace);
    recorder.start(clock);
    let seed = Seed::new(job.seed).child(&job.case.name);
    for remark in skew::remarks(&job.case.lab, &job.scenario.sources) {
        recorder.emit(remark);
    }
    let observer: Arc<dyn LabObserver> = recorder.clone();
    let spec = lab_spec(&job.case, &settings.placement);
    let starting = Lab::start(spec, clock, seed.child("lab"), observer);
    let lab = match unless_halted(starting, &mut halted).await {
        Ok(Ok(lab)) => lab,
        Ok(Err(error)) => {
            not_started(job, recorder, error.into());
            recorder.stop();
            return (Outcome::Failed, Vec::new());
        }
        Err(why) => {
            let outcome = abandoned(recorder, job, why);
            recorder.stop();
            return (outcome, Vec::new());
        }
    };
    let world = World::new(lab, seed.child("engine"), job, settings.mode, Arc::clone(recorder));
    let outcome = match unless_halted(unless_still(&world, world.live()), &mut halted).await {
        Ok(outcome) => {
            world.tell_idle_faults();
            outcome
        }
        Err(why) => world.halted(why),
    };
    world.tell_unmodelled();
    recorder.stop();
    let found = std::mem::take(&mut *world.found.lock().unwrap_or_else(PoisonError::into_inner));
    (outcome, found)
}

fn not_started(job: &Job, recorder: &Recorder, error: ActionError) {
    recorder.emit(Happening::ActionFailed(ActionOutcome {
        action: "start".into(),
        detail: "the lab".to_owned(),
        error: Some(error.text()),
        place: place(&job.scenario.sources, job.case.lab.kube.span),
    }));
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
pub(crate) fn joining(nodes: &[NodeSpec]) -> impl Iterator<Item = &NodeSpec> {
    let (linux, windows): (Vec<_>, Vec<_>) =
        nodes.iter().partition(|node| matches!(node.os.value, NodeOs::Linux));
    linux.into_iter().chain(windows)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use winlab_events::{Detail, Happening};
    use winlab_scenario::{LoadError, Loader};

    use super::*;
    use crate::outbox::Outbox;

    struct Nothing;

    impl Loader for Nothing {
        fn load(&self, path: &str) -> Result<String, LoadError> {
            Err(LoadError { not_found: true, reason: path.to_owned() })
        }

        fn list(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    fn job() -> Job {
        let text = "winlab: 1\nname: t\nabout: A test.\nlab: {kube: v1.36.1, nodes: {lin1: {os: linux}}}\nsteps:\n  - {name: s, wait: 1s}\n";
        let scenario = Arc::new(winlab_scenario::read("t.winlab.yaml", text, &Nothing).unwrap());
        let (name, case) = ("t".into(), Arc::clone(&scenario.cases[0]));
        Job {
            name,
            file: "t.winlab.yaml".to_owned(),
            scenario,
            case,
            seed: 1,
            rerun: "winlab test".to_owned(),
        }
    }

    /// What comes of a world that panics: the result, and the messages of its crashes.
    fn panics(world: impl FnOnce() -> io::Result<Lived>) -> (Outcome, Vec<(String, String)>) {
        crash::listen();
        let (job, (to, inbox)) = (job(), sync_channel(9));
        let recorder = Recorder::new(job.name.clone(), Detail::Outcomes, Outbox { case: 0, to });
        let outcome = carry(&job, &recorder, world).outcome;
        let crashes = inbox.try_iter().flat_map(|message| match message {
            crate::outbox::Message::Events(_, events) => events,
            _ => Vec::new(),
        });
        let crashes = crashes.filter_map(|event| match event.what {
            Happening::Crash(crash) => Some((crash.component.to_string(), crash.message)),
            _ => None,
        });
        (outcome, crashes.collect())
    }

    #[test]
    fn a_world_whose_time_stands_still_says_so() {
        let (job, (to, inbox)) = (job(), sync_channel(9));
        let recorder = Recorder::new(job.name.clone(), Detail::Outcomes, Outbox { case: 0, to });
        assert_eq!(abandoned(&recorder, &job, halt::Halt::StoodStill(9)), Outcome::Failed);
        let Happening::ActionFailed(failed) = recorder.take().remove(0).what else { panic!("no action") };
        let error = failed.error.unwrap();
        assert!(error.starts_with("its own time stands still at +0.000s: 9 writes"), "{error}");
        drop(inbox);
    }

    #[test]
    fn a_panic_is_a_crash_of_its_case() {
        let crash = ("lab/engine".to_owned(), "a model broke".to_owned());
        let (outcome, crashes) = panics(|| panic!("a model broke"));
        assert_eq!((outcome, crashes), (Outcome::Crashed, vec![crash.clone()]));
        // A task's panic goes no further than the task: the world goes on and ends, and has crashed all the same.
        let (outcome, crashes) = panics(|| {
            let task = catch_unwind(|| panic!("a model broke"));
            assert!(task.is_err());
            Ok((Outcome::Passed, Vec::new()))
        });
        assert_eq!((outcome, crashes), (Outcome::Crashed, vec![crash]));
    }
}
