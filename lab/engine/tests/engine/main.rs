//! The engine over real labs, from the text of a scenario to its events.

mod actions;
mod bless;
mod crashes;
mod determinism;
mod failures;
mod faults;
mod flows;
mod halts;
mod harness;
mod known;
mod live;
mod manifests;
mod needs;
mod paces;
mod refusals;
mod skew;
