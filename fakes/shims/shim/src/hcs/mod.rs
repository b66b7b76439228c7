//! HCS as vmcompute.dll, computecore.dll and computestorage.dll offer it: handles over calls that name systems by id
//! and processes by number.
//!
//! [`system`] and [`process`] are what both generations share; [`listen`] and [`v1`] are vmcompute.dll's way of telling,
//! [`operation`] and [`v2`] computecore.dll's. [`layer`] is what goes into a layer call.

pub mod layer;
pub mod listen;
pub mod operation;
pub mod process;
pub mod system;
pub mod v1;
pub mod v2;

mod pipe;
mod stdio;
