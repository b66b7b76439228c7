//! computecore.dll: the second generation of HCS's API, as `computecore.h` has it.
//!
//! Left out are the live-migration functions, which only newer builds export; what has no call at the boundary
//! answers `E_NOTIMPL` ([`unsupported`]).
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod operations;
mod processes;
mod systems;
mod unsupported;

pub use operations::*;
pub use processes::*;
pub use systems::*;
pub use unsupported::*;
