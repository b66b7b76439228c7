//! Calls a second.
fn main() {}
