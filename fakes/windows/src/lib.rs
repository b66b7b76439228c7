//! One fake Windows host: HNS, HCS and the rest of the system, joined.
//!
//! [`Core`] is pure: calls and moments in, answers and events out. What one part does to another is a call on it in a
//! fixed order: a container's start opens its files and registry, then attaches its namespace, then writes its network
//! settings; its end goes the other way. [`WindowsHost`] is the thin shell around it that knows the clock: it answers
//! the three services of the boundary, runs timers, publishes events, and is where control beside the boundary lives.
//!
//! ```text
//!            HostNetwork   HostCompute   HostSystem          control, DataPlaneView
//!                 └────────────┼─────────────┘                        │
//!                         WindowsHost (clock, feeds) ─────────────────┘
//!                              │
//!                            Core: hns ◀── hcs ──▶ system, commands
//! ```

mod commands;
mod config;
mod control;
mod core;
mod host;

pub mod conformance;

pub use commands::{NetworkCommands, UNMODELLED};
pub use config::{HostNic, WindowsConfig};
pub use control::SystemView;
pub use core::{Core, Events, Moment, Power};
pub use host::WindowsHost;
// What control and configuration name of the parts.
pub use winlab_fake_hcs::{CommandOutput, Invocation};
pub use winlab_fake_hns::{Rehydration, Traffic};
