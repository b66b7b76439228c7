//! What is to be run, how, and what came of it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use winlab_events::{CaseName, Outcome};
use winlab_scenario::{Case, Scenario, Span};

use crate::placement::Placement;
use crate::timeout::Timeout;

/// One case to run. It owns what it needs: a world that never ends keeps it for good.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name, unique in the run.
    pub name: CaseName,
    /// The scenario's file, as it was named to winlab.
    pub file: String,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The cell.
    pub case: Arc<Case>,
    /// The root seed, as `--seed` takes it.
    pub seed: u64,
    /// The command line that runs this very case again.
    pub rerun: String,
}

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many worlds there are at the same time.
    pub threads: NonZeroUsize,
    /// Whether no further case is begun after one has failed.
    pub fail_fast: bool,
    /// What reach tables are for.
    pub mode: Mode,
    /// Where parts run and how time goes by.
    pub placement: Placement,
    /// How much real time a case may take.
    pub timeout: Timeout,
}

/// What reach tables are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Cells that differ fail their step.
    Test,
    /// Cells that differ are written down in [`CaseResult::reach`], and fail nothing.
    Bless,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// Its name.
    pub name: CaseName,
    /// How it ended.
    pub outcome: Outcome,
    /// With [`Mode::Bless`], every cell of a reach table that was asked.
    pub reach: Vec<ReachFound>,
}

/// A cell of a reach table and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachFound {
    /// Where the cell is written.
    pub span: Span,
    /// What it says.
    pub expected: String,
    /// What the flow comes to; not always a word that a table takes (`http-503`).
    pub found: String,
}
