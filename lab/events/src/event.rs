//! One event: when, where, and what happened.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    ActionOutcome, BoundaryCall, CaseFinished, CaseSkipped, CaseStarted, CheckFailed, CheckSatisfied,
    ComponentLog, Crash, Evidence, Fault, HostObjectChanged, KnownFailure, KubeObjectChanged, Notification,
    Remark, RunFinished, RunStarted, StepFinished, StepStarted, Unmodelled, Walk, Wall,
};

/// The number of the JSON lines format; raised when a key or an event is removed or renamed.
pub const FORMAT: u32 = 1;

/// A case's name, unique within a run: `join-basic[kube=v1.36.1,windows=ltsc2022]`.
pub type CaseName = Arc<str>;

/// A step's name, unique within its scenario.
pub type StepName = Arc<str>;

/// A word that is nearly always known at compile time: a service, a call, a component.
pub type Name = Cow<'static, str>;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since the case's world began; 0 for events outside a case.
    pub at_ns: u64,
    /// What depends on real time. `None` in a world that has none, and in a journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<Wall>,
    /// The case this belongs to; `None` for events of the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseName>,
    /// The step this belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepName>,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

impl Event {
    /// An event of the run as a whole.
    pub fn of_run(what: impl Into<Happening>) -> Self {
        Self { at_ns: 0, wall: None, case: None, step: None, what: what.into() }
    }

    /// An event of a case, outside its steps.
    pub fn of_case(at_ns: u64, case: CaseName, what: impl Into<Happening>) -> Self {
        Self { at_ns, wall: None, case: Some(case), step: None, what: what.into() }
    }

    /// An event of a step.
    pub fn of_step(at_ns: u64, case: CaseName, step: StepName, what: impl Into<Happening>) -> Self {
        Self { at_ns, wall: None, case: Some(case), step: Some(step), what: what.into() }
    }

    /// The same event without anything that depends on real time.
    #[must_use]
    pub fn without_wall(&self) -> Self {
        Self { wall: None, ..self.clone() }
    }

    /// The event as one line of JSON, without the line's end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("an event is strings, numbers and maps with string keys")
    }

    /// Reads a line that [`Event::to_line`] wrote.
    ///
    /// # Errors
    /// The line is not JSON, or not an event of this [`FORMAT`]; an event name of a later version is one such error, and a reader
    /// of foreign journals skips the line.
    pub fn from_line(line: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(line)
    }
}

/// What happened. The variant's name in `kebab-case` is the `event` key of the JSON line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happening {
    /// The first event of every run.
    RunStarted(RunStarted),
    /// A case began to run.
    CaseStarted(CaseStarted),
    /// A case was not run; it has no `case-started`.
    CaseSkipped(CaseSkipped),
    /// A case ended.
    CaseFinished(CaseFinished),
    /// A step began.
    StepStarted(StepStarted),
    /// A step ended.
    StepFinished(StepFinished),
    /// An action did what it was asked to.
    ActionDone(ActionOutcome),
    /// An action could not be carried out.
    ActionFailed(ActionOutcome),
    /// A check holds: `expect` became true, `always` and `never` held to the end.
    CheckSatisfied(CheckSatisfied),
    /// A check does not hold.
    CheckFailed(CheckFailed),
    /// A step that is marked as a known failure failed, or passed against expectation.
    KnownFailure(KnownFailure),
    /// What is worth looking at after a failure.
    Evidence(Evidence),
    /// A call crossed the boundary between a component and its operating system.
    BoundaryCall(BoundaryCall),
    /// The operating system told a component something.
    Notification(Notification),
    /// A call or field was asked for that a fake does not model.
    Unmodelled(Unmodelled),
    /// A fault was put in or lifted.
    Fault(Fault),
    /// A component wrote a line to its log.
    ComponentLog(ComponentLog),
    /// A Kubernetes object was added, modified or deleted.
    KubeObjectChanged(KubeObjectChanged),
    /// An object of a host (an HNS endpoint, a compute system, a route) was added, modified or deleted.
    HostObjectChanged(HostObjectChanged),
    /// A probe was answered by walking the network.
    ProbeWalked(Walk),
    /// Something a reader should know about that fails nothing by itself.
    Remark(Remark),
    /// A model or the engine itself broke: a bug of winlab, not of what is tested.
    Crash(Crash),
    /// The last event of every run.
    RunFinished(RunFinished),
}

macro_rules! from_data {
    ($($variant:ident($data:ty)),* $(,)?) => {
        $(impl From<$data> for Happening {
            fn from(data: $data) -> Self { Self::$variant(data) }
        })*
    };
}

// `ActionOutcome` has two variants, so its caller names the one that is meant.
from_data! {
    RunStarted(RunStarted), CaseStarted(CaseStarted), CaseSkipped(CaseSkipped), CaseFinished(CaseFinished),
    StepStarted(StepStarted), StepFinished(StepFinished), CheckSatisfied(CheckSatisfied), CheckFailed(CheckFailed),
    KnownFailure(KnownFailure), Evidence(Evidence), BoundaryCall(BoundaryCall), Notification(Notification),
    Unmodelled(Unmodelled), Fault(Fault), ComponentLog(ComponentLog), KubeObjectChanged(KubeObjectChanged),
    HostObjectChanged(HostObjectChanged), ProbeWalked(Walk), Remark(Remark), Crash(Crash), RunFinished(RunFinished),
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
