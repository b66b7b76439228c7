//! Tests of the fake HNS through its public face.

mod adapters;
mod addresses;
mod attaching;
mod conformance;
mod documents;
mod guests;
mod host;
mod load_balancing;
mod model;
mod modifying;
mod service;
mod v1;
