//! One case's world: a lab, and what its steps share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{Clock, Seed, VirtualInstant};
use winlab_cluster::Lab;
use winlab_events::Place;
use winlab_scenario::{Sources, Span};

use crate::crash;
use crate::failure::place;
use crate::fault::{Standing, Strikes};
use crate::job::{Job, Mode, ReachFound};
use crate::recorder::Recorder;

/// What the steps of a case share.
pub(crate) struct World<'a> {
    pub(crate) lab: Lab,
    pub(crate) clock: Clock,
    pub(crate) job: &'a Job,
    pub(crate) mode: Mode,
    pub(crate) recorder: Arc<Recorder>,
    /// Faults that have not been lifted.
    pub(crate) standing: Mutex<Vec<Standing>>,
    /// How often faults of calls have struck.
    strikes: Mutex<Strikes>,
    /// What `bless` is to write.
    pub(crate) found: Mutex<Vec<ReachFound>>,
    seed: Seed,
    walks: AtomicU64,
}

impl<'a> World<'a> {
    pub(crate) fn new(lab: Lab, seed: Seed, job: &'a Job, mode: Mode, recorder: Arc<Recorder>) -> Self {
        let clock = lab.clock();
        Self {
            lab,
            clock,
            job,
            mode,
            recorder,
            standing: Mutex::default(),
            strikes: Mutex::default(),
            found: Mutex::default(),
            seed,
            walks: AtomicU64::new(0),
        }
    }

    pub(crate) fn sources(&self) -> &'a Sources {
        &self.job.scenario.sources
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        place(self.sources(), span)
    }

    pub(crate) fn now(&self) -> VirtualInstant {
        self.clock.now()
    }

    /// The seed of the next walk: a flow of its own each time, so that none meets a connection that an earlier one left.
    pub(crate) fn next_walk(&self) -> Seed {
        let number = self.walks.fetch_add(1, Ordering::Relaxed);
        self.seed.child(&format!("walk-{number}"))
    }

    /// Hands events on; whether the world may go on.
    pub(crate) fn goes_on(&self) -> bool {
        self.recorder.flush();
        !crash::happened()
    }

    pub(crate) fn standing(&self) -> std::sync::MutexGuard<'_, Vec<Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn strikes(&self) -> std::sync::MutexGuard<'_, Strikes> {
        self.strikes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what a cell of a reach table came to.
    pub(crate) fn note_reach(&self, found: ReachFound) {
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.span != found.span);
        all.push(found);
    }
}
