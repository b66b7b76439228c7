//! HNS as computenetwork.dll offers it: handles over calls that name objects by GUID.

pub mod object;
pub mod ports;
pub mod service;

mod macros;
