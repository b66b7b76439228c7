//! Cases that any implementation of the compute and system boundaries should pass: the fake, the fake behind the wire,
//! a real host. They are written over the traits alone; each cleans up after itself, also on a host that has other work.

mod compute;
mod files;
mod registry;
mod services;

use std::fmt;

use futures::future::BoxFuture;
use winlab_host::compute::Compute;
use winlab_host::system::System;
use winlab_host::{Boundary, Fault, HResult, Service};

/// Why a case failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(
    /// What was expected and what came.
    pub String,
);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

/// One case over one service.
pub struct Case<S: Service> {
    /// What it is about.
    pub name: &'static str,
    run: for<'a> fn(&'a dyn Boundary<S>) -> BoxFuture<'a, Result<(), Failure>>,
}

impl<S: Service> fmt::Debug for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.name)
    }
}

impl<S: Service> Case<S> {
    /// Runs it against a host.
    ///
    /// # Errors
    /// [`Failure`] where the host does something else.
    pub async fn run(&self, host: &dyn Boundary<S>) -> Result<(), Failure> {
        (self.run)(host).await
    }
}

/// Cases of HCS.
pub const COMPUTE: &[Case<Compute>] = &[
    Case { name: "what is not there", run: |host| Box::pin(compute::absent(host)) },
    Case { name: "service properties", run: |host| Box::pin(compute::service_properties(host)) },
    Case { name: "layer names", run: |host| Box::pin(compute::layer_names(host)) },
    Case { name: "documents that are none", run: |host| Box::pin(compute::bad_documents(host)) },
];

/// Cases of the system.
pub const SYSTEM: &[Case<System>] = &[
    Case { name: "files", run: |host| Box::pin(files::life(host)) },
    Case { name: "paths", run: |host| Box::pin(files::paths(host)) },
    Case { name: "registry keys and values", run: |host| Box::pin(registry::life(host)) },
    Case { name: "registry of a Windows host", run: |host| Box::pin(registry::version(host)) },
    Case { name: "services", run: |host| Box::pin(services::life(host)) },
    Case { name: "services of Windows", run: |host| Box::pin(services::of_windows(host)) },
    Case { name: "adapters", run: |host| Box::pin(services::adapters(host)) },
];

/// Fails unless both are the same.
fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: expected {expected:?}, found {found:?}")))
}

/// Fails unless it holds.
fn holds(what: &str, it: bool) -> Result<(), Failure> {
    if it { Ok(()) } else { Err(Failure(what.to_owned())) }
}

/// Fails unless the call was refused with this code.
fn refused<T>(what: &str, answer: Result<T, Fault>, code: HResult) -> Result<(), Failure> {
    same(what, answer.map_or_else(|fault| fault.code, |_| HResult::S_OK), code)
}
