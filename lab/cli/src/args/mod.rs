//! The arguments. A flag or command that does nothing yet is not here.

mod pattern;
mod reports;
mod selection;
mod shard;
mod skew;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use pattern::Pattern;
pub use reports::Reports;
pub use selection::{AxisValue, Candidate, Selection};
pub use shard::Shard;
pub use skew::{ComponentVersion, Skew};

/// Local simulation and test lab for Kubernetes on Windows nodes.
#[derive(Debug, Parser)]
#[command(name = "winlab", version, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    pass
  1    an expectation failed
  2    bad usage or scenario
  3    a need is absent under --require
  4    nothing selected
  70   a bug of winlab
  130  interrupted";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first scenario, with comments, into scenarios/
    Init,
    /// Say what this machine can run, and what is missing for the rest
    Doctor(Report),
    /// List the versions of Windows, of Kubernetes and the networks that a lab can have
    Profiles(Report),
    /// Say which versions the skew policy allows beside an API server
    Skew(Skew),
    /// Write a shell's completions to standard output
    Completions(Completions),
}

/// How a command's data are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// A command that only reports.
#[derive(Debug, Args)]
pub struct Report {
    /// How data are written to standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: Output,
}

/// `winlab completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
