//! One Windows host, all three services joined, on the lab's clock.

mod commands;
mod conformance;
mod containers;
mod invariants;
mod lab;
mod network;
mod power;
