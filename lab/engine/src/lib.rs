//! Runs scenarios: cells of the matrix, steps, expectations, evidence.
//!
//! [`run_cases`] takes [`Job`]s and emits the events of each. A case is a world of its own: a thread, a clock, a seed, a
//! lab. Nothing here prints; what a person sees is made from the events.
//!
//! Reading order: `run` (threads), `halt` (worlds ended from outside), `case` (one world), `step` (one step), then
//! `action`, `check` and `flow` (what a step does and asks), `evidence` (what is shown when it fails), `refuse` (what cannot
//! be run at all) and `manifests` (what no API server would take).
//!
//! How the words of a scenario file are meant:
//!
//! - An action is done when what it does is over: `stop: 20s` and faults with `for` take their time, and `during` and
//!   `always` overlap with it. `within` counts from then on.
//! - All checks of a step must hold at the same moment. They are looked at again and again, at least once a second of
//!   scenario time, and what was seen last is reported.
//! - A virtual world at rest (nothing but renewals for longer than [`LONGEST_RETRY`]) ends the waiting early.
//! - `known` marks a step that fails; the case goes on behind it. A known failure that passes makes the case red.

mod action;
mod case;
mod check;
mod crash;
mod evidence;
mod failure;
mod fault;
mod flow;
mod functions;
mod halt;
mod interrupt;
mod job;
mod joins;
mod kinds;
mod kube;
mod live;
mod manifests;
mod observe;
mod outbox;
mod placement;
mod pods;
mod recorder;
mod refuse;
mod run;
mod skew;
mod spec;
mod step;
mod timeout;
mod world;

pub use check::LONGEST_RETRY;
pub use interrupt::Interrupt;
pub use job::{CaseResult, Job, Mode, ReachFound, Settings};
pub use live::{LiveLab, TIDY_EVERY, UpError, with_live_lab};
pub use manifests::check_manifests;
pub use placement::Placement;
pub use refuse::{refuse, refuse_lab};
pub use run::{default_threads, run_cases};
pub use timeout::Timeout;
pub use winlab_cluster::{
    ApiAccess, BinariesSpec, Listen, Means, PROGRAMS, Places, ProgramFolders, RealComponent, limitations,
};
