//! Cases side by side on threads, each with a world of its own.
//!
//! The worlds' threads own what they run and tell what happens through a channel; the thread that called
//! [`run_cases`] hands it on, begins cases and watches the wall clock. So a world that never comes to an end can be left
//! behind: its thread cannot be killed, but nothing waits for it, and it ends with the process.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one place that starts threads and watches how long they take"
)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use winlab_clock::Pace;
use winlab_events::{Crash, Event, Outcome, Remark, Severity, Sink};

use crate::case::{end_case, run_case};
use crate::crash;
use crate::halt::{self, Halt};
use crate::interrupt::Interrupt;
use crate::job::{CaseResult, Job, Settings};
use crate::outbox::{Message, Outbox};
use crate::placement;
use crate::recorder::Recorder;

/// Room for the deepest call chain of a world in an unoptimised build; only what is touched takes memory.
const STACK: usize = 32 << 20;

/// So many batches of events may wait to be handed on before worlds wait for it.
const WAITING: usize = 256;

/// How long a world that was told to end may take over it.
const GRACE: Duration = Duration::from_secs(2);

/// As many worlds as the machine has processors.
#[must_use]
pub fn default_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Runs the cases and emits the events of each, from `case-started` to `case-finished`. Events of one case come in order;
/// those of cases that run at the same time are mixed. A case that the machine lacks something for is `case-skipped`
/// instead. The answer holds the cases that were begun, in the order of `jobs`.
///
/// A panic in a model ends its case as [`Outcome::Crashed`]; the others go on. So they do when a case takes longer than
/// [`Settings::timeout`], which fails it. An interrupt begins no further case and ends the running ones as
/// [`Outcome::NotFinished`].
pub fn run_cases(
    jobs: &[Job],
    settings: &Settings,
    interrupt: &Interrupt,
    sink: &dyn Sink,
) -> Vec<CaseResult> {
    crash::listen();
    let (outbox, inbox) = sync_channel(WAITING);
    interrupt.tell(outbox.clone());
    let mut run =
        Run { jobs, settings, sink, outbox, next: 0, running: BTreeMap::new(), results: BTreeMap::new() };
    run.drive(&inbox);
    run.results.into_values().collect()
}

/// What the thread that watches over the cases knows.
struct Run<'r> {
    jobs: &'r [Job],
    settings: &'r Settings,
    sink: &'r dyn Sink,
    outbox: SyncSender<Message>,
    /// The next case to begin; beyond the last one when none is to begin any more.
    next: usize,
    running: BTreeMap<usize, Running>,
    results: BTreeMap<usize, CaseResult>,
}

/// A world on its thread.
struct Running {
    recorder: Arc<Recorder>,
    /// Tells the world to end; none once that has been done.
    halt: Option<halt::Sender>,
    why: Halt,
    /// When it is told to end, or left behind once it was told.
    until: Option<Instant>,
}

impl Run<'_> {
    fn drive(&mut self, inbox: &Receiver<Message>) {
        loop {
            while self.running.len() < self.settings.threads.get() && self.next < self.jobs.len() {
                self.begin();
            }
            if self.running.is_empty() {
                return;
            }
            let until = self.running.values().filter_map(|world| world.until).min();
            let message = match until {
                Some(until) => inbox.recv_timeout(until.saturating_duration_since(Instant::now())),
                None => inbox.recv().map_err(RecvTimeoutError::from),
            };
            match message {
                Ok(Message::Events(case, events)) if self.running.contains_key(&case) => self.emit(&events),
                Ok(Message::Ended(case, result)) if self.running.remove(&case).is_some() => {
                    self.ended(case, result);
                }
                // From a world that was left behind.
                Ok(Message::Events(..) | Message::Ended(..)) => {}
                Ok(Message::Interrupted) => self.interrupt(),
                Err(_) => self.overdue(),
            }
        }
    }

    fn begin(&mut self) {
        let (at, job) = (self.next, self.jobs[self.next].clone());
        self.next += 1;
        let outbox = Outbox { case: at, to: self.outbox.clone() };
        let recorder = Arc::new(Recorder::new(job.name.clone(), self.sink.detail(), outbox.clone()));
        let (halt, halted) = halt::channel();
        // What cannot be has been refused before.
        let pace =
            placement::pace(&job.scenario, &job.case, &self.settings.placement).unwrap_or(Pace::Virtual);
        let (settings, of_world) = (self.settings.clone(), Arc::clone(&recorder));
        let world = thread::Builder::new().name(format!("world-{at}")).stack_size(STACK);
        let begun = world.spawn(move || outbox.ended(run_case(&job, &settings, pace, &of_world, halted)));
        let timeout = self.settings.timeout.of(pace);
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let why = Halt::TimedOut(timeout.unwrap_or_default());
        let world = Running { recorder, halt: Some(halt), why, until };
        match begun {
            Ok(_thread) => drop(self.running.insert(at, world)),
            Err(error) => {
                let message = format!("no thread could be started for the case: {error}");
                let crash = Crash { component: "lab/engine".into(), message, location: None };
                world.recorder.emit(crash);
                end_case(&world.recorder, &self.jobs[at], Outcome::Crashed);
                self.given_up(at, &world.recorder, Outcome::Crashed);
            }
        }
    }

    fn emit(&self, events: &[Event]) {
        events.iter().for_each(|event| self.sink.emit(event));
    }

    fn ended(&mut self, case: usize, result: Option<CaseResult>) {
        let Some(result) = result else { return };
        if self.settings.fail_fast && result.outcome.is_red() {
            self.next = self.jobs.len();
        }
        self.results.insert(case, result);
    }

    fn given_up(&mut self, case: usize, recorder: &Recorder, outcome: Outcome) {
        self.emit(&recorder.take());
        let name = self.jobs[case].name.clone();
        self.ended(case, Some(CaseResult { name, outcome, reach: Vec::new() }));
    }

    /// Begins nothing more, and tells what runs to end.
    fn interrupt(&mut self) {
        let waiting = self.jobs.len() - self.next.min(self.jobs.len());
        let message = format!(
            "interrupted: {} running and {waiting} waiting cases are given up; once more ends winlab at once",
            self.running.len()
        );
        let remark = Remark {
            severity: Severity::Warning,
            code: Some("interrupted".to_owned()),
            message,
            hint: None,
            place: None,
            excerpt: None,
        };
        self.sink.emit(&Event::of_run(remark));
        self.next = self.jobs.len();
        for world in self.running.values_mut() {
            world.why = Halt::Interrupted;
            world.tell();
        }
    }

    /// Tells the worlds that have had their time to end; leaves those behind that were told and did not.
    fn overdue(&mut self) {
        let now = Instant::now();
        let is_overdue = |world: &Running| world.until.is_some_and(|until| until <= now);
        let overdue: Vec<usize> =
            self.running.iter().filter(|(_, world)| is_overdue(world)).map(|(case, _)| *case).collect();
        for case in overdue {
            if self.running.get_mut(&case).is_some_and(Running::tell) {
                continue;
            }
            if let Some(world) = self.running.remove(&case) {
                let recorder = world.recorder.succeed();
                let outcome = halt::abandoned(&recorder, &self.jobs[case], world.why);
                end_case(&recorder, &self.jobs[case], outcome);
                self.given_up(case, &recorder, outcome);
            }
        }
    }
}

impl Running {
    /// Tells the world to end; whether that is news to it.
    fn tell(&mut self) -> bool {
        self.until = Instant::now().checked_add(GRACE);
        let Some(halt) = self.halt.take() else { return false };
        // Whoever does not listen any more has ended.
        let _ = halt.send(self.why);
        true
    }
}

/// Whether the outcome leaves the case's claims proven.
pub(crate) fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Passed => 0,
        Outcome::KnownFailure => 1,
        Outcome::NotFinished => 2,
        Outcome::UnexpectedPass => 3,
        Outcome::Failed => 4,
        Outcome::Crashed => 5,
    };
    outcomes.into_iter().max_by_key(rank).unwrap_or(Outcome::Passed)
}
