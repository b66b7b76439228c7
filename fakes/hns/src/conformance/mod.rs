//! Cases that any implementation of the HNS boundary should pass: the fake, the fake behind the wire, a real host.
//!
//! They ask what the integration tests of hcsshim's `hcn` package ask, group by group, in the same sequences of calls
//! (list = enumerate, then open and query each). Each case cleans up after itself.

mod client;
mod endpoints;
mod errors;
mod fixtures;
mod load_balancers;
mod namespaces;
mod networks;
mod routes;
mod v1;

use futures::future::BoxFuture;
use winlab_host::HostNetwork;
use winlab_profiles::{HnsFeature, HnsVersion};

pub use client::Hcn;

/// Why a case failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(
    /// What was expected and what came.
    pub String,
);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<winlab_host::Fault> for Failure {
    fn from(fault: winlab_host::Fault) -> Self {
        Self(fault.to_string())
    }
}

/// One case.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name: the group, and what it is about.
    pub name: &'static str,
    /// What the version of HNS must have.
    pub needs: Option<HnsFeature>,
    run: for<'a> fn(Hcn<'a>) -> BoxFuture<'a, Result<(), Failure>>,
}

impl Case {
    /// Whether a version of HNS can pass it.
    #[must_use]
    pub fn fits(&self, version: HnsVersion) -> bool {
        version.has(HnsFeature::ApiV2) && self.needs.is_none_or(|feature| version.has(feature))
    }

    /// Runs it against a host.
    ///
    /// # Errors
    /// [`Failure`] with what came instead of what was expected.
    pub async fn run(&self, host: &HostNetwork) -> Result<(), Failure> {
        (self.run)(Hcn(host)).await
    }
}

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        networks::CASES,
        endpoints::CASES,
        namespaces::CASES,
        load_balancers::CASES,
        routes::CASES,
        v1::CASES,
        errors::CASES,
    ]
    .concat()
}

/// A case from an async function.
macro_rules! case {
    ($name:literal, $run:path) => {
        case!($name, $run, None)
    };
    ($name:literal, $run:path, $needs:expr) => {
        $crate::conformance::Case {
            name: $name,
            needs: $needs,
            run: |hcn| futures::FutureExt::boxed($run(hcn)),
        }
    };
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::conformance::Failure(format!($($message)+)));
        }
    };
}

use {case, ensure};
