//! GitHub Actions: annotations at the scenario's line, and the step summary.

mod annotations;
mod summary;

pub use annotations::{write_annotations, write_remark};
pub use summary::write_summary;
