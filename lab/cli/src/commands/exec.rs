//! `winlab exec`: one Windows program against one fake host.

use std::io::Write;

use anyhow::{Context as _, bail};
use winlab_clock::{Clock, Pace};
use winlab_exec::Exec;
use winlab_host::JournalEntry;
use winlab_wine::{Lacking, Probe};

use crate::args;
use crate::wine_places;
use crate::{Environment, Exit, Streams, files, wall};

pub(super) fn run(
    args: &args::Exec,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let program = environment.directory.join(&args.program);
    if !files::exists(&program) {
        bail!("there is no program `{}`", args.program.display());
    }
    let probe = Probe::look(&wine_places::of(environment, args.shims.as_deref()));
    let wine = match probe.runner() {
        Ok(wine) => wine,
        Err(lacking) => {
            explain(&lacking, streams.talk)?;
            return Ok(Exit::NeedAbsent);
        }
    };
    if !wine.is_prepared() {
        writeln!(streams.talk, "Wine boots once and for all, which takes some ten seconds.")?;
    }
    wine.prepare()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let exec = Exec {
            name: args.name.clone(),
            windows: args.node_os,
            networks: args.network.clone(),
            program,
            arguments: args.arguments.clone(),
            environment: args.env.clone(),
            folder: args.folder.as_ref().map(|folder| environment.directory.join(folder)),
            clock: Clock::start(Pace::Real, wall::date()),
        };
        let outcome = exec
            .run(&wine, |entry| {
                if args.journal {
                    // What cannot be written is nothing the program should end for.
                    let _ = print(&entry, streams.talk);
                }
            })
            .await
            .with_context(|| format!("`{}` did not run", args.program.display()))?;
        for (service, what, count) in &outcome.unmodelled {
            writeln!(streams.talk, "not modelled: {service}: {what} ({count})")?;
        }
        Ok(Exit::of_program(outcome.status))
    })
}

fn explain(lacking: &[Lacking], talk: &mut dyn Write) -> std::io::Result<()> {
    for lacking in lacking {
        writeln!(talk, "error: {lacking}\n  hint: {}", lacking.hint)?;
    }
    Ok(())
}

/// `+0.012s hns HcnOpenNetwork {"id":…} -> …`
fn print(entry: &JournalEntry, talk: &mut dyn Write) -> std::io::Result<()> {
    let JournalEntry { service, function, arguments, outcome, asked, .. } = entry;
    match outcome {
        Ok(answer) => writeln!(talk, "{asked} {service} {function} {arguments} -> {answer}"),
        Err(fault) => writeln!(talk, "{asked} {service} {function} {arguments} -> error: {fault}"),
    }
}
