//! `winlab test`.

use std::num::NonZeroUsize;

use winlab_engine::{Job, Mode, Placement, Settings, default_threads, run_cases};
use winlab_events::Sink;
use winlab_scenario::{Case, Diagnostic, Scenario};

use crate::args::Test;
use crate::plan::{Plan, Planned};
use crate::scenarios::shown;
use crate::testing::{Engine, run_tests};
use crate::{Environment, Exit, Streams};

pub(super) fn run(
    args: &Test,
    words: &[String],
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    run_tests(
        args,
        words,
        environment,
        streams,
        &Worlds { threads: threads(args.jobs), placement: args.placement.engine(environment) },
    )
}

/// As many worlds as were asked for, or one per processor.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.unwrap_or_else(default_threads)
}

/// The engine: each case in a world of its own.
pub(super) struct Worlds {
    pub(super) threads: NonZeroUsize,
    pub(super) placement: Placement,
}

impl Engine for Worlds {
    fn refuse(&self, scenario: &Scenario, case: &Case) -> Vec<Diagnostic> {
        winlab_engine::refuse(scenario, case, &self.placement)
    }

    fn run(&self, plan: &Plan<'_>, sink: &dyn Sink) {
        let jobs: Vec<Job<'_>> = plan.cases.iter().map(job).collect();
        let settings = Settings {
            threads: self.threads,
            fail_fast: plan.fail_fast,
            mode: Mode::Test,
            placement: self.placement.clone(),
        };
        run_cases(&jobs, &settings, sink);
    }
}

/// A planned case as the engine takes it.
pub(super) fn job<'a>(planned: &Planned<'a>) -> Job<'a> {
    Job {
        name: planned.name.clone(),
        file: shown(&planned.loaded.file),
        scenario: &planned.loaded.scenario,
        case: planned.case,
        seed: planned.seed,
        rerun: planned.rerun.clone(),
    }
}
