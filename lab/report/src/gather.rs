//! Gathers events into a report: what every renderer at a run's end needs.

use std::collections::BTreeMap;

use winlab_events::{
    ActionOutcome, CaseFinished, CaseName, CaseSkipped, CheckFailed, Crash, Event, Evidence, Happening,
    KnownFailure, Name, Outcome, Place, Remark, RunFinished, RunStarted, StepName, Summary,
};

/// What is known of a run so far.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// How it began.
    pub started: Option<RunStarted>,
    /// Its cases in planned order.
    pub cases: Vec<CaseReport>,
    /// Remarks and crashes that belong to no case.
    pub remarks: Vec<Remark>,
    /// Bugs of winlab outside every case.
    pub crashes: Vec<Crash>,
    /// How it ended; `None` while it runs, or when it was killed.
    pub finished: Option<RunFinished>,
    /// Real time of the whole run in nanoseconds.
    pub wall_ns: Option<u64>,
    index: BTreeMap<CaseName, usize>,
}

/// What is known of a case so far.
#[derive(Clone, Debug, Default)]
pub struct CaseReport {
    /// Its name, unique in the run.
    pub name: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file.
    pub file: String,
    /// The cell of the matrix.
    pub cell: BTreeMap<String, String>,
    /// How time goes by where it is not virtual: `real`, `scaled 20x`.
    pub pace: Option<String>,
    /// Whether and how it ended.
    pub end: CaseEnd,
    /// Real time in nanoseconds.
    pub wall_ns: Option<u64>,
    /// Its steps in order. One without a name gathers what belongs to no step: oracles, crashes.
    pub steps: Vec<StepReport>,
    /// Remarks.
    pub remarks: Vec<Remark>,
    /// What a fake does not model and was asked for, by service and call.
    pub unmodelled: BTreeMap<(Name, Name), u64>,
}

/// Whether and how a case ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaseEnd {
    /// Planned, and never begun.
    #[default]
    NotBegun,
    /// Begun, and not ended.
    Running,
    /// Not run, with a reason.
    Skipped(CaseSkipped),
    /// Ended.
    Finished(CaseFinished),
}

/// What is known of a step so far.
#[derive(Clone, Debug, Default)]
pub struct StepReport {
    /// Its name; `None` gathers what belongs to no step.
    pub name: Option<StepName>,
    /// Its number, from 1, and how many there are; 0 for the one without a name.
    pub number: u32,
    /// How many steps the scenario has.
    pub of: u32,
    /// The action in a few words.
    pub action: Option<String>,
    /// Where it begins.
    pub place: Option<Place>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Virtual time in nanoseconds.
    pub virtual_ns: u64,
    /// Real time in nanoseconds.
    pub wall_ns: Option<u64>,
    /// How many checks were satisfied.
    pub satisfied: u32,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// What is worth looking at.
    pub evidence: Option<Evidence>,
    /// That the file marks it as a known failure.
    pub known: Option<KnownFailure>,
}

/// One thing that went wrong in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A check failed.
    Check(CheckFailed),
    /// An action failed.
    Action(ActionOutcome),
    /// winlab broke.
    Crash(Crash),
}

impl RunReport {
    /// Takes note of one event.
    pub fn read(&mut self, event: &Event) {
        match &event.case {
            Some(name) => self.case_mut(name).read(event),
            None => self.read_of_run(event),
        }
    }

    fn read_of_run(&mut self, event: &Event) {
        match &event.what {
            Happening::RunStarted(run) => {
                for planned in &run.cases {
                    let case = self.case_mut(&planned.name);
                    case.scenario.clone_from(&planned.scenario);
                    case.file.clone_from(&planned.file);
                    case.cell.clone_from(&planned.cell);
                }
                self.started = Some(run.clone());
            }
            Happening::RunFinished(end) => {
                self.finished = Some(end.clone());
                self.wall_ns = event.wall.and_then(|wall| wall.took_ns);
            }
            Happening::Remark(remark) => self.remarks.push(remark.clone()),
            Happening::Crash(crash) => self.crashes.push(crash.clone()),
            _ => {}
        }
    }

    fn case_mut(&mut self, name: &CaseName) -> &mut CaseReport {
        let at = *self.index.entry(name.clone()).or_insert_with(|| {
            self.cases.push(CaseReport { name: name.to_string(), ..CaseReport::default() });
            self.cases.len() - 1
        });
        &mut self.cases[at]
    }

    /// The case of this name.
    pub fn case(&self, name: &str) -> Option<&CaseReport> {
        self.index.get(name).map(|&at| &self.cases[at])
    }

    /// The run's own count, or, of a run that did not end, the count of what is known.
    pub fn summary(&self) -> Summary {
        if let Some(end) = &self.finished {
            return end.summary;
        }
        let mut summary = Summary::default();
        for case in &self.cases {
            match &case.end {
                CaseEnd::NotBegun | CaseEnd::Running => summary.count(Outcome::NotFinished),
                CaseEnd::Skipped(_) => summary.skipped += 1,
                CaseEnd::Finished(end) => summary.count(end.outcome),
            }
        }
        summary
    }
}

impl CaseReport {
    fn read(&mut self, event: &Event) {
        let took = event.wall.and_then(|wall| wall.took_ns);
        match &event.what {
            Happening::CaseStarted(start) => {
                self.scenario.clone_from(&start.scenario);
                self.file.clone_from(&start.file);
                self.cell.clone_from(&start.cell);
                self.pace.clone_from(&start.pace);
                self.end = CaseEnd::Running;
            }
            Happening::CaseSkipped(skip) => self.end = CaseEnd::Skipped(skip.clone()),
            Happening::CaseFinished(end) => {
                self.end = CaseEnd::Finished(end.clone());
                self.wall_ns = took;
            }
            Happening::Remark(remark) => self.remarks.push(remark.clone()),
            Happening::Unmodelled(call) => {
                *self.unmodelled.entry((call.service.clone(), call.what.clone())).or_default() += 1;
            }
            Happening::StepStarted(_)
            | Happening::StepFinished(_)
            | Happening::CheckSatisfied(_)
            | Happening::CheckFailed(_)
            | Happening::ActionFailed(_)
            | Happening::KnownFailure(_)
            | Happening::Evidence(_)
            | Happening::Crash(_) => self.step_mut(event.step.as_ref()).read(event, took),
            _ => {}
        }
    }

    fn step_mut(&mut self, name: Option<&StepName>) -> &mut StepReport {
        let at = self.steps.iter().position(|step| step.name.as_ref() == name).unwrap_or_else(|| {
            self.steps.push(StepReport { name: name.cloned(), ..StepReport::default() });
            self.steps.len() - 1
        });
        &mut self.steps[at]
    }

    /// How it ended, if it ran to an end.
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.end {
            CaseEnd::Finished(end) => Some(end.outcome),
            CaseEnd::NotBegun | CaseEnd::Running | CaseEnd::Skipped(_) => None,
        }
    }

    /// The steps to tell about when the case is red: those that failed, or passed against expectation.
    pub fn red_steps(&self) -> impl Iterator<Item = &StepReport> {
        self.steps.iter().filter(|step| step.is_red())
    }
}

impl StepReport {
    fn read(&mut self, event: &Event, took: Option<u64>) {
        match &event.what {
            Happening::StepStarted(start) => {
                self.number = start.number;
                self.of = start.of;
                self.action.clone_from(&start.action);
                self.place = Some(start.place.clone());
            }
            Happening::StepFinished(end) => {
                self.outcome = Some(end.outcome);
                self.virtual_ns = end.virtual_ns;
                self.wall_ns = took;
            }
            Happening::CheckSatisfied(_) => self.satisfied += 1,
            Happening::CheckFailed(check) => self.problems.push(Problem::Check(check.clone())),
            Happening::ActionFailed(action) => self.problems.push(Problem::Action(action.clone())),
            Happening::Crash(crash) => self.problems.push(Problem::Crash(crash.clone())),
            Happening::KnownFailure(known) => self.known = Some(known.clone()),
            Happening::Evidence(evidence) => self.evidence = Some(evidence.clone()),
            _ => {}
        }
    }

    /// Whether it makes its case red.
    pub fn is_red(&self) -> bool {
        match &self.known {
            Some(known) if known.failed_as_expected => {
                self.problems.iter().any(|problem| matches!(problem, Problem::Crash(_)))
            }
            Some(_) => true,
            None => !self.problems.is_empty(),
        }
    }

    /// What is wrong with it, in one line: its first problem, or that it passed against expectation.
    pub fn headline(&self) -> Option<String> {
        match (&self.problems[..], &self.known) {
            ([first, ..], _) => Some(first.headline()),
            ([], Some(known)) if !known.failed_as_expected => {
                Some(format!("passed although it is marked as a known failure: {}", known.reason))
            }
            ([], _) => None,
        }
    }
}

impl Problem {
    /// Where it is written in the scenario.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Check(check) => check.place.as_ref(),
            Self::Action(action) => Some(&action.place),
            Self::Crash(_) => None,
        }
    }

    /// What is wrong, in one line.
    pub fn headline(&self) -> String {
        match self {
            Self::Check(check) => {
                format!("{} {}: {}", check.kind, check.target, check.message)
            }
            Self::Action(action) => {
                let error = action.error.as_deref().unwrap_or("failed");
                format!("{} {}: {error}", action.action, action.detail)
            }
            Self::Crash(crash) => {
                format!("bug of winlab in {}: {}", crash.component, crash.message)
            }
        }
    }

    /// A short stable word for its kind: the check's key, the action's verb, or `crash`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Check(check) => check.kind.as_str(),
            Self::Action(action) => &action.action,
            Self::Crash(_) => "crash",
        }
    }
}
