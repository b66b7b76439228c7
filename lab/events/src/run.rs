//! The run as a whole: what is planned, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CaseName, Name, Outcome};

/// The data of `run-started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The format of these lines, [`crate::FORMAT`].
    pub format: u32,
    /// The version of winlab.
    pub winlab: String,
    /// The root seed as it is written on the command line.
    pub seed: String,
    /// The command line that does this run again, seed included.
    pub rerun: String,
    /// The cases in the order in which they are reported. Cases may run side by side and end in another order.
    pub cases: Vec<PlannedCase>,
}

/// A case that will run or be skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCase {
    /// The case's name, unique in the run.
    pub name: CaseName,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file, as it was named to winlab.
    pub file: String,
    /// The cell of the matrix: value by axis; empty without a matrix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cell: BTreeMap<String, String>,
}

/// The data of `run-finished`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFinished {
    /// How many cases ended in which way.
    pub summary: Summary,
    /// Virtual time of all cases together, in nanoseconds.
    pub virtual_ns: u64,
    /// The root seed, again.
    pub seed: String,
    /// The command line that does this run again.
    pub rerun: String,
    /// What was asked of a fake that it does not model: to be checked before the run's results are trusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmodelled: Vec<UnmodelledCount>,
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All expectations held.
    pub passed: u32,
    /// An expectation or an action failed.
    pub failed: u32,
    /// Failed as the file says it will.
    pub known_failures: u32,
    /// Passed although the file says it will fail: counts as a failure.
    pub unexpected_passes: u32,
    /// Not run, with a reason.
    pub skipped: u32,
    /// Stopped by a bug of winlab.
    pub crashed: u32,
    /// Begun but not ended, or never begun, because the run was interrupted or stopped at a first failure.
    pub not_finished: u32,
}

impl Summary {
    /// Counts one case that ran.
    pub fn count(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Failed => &mut self.failed,
            Outcome::KnownFailure => &mut self.known_failures,
            Outcome::UnexpectedPass => &mut self.unexpected_passes,
            Outcome::Crashed => &mut self.crashed,
            Outcome::NotFinished => &mut self.not_finished,
        };
        *counter += 1;
    }

    /// Cases that make the run red: failures, unexpected passes and crashes.
    pub fn red(&self) -> u32 {
        self.failed + self.unexpected_passes + self.crashed
    }

    /// All cases, run or not.
    pub fn total(&self) -> u32 {
        self.passed + self.known_failures + self.red() + self.skipped + self.not_finished
    }
}

/// How often a call or field that is not modelled was asked for, over the whole run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnmodelledCount {
    /// The service: `hns`, `hcs`, `kube-api`, ….
    pub service: Name,
    /// The call or field, as the service's documents spell it.
    pub what: Name,
    /// How often.
    pub count: u64,
}
