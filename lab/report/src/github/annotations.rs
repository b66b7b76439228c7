//! Workflow commands that put failures at the scenario's line.
//!
//! Syntax and escapes: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>; in a command's text `%`, CR and
//! LF are written as `%25`, `%0D`, `%0A`, in its properties `:` and `,` as well (actions/toolkit `packages/core/src/command.ts`).

use std::io::{self, Write};

use winlab_events::{Place, Remark, Severity};

use crate::visible::visible;
use crate::{CaseReport, RunReport, StepReport};

/// Writes one `::error` per problem, one per unexpected pass, and one `::warning`, `::notice` or `::error` per remark.
///
/// # Errors
/// The writer failed.
pub fn write_annotations(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    for remark in &run.remarks {
        write_remark(remark, "winlab", out)?;
    }
    for crash in &run.crashes {
        annotate(
            out,
            "error",
            None,
            "winlab",
            &format!("bug of winlab in {}: {}", crash.component, crash.message),
        )?;
    }
    for case in &run.cases {
        for remark in &case.remarks {
            write_remark(remark, &case.name, out)?;
        }
        for step in case.red_steps() {
            annotate_step(out, case, step)?;
        }
    }
    Ok(())
}

/// Writes one remark: what `lint` and a refused scenario have to say.
///
/// # Errors
/// The writer failed.
pub fn write_remark(remark: &Remark, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let level = match remark.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let hint = remark.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    annotate(out, level, remark.place.as_ref(), title, &format!("{}{hint}", remark.message))
}

fn annotate_step(out: &mut dyn Write, case: &CaseReport, step: &StepReport) -> io::Result<()> {
    let title = match &step.name {
        Some(name) => format!("{}, step {name}", case.name),
        None => case.name.clone(),
    };
    let rerun =
        step.evidence.as_ref().map(|evidence| format!("\nrerun: {}", evidence.rerun)).unwrap_or_default();
    if let Some(known) = step.known.as_ref().filter(|known| !known.failed_as_expected) {
        let message = format!("passed although it is marked as a known failure: {}{rerun}", known.reason);
        annotate(out, "error", Some(&known.place), &title, &message)?;
    }
    for problem in &step.problems {
        let place = problem.place().or(step.place.as_ref());
        annotate(out, "error", place, &title, &format!("{}{rerun}", problem.headline()))?;
    }
    Ok(())
}

fn annotate(
    out: &mut dyn Write,
    level: &str,
    place: Option<&Place>,
    title: &str,
    message: &str,
) -> io::Result<()> {
    write!(out, "::{level} ")?;
    if let Some(Place { file, line, column }) = place {
        write!(out, "file={},line={line},col={column},", property(file))?;
    }
    writeln!(out, "title={}::{}", property(title), data(message))
}

fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
