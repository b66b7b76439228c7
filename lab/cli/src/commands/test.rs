//! `winlab test`.

use std::num::NonZeroUsize;
use std::sync::Arc;

use winlab_engine::{
    CaseResult, Interrupt, Job, Mode, Placement, Settings, Timeout, default_threads, run_cases,
};
use winlab_events::Sink;
use winlab_scenario::{Case, Diagnostic, Scenario};

use crate::args::Test;
use crate::plan::{Plan, Planned};
use crate::scenarios::shown;
use crate::testing::{Engine, run_tests};
use crate::{Environment, Exit, Streams, signals};

pub(super) fn run(
    args: &Test,
    words: &[String],
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let interrupt = signals::interrupt(streams)?;
    let worlds = Worlds {
        threads: threads(args.jobs),
        placement: args.placement.engine(environment),
        timeout: args.timeout(),
        interrupt: interrupt.clone(),
    };
    let exit = run_tests(args, words, environment, streams, &worlds)?;
    Ok(if interrupt.is_raised() { Exit::Interrupted } else { exit })
}

/// As many worlds as were asked for, or one per processor.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.unwrap_or_else(default_threads)
}

/// The engine: each case in a world of its own.
pub(super) struct Worlds {
    pub(super) threads: NonZeroUsize,
    pub(super) placement: Placement,
    pub(super) timeout: Timeout,
    pub(super) interrupt: Interrupt,
}

impl Worlds {
    /// Runs the cases of a plan.
    pub(super) fn run_all(&self, plan: &Plan<'_>, mode: Mode, sink: &dyn Sink) -> Vec<CaseResult> {
        let jobs: Vec<Job> = plan.cases.iter().map(job).collect();
        let settings = Settings {
            threads: self.threads,
            fail_fast: plan.fail_fast,
            mode,
            placement: self.placement.clone(),
            timeout: self.timeout,
        };
        run_cases(&jobs, &settings, &self.interrupt, sink)
    }
}

impl Engine for Worlds {
    fn refuse(&self, scenario: &Scenario, case: &Case) -> Vec<Diagnostic> {
        let mut refused = winlab_engine::refuse(scenario, case, &self.placement);
        refused.extend(winlab_engine::check_manifests(case));
        refused
    }

    fn run(&self, plan: &Plan<'_>, sink: &dyn Sink) {
        self.run_all(plan, Mode::Test, sink);
    }
}

/// A planned case as the engine takes it.
pub(super) fn job(planned: &Planned<'_>) -> Job {
    Job {
        name: planned.name.clone(),
        file: shown(&planned.loaded.file),
        scenario: Arc::clone(&planned.loaded.scenario),
        case: Arc::clone(planned.case),
        seed: planned.seed,
        rerun: planned.rerun.clone(),
    }
}
