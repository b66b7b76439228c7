//! The latest result of every probe.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which of a container's probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProbeKind {
    Startup,
    Readiness,
    Liveness,
}

impl ProbeKind {
    /// As event messages spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Readiness => "Readiness",
            Self::Liveness => "Liveness",
        }
    }
}

/// A result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeResult {
    Success,
    Failure,
    Unknown,
}

/// Results by probe and container id.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProbeResults(Arc<Mutex<BTreeMap<(ProbeKind, String), ProbeResult>>>);

impl ProbeResults {
    pub(crate) fn get(&self, kind: ProbeKind, container: &str) -> Option<ProbeResult> {
        let results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        results.get(&(kind, container.to_owned())).copied()
    }

    /// Sets a result; whether it is another one than before.
    pub(crate) fn set(&self, kind: ProbeKind, container: &str, result: ProbeResult) -> bool {
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        results.insert((kind, container.to_owned()), result) != Some(result)
    }

    pub(crate) fn remove(&self, kind: ProbeKind, container: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(kind, container.to_owned()));
    }
}
