//! Runs something that emits events, with every report that was asked for.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context as _;
use winlab_events::{FanOut, InOrder, Journal, Sink, WallStamp};
use winlab_report::{
    Gathering, Progress, ProgressDrawTarget, RenderSink, RunReport, Terminal, Verbosity, github, json, junit,
};

use crate::args::{Output, Reports};
use crate::{Environment, Streams, files, wall};

/// Lets `run` emit a whole run, from `run-started` to `run-finished`, and writes the reports.
///
/// Files are opened before `run` starts, relative to the working directory. Text goes to standard output, or to standard error when
/// that carries JSON; annotations always go to standard error, which GitHub reads as well.
///
/// # Errors
/// A report cannot be written. A reader of standard output that went away early is no error.
pub fn report_run(
    args: &Reports,
    environment: &Environment,
    streams: &mut Streams<'_>,
    run: impl FnOnce(&dyn Sink),
) -> anyhow::Result<RunReport> {
    let open = |path: &Path| files::create(&environment.directory.join(path));
    let mut junit_file = args.junit.as_deref().map(open).transpose()?;
    let jsonl_file = args.jsonl.as_deref().map(open).transpose()?;

    let (text, is_terminal): (&mut (dyn Write + Send), bool) = match args.output {
        Output::Text => (&mut *streams.out, environment.out_is_terminal),
        Output::Json => (&mut *streams.talk, environment.talk_is_terminal),
    };
    let verbosity = args.verbosity();
    let progress = (environment.is_watched() && verbosity > Verbosity::Quiet)
        .then(|| Progress::new(ProgressDrawTarget::stderr()));
    let terminal = RenderSink::new(Terminal::new(text, environment.look(is_terminal, verbosity), progress));
    let gathering = Gathering::new();
    let journal = jsonl_file.map(|file| InOrder::new(Journal::with_wall(file)));

    let mut sinks = FanOut::new().with(&terminal).with(&gathering);
    if let Some(journal) = &journal {
        sinks = sinks.with(journal);
    }
    run(&WallStamp::new(wall::clock(), sinks));

    if let Err(error) = terminal.finish() {
        tolerate_broken_pipe(error).context("cannot write the report")?;
    }
    if let Some(journal) = journal {
        journal.into_inner().finish().context("cannot write the events")?;
    }
    let report = gathering.into_report();
    if let Some(file) = &mut junit_file {
        junit::write(&report, file).and_then(|()| file.flush()).context("cannot write the JUnit file")?;
    }
    if args.output == Output::Json {
        json::write(&report, streams.out).or_else(tolerate_broken_pipe).context("cannot write the report")?;
    }
    report_to_github(&report, environment, streams)?;
    Ok(report)
}

fn report_to_github(
    report: &RunReport,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let Some(found) = &environment.github else { return Ok(()) };
    github::write_annotations(report, streams.talk).context("cannot write annotations")?;
    if let Some(path) = &found.step_summary {
        let mut file = files::append(path)?;
        github::write_summary(report, &mut file)
            .and_then(|()| file.flush())
            .context("cannot write the step summary")?;
    }
    Ok(())
}

fn tolerate_broken_pipe(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

#[cfg(test)]
#[path = "reporting_tests.rs"]
mod tests;
