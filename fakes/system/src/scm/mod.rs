//! The service control manager.
//!
//! ```text
//!            StartService                 program reports
//! Stopped ────────────────▶ StartPending ────────────────▶ Running
//!    ▲  ▲                     │ 30 s without a word: 1053      │ Stop
//!    │  └─────────────────────┴── a dependency failed: 1068    ▼
//!    └──────────────────────────── program reports ──── StopPending
//! ```
//!
//! A service whose program ended by itself with an error is started again after `restart_after_secs`. A service that is
//! part of Windows has no program of its own here: it runs and stops at once, and the host carries out what that means.

mod control;
mod manager;
mod report;
mod service;
mod shutdown;
mod start;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;

pub(crate) use manager::Outbox;
pub use manager::ServiceManager;
