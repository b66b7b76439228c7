//! Worlds that are ended from outside, and those whose time stands still.
//!
//! A world is asked first: what it runs is dropped, so that nothing of it stays behind, and it tells what it did last. One
//! that does not even answer is left to itself, and the watching thread tells what is known of it.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use winlab_events::{ActionOutcome, Evidence, Happening, Outcome};

use crate::failure::{Concerns, place};
use crate::job::Job;
use crate::recorder::Recorder;
use crate::world::World;

/// Why a world is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It took longer than so much real time.
    TimedOut(Duration),
    /// Its components keep each other busy: so many writes to the API server at one moment of its time.
    StoodStill(u32),
    /// The run was interrupted.
    Interrupted,
}

pub(crate) type Sender = oneshot::Sender<Halt>;
pub(crate) type Receiver = oneshot::Receiver<Halt>;

/// The watching thread's end, and the world's.
pub(crate) fn channel() -> (Sender, Receiver) {
    oneshot::channel()
}

/// Does the work unless the world is told to end meanwhile.
pub(crate) async fn unless_halted<T>(
    work: impl Future<Output = T>,
    halted: &mut Receiver,
) -> Result<T, Halt> {
    let told = async {
        match halted.await {
            Ok(why) => why,
            Err(oneshot::Canceled) => std::future::pending().await,
        }
    };
    // The work first, each time: a world that is never told runs as if nobody could.
    match select(std::pin::pin!(work), std::pin::pin!(told)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right((why, _)) => Err(why),
    }
}

/// Does the work unless the world's time stands still meanwhile.
pub(crate) async fn unless_still(world: &World<'_>, work: impl Future<Output = Outcome>) -> Outcome {
    let still = world.lab.stands_still();
    match select(std::pin::pin!(work), std::pin::pin!(still)).await {
        Either::Left((done, _)) => done,
        Either::Right((writes, _)) => world.halted(Halt::StoodStill(writes)),
    }
}

impl World<'_> {
    /// The last words of a world that was told to end.
    pub(crate) fn halted(&self, why: Halt) -> Outcome {
        let outcome = abandoned(&self.recorder, self.job, why);
        if outcome == Outcome::Failed {
            let nodes = self.lab.node_names().into_iter().collect();
            let last_calls = self.last_calls(&Concerns { nodes, ..Concerns::default() });
            self.recorder.emit(Evidence { rerun: self.job.rerun.clone(), last_calls, ..Evidence::default() });
        }
        outcome
    }
}

/// Tells why a case ends here, with what it did last.
pub(crate) fn abandoned(recorder: &Recorder, job: &Job, why: Halt) -> Outcome {
    let at = recorder.last_moment();
    let (mut error, hint) = match why {
        Halt::Interrupted => return Outcome::NotFinished,
        Halt::TimedOut(timeout) => (
            format!("ran {timeout:?} of real time without coming to an end\nits own time stood at {at}"),
            "`--timeout` sets the bound; a shorter `within` or `hold` may be what was meant",
        ),
        Halt::StoodStill(writes) => (
            format!("its own time stands still at {at}: {writes} writes to the API server at that moment"),
            "components keep each other busy; the report of all events (`--jsonl`) shows who writes what",
        ),
    };
    let doing = recorder.doing();
    let lab = place(&job.scenario.sources, job.case.lab.kube.span);
    if let Some(last) = &doing.last {
        error.push_str(&format!("\nlast told: {last}"));
    }
    error.push_str(&format!("\nhint: {hint}"));
    recorder.emit(Happening::ActionFailed(ActionOutcome {
        action: if doing.step.is_some() { "step" } else { "start" }.into(),
        detail: doing.step.unwrap_or_else(|| "the lab".to_owned()),
        error: Some(error),
        place: doing.place.unwrap_or(lab),
    }));
    Outcome::Failed
}
