//! The wire through its public face: a server on a thread of its own, and clients of three kinds (this crate's own, a
//! tiny one over plain sockets, and `curl` commands of the contract).

mod concurrency;
mod conformance;
mod contract;
mod double;
mod lab;
mod limits;
mod peer;
mod raw;
mod refusals;
mod sessions;
mod streams;
mod vanishing;
