//! Renderers: readers of the event stream that write for people and for other tools.
//!
//! | renderer                       | for                    | when                      |
//! |--------------------------------|------------------------|---------------------------|
//! | [`Terminal`]                   | a person, or a CI log  | as cases end              |
//! | [`json::write`]                | `--output json`        | at the run's end          |
//! | [`junit::write`]               | `--junit FILE`         | at the run's end          |
//! | [`github::write_annotations`]  | GitHub Actions' log    | at the run's end          |
//! | [`github::write_summary`]      | GitHub's step summary  | at the run's end          |
//! | [`winlab_events::Journal`]     | `--jsonl FILE`         | as events come            |
//!
//! A renderer writes to the writer it is given. None opens a file, reads the environment or asks a terminal for its width: the
//! command line does that once and hands values down. Text that comes from the lab (logs, object names, container output) is
//! hostile until shown otherwise; [`visible()`] makes it harmless before it meets a terminal.
//!
//! Reading order: [`RunReport`] gathers events into what the renderers at the run's end need; `failure` writes one failed step as
//! text, for the terminal, JUnit and the step summary alike.

pub mod github;
pub mod json;
pub mod junit;

mod diagnostic;
mod failure;
mod gather;
mod heading;
mod paint;
mod progress;
mod render;
mod span;
mod terminal;
mod visible;

pub use diagnostic::write_diagnostic;
pub use failure::write_walk;
pub use gather::{CaseEnd, CaseReport, Problem, RunReport, StepReport};
pub use paint::{Look, Verbosity};
pub use progress::Progress;
pub use render::{Gathering, Render, RenderSink};
pub use terminal::Terminal;
pub use visible::visible;

// So that the command line can say where the bar is drawn without a dependency of its own.
pub use indicatif::ProgressDrawTarget;
