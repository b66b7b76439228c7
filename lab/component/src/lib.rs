//! What every node component is given, and how service managers start and stop it.
//!
//! A component is an `async` function over a [`Context`]: its machine (the boundary), a Kubernetes client, a clock, a
//! seed, a log and a [`Stop`] signal. It knows nothing of fakes. A [`Supervisor`] stands where an operating system's
//! process launcher stands: it listens to the service manager, runs the program a service names, and reports how it
//! stands and ends.

mod container_files;
mod context;
mod endpoints;
mod environment;
mod files;
mod log;
mod machine;
mod program;
mod stop;
mod supervisor;

pub use context::Context;
pub use endpoints::{LocalEndpoints, NotListening};
pub use files::{FileError, HostFiles, windows_path};
pub use log::{Level, Log, LogSink};
pub use machine::{Machine, WindowsMachine};
pub use program::{CommandLine, Exit, Programs};
pub use stop::{Stop, StopHandle};
pub use supervisor::Supervisor;
