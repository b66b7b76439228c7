//! `winlab test`.

use std::num::NonZeroU32;

use clap::Args;

use super::{Reports, Selection};

/// The arguments of `winlab test`.
#[derive(Clone, Debug, Default, Args)]
pub struct Test {
    /// Which cases.
    #[command(flatten)]
    pub selection: Selection,
    /// What is told about them.
    #[command(flatten)]
    pub reports: Reports,
    /// Only cases that failed when they last ran here
    #[arg(long, help_heading = "Selection")]
    pub failed: bool,
    /// Start no further case after one has failed
    #[arg(long)]
    pub fail_fast: bool,
    /// Run each case so many times, each with the next seed
    #[arg(long, value_name = "N")]
    pub repeat: Option<NonZeroU32>,
    /// Where all randomness comes from [default: what the file says, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print the names of the cases that would run, and run none
    #[arg(long)]
    pub dry_run: bool,
    /// Fail with exit code 3 when a case is skipped because this machine lacks what it needs
    #[arg(long)]
    pub require: bool,
}
