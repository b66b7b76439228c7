//! The HNS client library of Kubernetes programs on Windows, over the boundary.
//!
//! kube-proxy, flanneld and the CNI plugins speak to HNS through microsoft/hnslib and microsoft/hcsshim. This crate makes the same calls
//! in the same order with the same documents: a list is one enumeration and one open and query per object, a look-up by
//! name is a list with a filter, a change is an open, a modify and a query. [`Hcn`] is the V2 interface, [`Hns`] the V1
//! one (`HNSCall`).

mod endpoint;
mod error;
mod hcn;
mod hns;
mod load_balancer;
mod namespace;
mod network;

pub use error::{HcnError, HnsError};
pub use hcn::Hcn;
pub use hns::Hns;
