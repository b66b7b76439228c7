//! `winlab bless`: reach tables say what is, not what was hoped.
//!
//! Only cells that a flow was asked for are touched, comments and columns stay. A cell of which the cells of the matrix disagree,
//! or that came to something a table has no word for, is left alone and told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use winlab_engine::{CaseResult, Mode, Placement, Timeout};
use winlab_events::{Event, FanOut, Outcome, Tally};
use winlab_scenario::{FileId, Scenario, Span, rewrite};

use super::test::{Worlds, threads};
use crate::args::{Bless, Reports, Test};
use crate::plan::{Plan, Planned, check_axes};
use crate::scenarios::{self, Loaded, shown};
use crate::testing::refused;
use crate::{Environment, Exit, Streams, files, report_run, signals};

pub(super) fn run(
    args: &Bless,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let interrupt = signals::interrupt(streams)?;
    let engine = Worlds {
        threads: threads(args.jobs),
        placement: Placement::default(),
        timeout: Timeout::ByPace,
        interrupt: interrupt.clone(),
    };
    let (scenarios, mut problems) = scenarios::load(&args.selection.paths, environment)?;
    problems.extend(scenarios.iter().filter_map(|loaded| refused(loaded, &engine)));
    if !problems.is_empty() {
        scenarios::show(&problems, environment, streams)?;
        return Ok(Exit::Usage);
    }
    check_axes(&scenarios, &args.selection)?;
    let test = Test { selection: args.selection.clone(), seed: args.seed, ..Test::default() };
    let plan = Plan::new(&scenarios, &test, None, &["test".to_owned()]);
    if plan.cases.is_empty() {
        writeln!(streams.talk, "error: no case is selected\n  hint: `winlab list` prints the names")?;
        return Ok(Exit::NothingSelected);
    }
    let tally = Tally::new();
    let mut results = Vec::new();
    let reports = Reports { quiet: true, ..Reports::default() };
    let report = report_run(&reports, environment, streams, |sink| {
        sink.emit(&Event::of_run(plan.started()));
        results = engine.run_all(&plan, Mode::Bless, &FanOut::new().with(&tally).with(sink));
        let seed = plan.seed.to_string();
        sink.emit(&Event::of_run(tally.finished(plan.cases.len(), &seed, &plan.rerun)));
    })?;
    if interrupt.is_raised() {
        writeln!(streams.talk, "interrupted: nothing was written")?;
        return Ok(Exit::Interrupted);
    }
    let exit = Exit::of_summary(&report.summary(), false);
    if exit == Exit::Bug {
        writeln!(streams.talk, "error: a case crashed; nothing was written")?;
        return Ok(exit);
    }
    for loaded in &scenarios {
        write_back(loaded, &plan, &results, args.dry_run, environment, streams)?;
    }
    Ok(exit)
}

/// What cells came to, over all cases of a scenario, and in how many cases.
type Found = BTreeMap<Span, (String, BTreeSet<String>)>;

fn write_back(
    loaded: &Loaded,
    plan: &Plan<'_>,
    results: &[CaseResult],
    dry_run: bool,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let sources = &loaded.scenario.sources;
    let mut found = Found::new();
    for result in results.iter().filter(|result| result.outcome != Outcome::Failed) {
        let is_of = |case: &Planned<'_>| case.name == result.name && std::ptr::eq(case.loaded, loaded);
        if !plan.cases.iter().any(is_of) {
            continue;
        }
        for cell in &result.reach {
            let entry = found.entry(cell.span).or_insert_with(|| (cell.expected.clone(), BTreeSet::new()));
            entry.1.insert(cell.found.clone());
        }
    }
    let mut changes: BTreeMap<FileId, Vec<(Span, String)>> = BTreeMap::new();
    for (span, (expected, words)) in found {
        let words: Vec<String> = words.into_iter().collect();
        match &words[..] {
            [word] if *word == expected => {}
            [word] if is_word(word) => {
                writeln!(streams.out, "{}: {expected} -> {word}", sources.place(span))?;
                changes.entry(span.file).or_default().push((span, word.clone()));
            }
            [word] => {
                writeln!(streams.talk, "{}: left alone: a table has no word for {word}", sources.place(span))?
            }
            _ => {
                let words = words.join(", ");
                writeln!(
                    streams.talk,
                    "{}: left alone: the cells of the matrix differ: {words}",
                    sources.place(span)
                )?;
            }
        }
    }
    for (file, cells) in changes.into_iter().filter(|_| !dry_run) {
        write(&loaded.scenario, &path_of(loaded, file), file, &cells, environment)?;
    }
    Ok(())
}

/// What a cell may say.
fn is_word(word: &str) -> bool {
    ["ok", "refused", "timeout", "no-name"].contains(&word) || word.starts_with("ok x")
}

/// The file as the command line would name it; files that a scenario names are relative to it.
fn path_of(loaded: &Loaded, file: FileId) -> PathBuf {
    if file == FileId::SCENARIO {
        return loaded.file.clone();
    }
    let folder = loaded.file.parent().unwrap_or(Path::new(""));
    folder.join(loaded.scenario.sources.path(file))
}

fn write(
    scenario: &Scenario,
    path: &Path,
    file: FileId,
    cells: &[(Span, String)],
    environment: &Environment,
) -> anyhow::Result<()> {
    let text = scenario.sources.text(file);
    let target = environment.directory.join(path);
    let there = files::read(&target).with_context(|| format!("cannot read `{}`", shown(path)))?;
    ensure!(there == text, "`{}` has changed since it was run; nothing was written to it", shown(path));
    files::write(&target, &rewrite(text, cells)).with_context(|| format!("cannot write `{}`", shown(path)))
}
