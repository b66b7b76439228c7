//! Every case below `scenarios/` as a test, each of them twice: the same seed, the same bytes.
//!
//! `cargo test -p winlab-scenarios -- drain` runs the cases that have `drain` in their names.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use winlab_cli::Environment;
use winlab_cli::args::Test;
use winlab_cli::plan::{Plan, Planned};
use winlab_cli::scenarios::{Problems, load, shown};
use winlab_engine::{Interrupt, Job, Mode, Placement, Settings, Timeout, check_manifests, refuse, run_cases};
use winlab_events::{Journal, Outcome, Sink};
use winlab_report::{RenderSink, Terminal, Verbosity};

fn main() {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let environment = Environment { directory: root.to_owned(), ..Environment::default() };
    let (loaded, problems) = match load(&[], &environment) {
        Ok(found) => found,
        Err(error) => panic!("{error:#}"),
    };
    // Trials must own what they use or borrow it for good; these live as long as the process anyway.
    let loaded = Box::leak(Box::new(loaded));
    let plan: &'static Plan<'static> =
        Box::leak(Box::new(Plan::new(loaded, &Test::default(), None, &["test".to_owned()])));
    let mut trials: Vec<Trial> = problems.iter().map(unreadable).collect();
    trials.extend(plan.cases.iter().map(|planned| Trial::test(planned.name.to_string(), || case(planned))));
    libtest_mimic::run(&Arguments::from_args(), trials).exit()
}

fn unreadable(problems: &Problems) -> Trial {
    let text: String = problems.diagnostics.iter().map(|problem| problem.render(&problems.sources)).collect();
    Trial::test(shown(&problems.file), move || Err(Failed::from(text)))
}

fn job(planned: &Planned<'static>) -> Job {
    Job {
        name: planned.name.clone(),
        file: shown(&planned.loaded.file),
        scenario: Arc::clone(&planned.loaded.scenario),
        case: Arc::clone(planned.case),
        seed: planned.seed,
        rerun: planned.rerun.clone(),
    }
}

fn run(planned: &Planned<'static>, sink: &dyn Sink) -> Outcome {
    let settings = Settings {
        threads: NonZeroUsize::MIN,
        fail_fast: false,
        mode: Mode::Test,
        placement: Placement::default(),
        timeout: Timeout::ByPace,
    };
    run_cases(&[job(planned)], &settings, &Interrupt::new(), sink)[0].outcome
}

/// Runs the case twice with one seed: it must pass, and leave the same bytes.
fn case(planned: &Planned<'static>) -> Result<(), Failed> {
    let refused = refuse(&planned.loaded.scenario, planned.case, &Placement::default());
    if let Some(refused) = refused.iter().chain(&check_manifests(planned.case)).next() {
        return Err(refused.render(&planned.loaded.scenario.sources).into());
    }
    let (first, outcome) = journal(planned)?;
    if outcome.is_red() {
        return Err(shown_again(planned)?.into());
    }
    same(&first, &journal(planned)?.0)
}

/// The whole journal of the case, without wall time, and how it ended.
fn journal(planned: &Planned<'static>) -> Result<(String, Outcome), Failed> {
    let journal = Journal::new(Vec::new());
    let outcome = run(planned, &journal);
    Ok((String::from_utf8(journal.finish()?)?, outcome))
}

/// What a terminal shows of the case.
fn shown_again(planned: &Planned<'static>) -> Result<String, Failed> {
    let mut text = Vec::new();
    let look = Environment::default().look(false, Verbosity::Normal);
    let terminal = RenderSink::new(Terminal::new(&mut text, look, None));
    run(planned, &terminal);
    terminal.finish()?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn same(first: &str, again: &str) -> Result<(), Failed> {
    if first == again {
        return Ok(());
    }
    let differs = first.lines().zip(again.lines()).enumerate().find(|(_, (a, b))| a != b);
    Err(match differs {
        Some((number, (a, b))) => format!("line {} differs:\n{a}\n{b}", number + 1).into(),
        None => format!("{} bytes, then {}", first.len(), again.len()).into(),
    })
}
