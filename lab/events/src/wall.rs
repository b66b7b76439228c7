//! Real time, kept apart from everything else so that it can be left out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{CaseName, Detail, Event, Happening, Sink, StepName};

/// What of an event depends on real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wall {
    /// Nanoseconds of real time since the run started.
    pub at_ns: u64,
    /// On `…-finished` events: nanoseconds of real time since the matching `…-started`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ns: Option<u64>,
}

/// A sink that writes real time onto every event before it hands it on.
///
/// The clock is handed in, since only the command line may read one; it returns nanoseconds since any fixed moment. An event that
/// has its wall time already keeps it.
pub struct WallStamp<C, S> {
    clock: C,
    next: S,
    starts: Mutex<BTreeMap<Span, u64>>,
}

/// What has a beginning and an end: the run, a case, a step.
type Span = (Option<CaseName>, Option<StepName>);

impl<C: Fn() -> u64 + Send + Sync, S: Sink> WallStamp<C, S> {
    /// Stamps with `clock`, then emits into `next`. Time counts from the run's first event.
    pub fn new(clock: C, next: S) -> Self {
        Self { clock, next, starts: Mutex::new(BTreeMap::new()) }
    }

    fn stamp(&self, event: &Event) -> Wall {
        let now = (self.clock)();
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let run = *starts.entry((None, None)).or_insert(now);
        let span = || (event.case.clone(), event.step.clone());
        let took_ns = match event.what {
            Happening::CaseStarted(_) | Happening::StepStarted(_) => {
                starts.insert(span(), now);
                None
            }
            Happening::CaseFinished(_) | Happening::StepFinished(_) => {
                starts.remove(&span()).map(|start| now.saturating_sub(start))
            }
            Happening::RunFinished(_) => Some(now.saturating_sub(run)),
            _ => None,
        };
        Wall { at_ns: now.saturating_sub(run), took_ns }
    }
}

impl<C: Fn() -> u64 + Send + Sync, S: Sink> Sink for WallStamp<C, S> {
    fn emit(&self, event: &Event) {
        if event.wall.is_some() {
            return self.next.emit(event);
        }
        let wall = self.stamp(event);
        self.next.emit(&Event { wall: Some(wall), ..event.clone() });
    }

    fn detail(&self) -> Detail {
        self.next.detail()
    }
}
