//! Cases, their steps and their actions.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Name, Place};

/// How a case or a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was expected came true.
    Passed,
    /// An expectation or an action failed.
    Failed,
    /// Failed as the file says it will.
    KnownFailure,
    /// Passed although the file says it will fail.
    UnexpectedPass,
    /// Stopped by a bug of winlab.
    Crashed,
    /// Interrupted, or given up because an earlier case or step failed.
    NotFinished,
}

impl Outcome {
    /// Whether this makes a run red.
    pub fn is_red(self) -> bool {
        match self {
            Self::Failed | Self::UnexpectedPass | Self::Crashed => true,
            Self::Passed | Self::KnownFailure | Self::NotFinished => false,
        }
    }

    /// The word used for it in files and on terminals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::KnownFailure => "known-failure",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Crashed => "crashed",
            Self::NotFinished => "not-finished",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The data of `case-started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStarted {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file, as it was named to winlab.
    pub file: String,
    /// The cell of the matrix: value by axis; empty without a matrix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cell: BTreeMap<String, String>,
    /// The root seed as it is written on the command line.
    pub seed: String,
    /// How time goes by where it is not virtual: `real`, `scaled 20x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<String>,
}

/// The data of `case-skipped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSkipped {
    /// Why, for a person.
    pub reason: String,
    /// The need that is absent (`wine`, `host: agent`); `None` when the file itself leaves the cell out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
}

/// The data of `case-finished`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFinished {
    /// How it ended.
    pub outcome: Outcome,
    /// Virtual time it took, in nanoseconds. Real time is in the event's `wall`.
    pub virtual_ns: u64,
    /// The root seed as it is written on the command line.
    pub seed: String,
    /// The command line that runs this very case again.
    pub rerun: String,
}

/// The data of `step-started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStarted {
    /// The step's number in its scenario, counted from 1.
    pub number: u32,
    /// How many steps the scenario has.
    pub of: u32,
    /// The step's action in a few words, `apply manifests/web.yaml`; `None` for a step of checks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Where the step begins.
    pub place: Place,
}

/// The data of `step-finished`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFinished {
    /// How it ended.
    pub outcome: Outcome,
    /// Virtual time it took, in nanoseconds. Real time is in the event's `wall`.
    pub virtual_ns: u64,
}

/// The data of `action-done` and `action-failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutcome {
    /// The verb as the file spells it: `apply`, `fault`, `upgrade`, ….
    pub action: Name,
    /// What it was done to or with, in a few words.
    pub detail: String,
    /// Why it failed; `None` when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// The data of `known-failure`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFailure {
    /// The reason the file gives, often an upstream issue.
    pub reason: String,
    /// Whether the step failed, as the file says. `false`: it passed, which fails the case.
    pub failed_as_expected: bool,
    /// Where the file says so.
    pub place: Place,
}

/// The data of `crash`: a bug of winlab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    /// The part that broke, as far as it is known: `node/kubelet`, `engine`.
    pub component: Name,
    /// The panic's message.
    pub message: String,
    /// `file:line:column` in winlab's own source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}
