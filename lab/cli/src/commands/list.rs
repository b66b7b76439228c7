//! `winlab list`: the cases of a selection.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::args::{List, Output};
use crate::scenarios::{self, Loaded, shown};
use crate::{Environment, Exit, Streams, plan};

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    scenario: &'a str,
    file: String,
    about: &'a str,
    cell: &'a BTreeMap<String, String>,
    covers: &'a [String],
    refs: &'a [String],
}

pub(super) fn run(args: &List, environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (scenarios, problems) = scenarios::load(&args.selection.paths, environment)?;
    scenarios::show(&problems, environment, streams)?;
    plan::check_axes(&scenarios, &args.selection)?;
    let chosen = plan::select(&scenarios, &args.selection, None);
    match args.output {
        Output::Text => {
            for (_, case) in &chosen {
                writeln!(streams.out, "{}", case.name)?;
            }
        }
        Output::Json => {
            let listed: Vec<_> = chosen.iter().map(|(loaded, case)| listed(loaded, case)).collect();
            serde_json::to_writer_pretty(&mut *streams.out, &listed)?;
            writeln!(streams.out)?;
        }
    }
    Ok(match (problems.is_empty(), chosen.is_empty()) {
        (false, _) => Exit::Usage,
        (true, true) => {
            writeln!(streams.talk, "error: no case is selected")?;
            Exit::NothingSelected
        }
        (true, false) => Exit::Pass,
    })
}

fn listed<'a>(loaded: &'a Loaded, case: &'a winlab_scenario::Case) -> Listed<'a> {
    Listed {
        name: &case.name,
        scenario: &loaded.scenario.name.value,
        file: shown(&loaded.file),
        about: loaded.scenario.about.trim(),
        cell: &case.cell,
        covers: &loaded.scenario.covers,
        refs: &loaded.scenario.refs,
    }
}
