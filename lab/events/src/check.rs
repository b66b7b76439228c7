//! Checks of a step: satisfied or failed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Place;

/// The key in the scenario file that asks for the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// Must become true within a bound.
    Expect,
    /// Must be true over the step and its hold.
    Always,
    /// Must not become true over the step and its hold.
    Never,
    /// One flow.
    Probe,
    /// A truth table of flows.
    Reach,
    /// An invariant that holds in every scenario without being written down.
    Oracle,
}

impl CheckKind {
    /// The key as the file spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expect => "expect",
            Self::Always => "always",
            Self::Never => "never",
            Self::Probe => "probe",
            Self::Reach => "reach",
            Self::Oracle => "oracle",
        }
    }
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The data of `check-satisfied`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSatisfied {
    /// Which key asks for it.
    pub kind: CheckKind,
    /// What is checked: `hns win1/loadbalancers`, `pod/client@win1 -> service/web:80`.
    pub target: String,
    /// Virtual time from the step's begin until it held, in nanoseconds.
    pub after_ns: u64,
    /// Where it is written; `None` for an oracle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Why a check was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureReason {
    /// It did not become true within its bound.
    Timeout,
    /// The world came to rest: nothing will happen any more that could make it true.
    AtRest,
    /// It was true and ceased to be, or became true and must not.
    Violated,
    /// It can never be true: what it asks about does not exist, or an expression cannot be evaluated.
    Impossible,
}

impl FailureReason {
    /// A sentence's end: 'did not hold within its bound'.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Timeout => "did not come true within its bound",
            Self::AtRest => "cannot come true any more: the lab is at rest",
            Self::Violated => "did not hold",
            Self::Impossible => "cannot be evaluated",
        }
    }
}

/// The data of `check-failed`. The [`crate::Evidence`] of the step follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFailed {
    /// Which key asks for it.
    pub kind: CheckKind,
    /// What is checked: `hns win1/loadbalancers`, `pod/client@win1 -> service/web:80`.
    pub target: String,
    /// Why it was given up.
    pub reason: FailureReason,
    /// What is wrong in one line: `count is 0, expected 1`.
    pub message: String,
    /// The author's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
    /// What to look at or change, if that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Virtual time from the step's begin until it was given up, in nanoseconds.
    pub after_ns: u64,
    /// Where it is written; `None` for an oracle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}
