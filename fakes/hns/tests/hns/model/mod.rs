//! The fake against a plain model of sets and maps: random calls must come out alike, and all views must agree.

mod calls;
mod properties;
mod reference;
mod steps;
mod views;
