//! What a lab could not do.

use std::fmt;

/// A request to a lab that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabError {
    /// What was asked.
    pub what: String,
    /// Why it came to nothing, with the last thing seen.
    pub why: String,
    /// What may help.
    pub hint: Option<String>,
}

impl LabError {
    pub(crate) fn new(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self { what: what.into(), why: why.to_string(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for LabError {}
