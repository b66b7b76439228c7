//! The command line: arguments in, exit code out.
//!
//! Everything the process is given is read here, once, and handed down as values: arguments ([`args`]), environment and terminals
//! ([`Environment`]), files ([`files`]). Data goes to standard output, talk to standard error. The contract is: the flags in
//! `--help`, the exit codes of [`Exit`], and the formats behind `--output json`, `--jsonl` and `--junit`.
//!
//! Reading order: [`run`], [`args`], then one module per command.

pub mod args;
pub mod commands;
pub mod failed;
pub mod files;
pub mod plan;
pub mod rerun;
pub mod scenarios;

mod environment;
mod exit;
mod pipe;
mod reporting;
mod signals;
mod streams;
mod testing;
mod wall;
mod wine_places;

pub use environment::{Environment, GitHub};
pub use exit::Exit;
pub use reporting::report_run;
pub use streams::Streams;
pub use testing::{Engine, run_tests};

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;

use crate::args::Cli;
use crate::pipe::Pipe;

/// Does what the command line asks for.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Exit {
    let (mut out, mut talk) = (Pipe::new(&mut *streams.out), Pipe::new(&mut *streams.talk));
    let streams = &mut Streams { out: &mut out, talk: &mut talk };
    let args: Vec<OsString> = args.into_iter().collect();
    let words: Vec<String> = args.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, environment, streams),
    };
    match commands::run(cli.command, &words, environment, streams) {
        Ok(exit) => exit,
        Err(error) => {
            // When talk fails as well there is no one left to tell.
            let _ = writeln!(streams.talk, "error: {error:#}");
            Exit::Usage
        }
    }
}

/// Prints help where it was asked for, and what is wrong with the arguments where it was not.
fn explain(error: &clap::Error, environment: &Environment, streams: &mut Streams<'_>) -> Exit {
    let text = error.render();
    let (stream, terminal) = if error.use_stderr() {
        (&mut streams.talk, environment.talk_is_terminal)
    } else {
        (&mut streams.out, environment.out_is_terminal)
    };
    let _ = if terminal && !environment.no_color {
        write!(stream, "{}", text.ansi())
    } else {
        write!(stream, "{text}")
    };
    if error.use_stderr() { Exit::Usage } else { Exit::Pass }
}
