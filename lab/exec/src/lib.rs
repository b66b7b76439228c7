//! One Windows program under Wine, against one fake Windows host: what `winlab exec` does.
//!
//! ```text
//! program.exe ── HcnCreateNetwork ──▶ shim ── the wire ──▶ journal ──▶ fake HNS, HCS and system of one host
//! ```
//!
//! There is no cluster and no scenario: this is how somebody who works on a program that calls HNS or HCS runs it, or
//! its tests, without Windows. The host lives as long as the program.

mod exec;
mod lone_host;
mod network;

pub use exec::{Exec, ExecError, Outcome};
pub use network::{NetworkSpec, NetworkSpecError};
