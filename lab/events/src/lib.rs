//! The one stream of events of a run: what happened, as plain data.
//!
//! The engine emits; renderers, oracles and the journal only read. Nothing here knows a scenario, a cluster or a terminal.
//!
//! # JSON lines, the public contract
//!
//! One event is one JSON object on one line ([`Event::to_line`], [`Event::from_line`]). Format number [`FORMAT`] is in the
//! first line, `run-started`. Within one format number keys and event names are only ever added: a reader skips events and keys
//! that it does not know. Removing or renaming one raises the number.
//!
//! Every line has these keys, in this order; a key without a value is left out:
//!
//! | key      | meaning                                                                                  |
//! |----------|------------------------------------------------------------------------------------------|
//! | `at_ns`  | virtual time of the case's world in nanoseconds since that world began (0 outside a case) |
//! | `wall`   | everything that depends on real time, and nothing else: `{"at_ns", "took_ns"}`           |
//! | `case`   | the case the event belongs to, `join-basic[kube=v1.36.1,windows=ltsc2022]`               |
//! | `step`   | the step it belongs to                                                                   |
//! | `event`  | the event's name, `kebab-case`; the other keys depend on it ([`Happening`])              |
//!
//! Two runs of the same files with the same seed write the same bytes once `wall` is left out ([`Event::without_wall`],
//! [`Journal`]). Cells run side by side, so lines of different cases interleave as they happen; [`InOrder`] puts the
//! cases back into planned order before they are written.
//!
//! Numbers named `…_ns` are nanoseconds. Windows result codes are strings of eight hexadecimal digits (`"0x803b0013"`), seeds
//! are strings: both would be damaged by readers that keep numbers as doubles, or be unreadable as decimals.
//!
//! # Reading order
//!
//! [`Event`] and [`Happening`] first, then the data of each kind of event, then [`Sink`] and what implements it.

mod boundary;
mod case;
mod check;
mod event;
mod evidence;
mod in_order;
mod journal;
mod object;
mod place;
mod remark;
mod run;
mod sink;
mod tally;
mod walk;
mod wall;

pub use boundary::{BoundaryCall, Code, Fault, Notification, ResultCode, Unmodelled};
pub use case::{
    ActionOutcome, CaseFinished, CaseSkipped, CaseStarted, Crash, KnownFailure, Outcome, StepFinished,
    StepStarted,
};
pub use check::{CheckFailed, CheckKind, CheckSatisfied, FailureReason};
pub use event::{CaseName, Event, FORMAT, Happening, Name, StepName};
pub use evidence::{Evidence, TimedCall, View};
pub use in_order::InOrder;
pub use journal::Journal;
pub use object::{Change, ComponentLog, HostObjectChanged, KubeObjectChanged, Level};
pub use place::Place;
pub use remark::{Remark, Severity};
pub use run::{PlannedCase, RunFinished, RunStarted, Summary, UnmodelledCount};
pub use sink::{Collector, Detail, FanOut, Sink};
pub use tally::Tally;
pub use walk::{Hop, Walk};
pub use wall::{Wall, WallStamp};
