//! `winlab completions`.

use clap::CommandFactory as _;

use crate::args::{Cli, Completions};
use crate::{Exit, Streams};

pub(super) fn run(args: &Completions, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    // Into memory first: the generators panic when a write fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "winlab", &mut script);
    streams.out.write_all(&script)?;
    Ok(Exit::Pass)
}
