//! The arguments. A flag or command that does nothing yet is not here.

mod bless;
mod exec;
mod pattern;
mod placement;
mod reports;
mod selection;
mod shard;
mod skew;
mod test;
#[cfg(unix)]
mod up;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use bless::Bless;
pub use exec::Exec;
pub use pattern::Pattern;
pub use placement::{Placement, Programs};
pub use reports::Reports;
pub use selection::{AxisValue, Candidate, Selection};
pub use shard::Shard;
pub use skew::{ComponentVersion, Skew};
pub use test::Test;
#[cfg(unix)]
pub use up::{Asked, Export, ExportLogs, ExportWhat, FlowArgs, Hcs, Hns, Up};

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
  3    a need is absent under --require, or for exec or up
  4    nothing selected
  70   a bug of winlab
  130  interrupted";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and report what holds and what does not
    Test(Test),
    /// Print the names of the cases that a selection holds
    List(List),
    /// Bring a lab up and keep it, on the wall clock, with an API server for kubectl; Ctrl-C ends it
    #[cfg(unix)]
    Up(Up),
    /// List the HNS objects of a Windows node of a lab that is up
    #[cfg(unix)]
    Hns(Hns),
    /// List the compute systems and processes of a Windows node of a lab that is up
    #[cfg(unix)]
    Hcs(Hcs),
    /// Walk a flow through what is programmed in the hosts of a lab that is up
    #[cfg(unix)]
    Flow(FlowArgs),
    /// Write parts of a lab that is up to files
    #[cfg(unix)]
    Export(Export),
    /// Check scenario files without running them; exit code 2 if there is anything to say
    Lint(Lint),
    /// Run scenarios and write what flows come to into their reach tables
    Bless(Bless),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Write a first scenario, with comments, into scenarios/
    Init,
    /// Run one Windows program under Wine against one fake Windows host
    Exec(Exec),
    /// Say what this machine can run, and what is missing for the rest
    Doctor(Report),
    /// List the versions of Windows, of Kubernetes and the networks that a lab can have
    Profiles(Report),
    /// Print what a lab does not model, and what happens instead
    Limitations,
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
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    pub output: Output,
}

/// `winlab list`.
#[derive(Debug, Args)]
pub struct List {
    /// Which cases.
    #[command(flatten)]
    pub selection: Selection,
    /// How data are written to standard output
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    pub output: Output,
}

/// `winlab lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Scenario files, or folders to search for *.winlab.yaml [default: scenarios]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How data are written to standard output
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    pub output: Output,
}

/// `winlab completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
