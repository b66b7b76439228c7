//! What every object of the format may hold: one table per object, read by the parser and printed as JSON Schema and
//! as the reference page.

mod check;
mod fault;
mod lab;
mod scenario;
mod step;
mod types;
mod verb;

pub use check::{CHECK, EXEC, PROBE, REFUSED, VIA};
pub use fault::FAULT;
pub use lab::{DOES, EXIT, IMAGE, LAB, NODE, REPLY};
pub(crate) use lab::{REAL, START_MODES};
pub use scenario::{CLOCK, KNOWN, MATRIX, SCENARIO};
pub(crate) use step::{COMPONENTS, JOINS};
pub use step::{DURING, STEP};
pub use types::{Choice, Key, Shape, Value};
pub use verb::{INPUT, VERB};

/// Every shape, in reading order.
pub static ALL: [&Shape; 19] = [
    &SCENARIO, &CLOCK, &MATRIX, &KNOWN, &LAB, &NODE, &IMAGE, &DOES, &REPLY, &EXIT, &FAULT, &STEP, &DURING,
    &EXEC, &REFUSED, &CHECK, &PROBE, &VERB, &INPUT,
];
