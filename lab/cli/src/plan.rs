//! What is to run: cases, each with its seed and the line that runs it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::bail;
use winlab_events::{CaseName, FORMAT, PlannedCase, RunStarted};
use winlab_scenario::{Case, did_you_mean};

use crate::args::{AxisValue, Candidate, Selection, Test};
use crate::rerun;
use crate::scenarios::{Loaded, shown};

/// The seed when neither the command line nor the file names one: a run without flags is the same run each time.
pub const DEFAULT_SEED: u64 = 1;

/// The chosen cases, in order, and how to run them.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The cases.
    pub cases: Vec<Planned<'a>>,
    /// The root seed of the run.
    pub seed: u64,
    /// The command line that does the run again.
    pub rerun: String,
    /// Whether no further case is to be started after one has failed.
    pub fail_fast: bool,
}

/// One case to run.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    /// Its name in the run: the case's, with `#2` behind it when it is the second repetition.
    pub name: CaseName,
    /// The scenario.
    pub loaded: &'a Loaded,
    /// The case.
    pub case: &'a Arc<Case>,
    /// Its root seed.
    pub seed: u64,
    /// The command line that runs it again.
    pub rerun: String,
}

/// That every axis of a selection is one of some scenario: a slip of the keyboard would choose nothing, whatever its value.
///
/// # Errors
/// The axis that none has, with those that there are.
pub fn check_axes(scenarios: &[Loaded], selection: &Selection) -> anyhow::Result<()> {
    let cases = || scenarios.iter().flat_map(|loaded| &loaded.scenario.cases);
    let axes: BTreeSet<&str> = cases().flat_map(|case| case.cell.keys()).map(String::as_str).collect();
    for AxisValue { axis, .. } in &selection.matrix {
        if axes.contains(axis.as_str()) || scenarios.is_empty() {
            continue;
        }
        let hint = match (did_you_mean(axis, axes.iter().copied()), axes.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("the axes are {}", axes.iter().copied().collect::<Vec<_>>().join(", ")),
            (None, true) => "none of them has a matrix".to_owned(),
        };
        bail!("no scenario has an axis `{axis}`\n  hint: {hint}");
    }
    Ok(())
}

/// The cases of the scenarios that a selection holds, in order. `only` limits them to these names.
#[must_use]
pub fn select<'a>(
    scenarios: &'a [Loaded],
    selection: &Selection,
    only: Option<&BTreeSet<String>>,
) -> Vec<(&'a Loaded, &'a Arc<Case>)> {
    let cases: Vec<_> = scenarios
        .iter()
        .flat_map(|loaded| loaded.scenario.cases.iter().map(move |case| (loaded, case)))
        .collect();
    let candidates: Vec<_> = cases
        .iter()
        .map(|(loaded, case)| Candidate {
            name: &case.name,
            covers: &loaded.scenario.covers,
            cell: &case.cell,
        })
        .collect();
    selection.choose(&candidates, only).into_iter().map(|at| cases[at]).collect()
}

impl<'a> Plan<'a> {
    /// The plan for what `winlab test` was asked; `words` are the arguments as they were given, without the program's name.
    #[must_use]
    pub fn new(
        scenarios: &'a [Loaded],
        args: &Test,
        only: Option<&BTreeSet<String>>,
        words: &[String],
    ) -> Self {
        let seed = args.seed.unwrap_or(DEFAULT_SEED);
        let repetitions = args.repeat.map_or(1, |repeat| u64::from(repeat.get()));
        let chosen = select(scenarios, &args.selection, only);
        let cases = (0..repetitions).flat_map(|repetition| {
            chosen.iter().map(move |(loaded, case)| planned(loaded, case, args, repetition))
        });
        Self { cases: cases.collect(), seed, rerun: rerun::of_run(words, seed), fail_fast: args.fail_fast }
    }

    /// The run's first event.
    #[must_use]
    pub fn started(&self) -> RunStarted {
        RunStarted {
            format: FORMAT,
            winlab: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.seed.to_string(),
            rerun: self.rerun.clone(),
            cases: self.cases.iter().map(Planned::event).collect(),
        }
    }
}

impl Planned<'_> {
    fn event(&self) -> PlannedCase {
        PlannedCase {
            name: self.name.clone(),
            scenario: self.loaded.scenario.name.value.clone(),
            file: shown(&self.loaded.file),
            cell: self.cell().clone(),
        }
    }

    /// Its cell: value by axis.
    #[must_use]
    pub fn cell(&self) -> &BTreeMap<String, String> {
        &self.case.cell
    }
}

fn planned<'a>(loaded: &'a Loaded, case: &'a Arc<Case>, args: &Test, repetition: u64) -> Planned<'a> {
    let first = args.seed.or(loaded.scenario.seed.map(|seed| seed.number())).unwrap_or(DEFAULT_SEED);
    let seed = first.wrapping_add(repetition);
    let name = match repetition {
        0 => case.name.as_str().into(),
        _ => format!("{}#{}", case.name, repetition + 1).into(),
    };
    let rerun = rerun::of_case(&shown(&loaded.file), &case.name, &args.placement.words(), seed);
    Planned { name, loaded, case, seed, rerun }
}
