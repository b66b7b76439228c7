//! What a run tells, and where.

use std::path::PathBuf;

use clap::Args;
use winlab_report::Verbosity;

use super::Output;

/// Under which `--help` shows them.
const REPORTS: &str = "Reports";

/// The flags about reports of a run.
#[derive(Clone, Debug, Default, Args)]
pub struct Reports {
    /// Say only what failed, and the summary
    #[arg(short, long, conflicts_with = "verbose", help_heading = REPORTS)]
    pub quiet: bool,
    /// Say what each step did as well, and do not shorten evidence
    #[arg(short, long, help_heading = REPORTS)]
    pub verbose: bool,
    /// What goes to standard output; with json the text goes to standard error
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t, help_heading = REPORTS)]
    pub output: Output,
    /// Write JUnit XML to this file
    #[arg(long, value_name = "FILE", help_heading = REPORTS)]
    pub junit: Option<PathBuf>,
    /// Write every event as a line of JSON to this file
    #[arg(long, value_name = "FILE", help_heading = REPORTS)]
    pub jsonl: Option<PathBuf>,
}

impl Reports {
    /// How much is said.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        match self {
            Self { quiet: true, .. } => Verbosity::Quiet,
            Self { verbose: true, .. } => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}
