//! `winlab lint`: what is wrong or odd in scenario files, without running them.

use winlab_engine::Placement;
use winlab_report::{Verbosity, write_diagnostic};
use winlab_scenario::Diagnostic;

use crate::args::{Lint, Output};
use crate::scenarios::{self, Loaded, Problems};
use crate::{Environment, Exit, Streams};

pub(super) fn run(args: &Lint, environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (scenarios, mut problems) = scenarios::load(&args.paths, environment)?;
    let files = scenarios.len() + problems.len();
    if files == 0 {
        writeln!(streams.talk, "error: there is no file to check")?;
        return Ok(Exit::NothingSelected);
    }
    problems.extend(scenarios.into_iter().filter_map(odd));
    problems.sort_by(|a, b| a.file.cmp(&b.file));
    match args.output {
        Output::Text => write_text(&problems, environment, streams)?,
        Output::Json => write_json(&problems, streams)?,
    }
    scenarios::annotate(&problems, environment, streams)?;
    let count: usize = problems.iter().map(|problem| problem.diagnostics.len()).sum();
    writeln!(streams.talk, "{files} {}: {count} {}", plural(files, "file"), plural(count, "finding"))?;
    Ok(if count == 0 { Exit::Pass } else { Exit::Usage })
}

fn odd(loaded: Loaded) -> Option<Problems> {
    let Loaded { file, scenario } = loaded;
    let mut diagnostics = winlab_scenario::lint(&scenario);
    let placement = Placement::default();
    let refused = scenario.cases.iter().flat_map(|case| {
        let mut refused = winlab_engine::refuse(&scenario, case, &placement);
        refused.extend(winlab_engine::check_manifests(case));
        refused
    });
    for found in refused {
        let same = |known: &Diagnostic| (known.span, &known.message) == (found.span, &found.message);
        if !diagnostics.iter().any(same) {
            diagnostics.push(found);
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.file, diagnostic.span.start));
    (!diagnostics.is_empty()).then(|| Problems { file, diagnostics, sources: scenario.sources.clone() })
}

fn write_text(
    problems: &[Problems],
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let look = environment.look(environment.out_is_terminal, Verbosity::Normal);
    for problem in problems {
        for diagnostic in &problem.diagnostics {
            write_diagnostic(&diagnostic.render(&problem.sources), &look, streams.out)?;
            writeln!(streams.out)?;
        }
    }
    Ok(())
}

fn write_json(problems: &[Problems], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let remarks: Vec<_> = problems
        .iter()
        .flat_map(|problem| {
            problem.diagnostics.iter().map(|diagnostic| scenarios::remark(diagnostic, &problem.sources))
        })
        .collect();
    serde_json::to_writer_pretty(&mut *streams.out, &remarks)?;
    writeln!(streams.out)?;
    Ok(())
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
