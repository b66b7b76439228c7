//! What checks and evidence look at: state as documents.

mod compute;
mod network;
mod registry;
mod runtime;
