//! What a run tells, and where.

use std::path::PathBuf;

use clap::Args;
use winlab_report::Verbosity;

use super::Output;

/// The flags about reports of a run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reports")]
pub struct Reports {
    /// Say only what failed, and the summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what each step did as well, and do not shorten evidence
    #[arg(short, long)]
    pub verbose: bool,
    /// What goes to standard output; with json the text goes to standard error
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: Output,
    /// Write JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write every event as a line of JSON to this file
    #[arg(long, value_name = "FILE")]
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
