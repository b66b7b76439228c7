//! `winlab test`, with whatever engine it is given.

use winlab_events::{Event, FanOut, Sink, Tally};
use winlab_scenario::{Case, Diagnostic, Scenario};

use crate::args::Test;
use crate::plan::{Plan, check_axes};
use crate::scenarios::{self, Loaded, Problems};
use crate::{Environment, Exit, Streams, failed, report_run};

/// What runs cases.
pub trait Engine {
    /// The parts of a case that it cannot run, with their places: the run is refused before anything starts. What merely is not there on
    /// this machine is no such part: it makes the case skipped.
    fn refuse(&self, scenario: &Scenario, case: &Case) -> Vec<Diagnostic>;

    /// Runs the cases and emits the events of each, from `case-started` or `case-skipped` to `case-finished`. The run's first and
    /// last event are not its to emit.
    fn run(&self, plan: &Plan<'_>, sink: &dyn Sink);
}

/// Selects cases, runs them, reports. `words` are the process's arguments without the program's name, for the rerun line.
///
/// # Errors
/// What the user can put right: paths, report files.
pub fn run_tests(
    args: &Test,
    words: &[String],
    environment: &Environment,
    streams: &mut Streams<'_>,
    engine: &dyn Engine,
) -> anyhow::Result<Exit> {
    let (scenarios, mut problems) = scenarios::load(&args.selection.paths, environment)?;
    problems.extend(scenarios.iter().filter_map(|loaded| refused(loaded, engine)));
    if !problems.is_empty() {
        scenarios::show(&problems, environment, streams)?;
        return Ok(Exit::Usage);
    }
    check_axes(&scenarios, &args.selection)?;
    let only = args.failed.then(|| failed::read(&environment.directory));
    let plan = Plan::new(&scenarios, args, only.as_ref(), words);
    if plan.cases.is_empty() {
        let hint = if args.failed { "; nothing has failed here" } else { "" };
        writeln!(streams.talk, "error: no case is selected{hint}\n  hint: `winlab list` prints the names")?;
        return Ok(Exit::NothingSelected);
    }
    if args.dry_run {
        for case in &plan.cases {
            writeln!(streams.out, "{}", case.name)?;
        }
        return Ok(Exit::Pass);
    }
    run_plan(args, &plan, environment, streams, engine)
}

/// What the engine cannot do of a scenario, each place once however many cells share it.
pub(crate) fn refused(loaded: &Loaded, engine: &dyn Engine) -> Option<Problems> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let scenario = &loaded.scenario;
    for diagnostic in scenario.cases.iter().flat_map(|case| engine.refuse(scenario, case)) {
        let same =
            |known: &Diagnostic| (known.span, &known.message) == (diagnostic.span, &diagnostic.message);
        if !diagnostics.iter().any(same) {
            diagnostics.push(diagnostic);
        }
    }
    let sources = loaded.scenario.sources.clone();
    (!diagnostics.is_empty()).then(|| Problems { file: loaded.file.clone(), diagnostics, sources })
}

fn run_plan(
    args: &Test,
    plan: &Plan<'_>,
    environment: &Environment,
    streams: &mut Streams<'_>,
    engine: &dyn Engine,
) -> anyhow::Result<Exit> {
    let tally = Tally::new();
    let report = report_run(&args.reports, environment, streams, |sink| {
        sink.emit(&Event::of_run(plan.started()));
        engine.run(plan, &FanOut::new().with(&tally).with(sink));
        let seed = plan.seed.to_string();
        sink.emit(&Event::of_run(tally.finished(plan.cases.len(), &seed, &plan.rerun)));
    })?;
    if let Err(error) = failed::update(&environment.directory, &report) {
        writeln!(streams.talk, "warning: cannot take note of what failed, for --failed: {error}")?;
    }
    Ok(Exit::of_summary(&report.summary(), args.placement.require && tally.need_absent()))
}

#[cfg(test)]
#[path = "testing_tests.rs"]
mod tests;
