//! One failed step as text: what, where, why, and the evidence.
//!
//! The terminal, JUnit and the step summary show the same text. Everything that comes from the lab stands behind a gutter
//! (`    | `), so that no line of it can be taken for a line of winlab's or for a GitHub workflow command.

use std::io::{self, Write};

use winlab_events::{CheckFailed, Crash, Evidence, Hop, TimedCall, Walk};

use crate::paint::{Look, Tone};
use crate::span;
use crate::visible::{clip, one_line, visible};
use crate::{CaseReport, Problem, StepReport};

/// Writes every red step of a case.
pub(crate) fn write_case(out: &mut dyn Write, case: &CaseReport, look: &Look) -> io::Result<()> {
    for step in case.red_steps() {
        write_step(out, step, look)?;
    }
    Ok(())
}

/// What JUnit and the step summary show of a case: the text without colour or clipping.
pub(crate) fn plain_text(case: &CaseReport) -> String {
    let mut out = Vec::new();
    write_case(&mut out, case, &Look::plain()).expect("a vector takes every byte");
    String::from_utf8(out).expect("only text was written")
}

fn write_step(out: &mut dyn Write, step: &StepReport, look: &Look) -> io::Result<()> {
    let title = match &step.name {
        Some(name) => format!("step {}/{} {}", step.number, step.of, one_line(name)),
        None => "outside the steps".to_owned(),
    };
    let time = if step.outcome.is_some() {
        format!(" ({} virtual)", span::scenario(step.virtual_ns))
    } else {
        String::new()
    };
    writeln!(out, "  {}{}", look.paint(Tone::Strong, title), look.paint(Tone::Faint, time))?;
    if let Some(known) = step.known.as_ref().filter(|known| !known.failed_as_expected) {
        writeln!(
            out,
            "    {} although it is marked as a known failure: {}",
            look.paint(Tone::Bad, "passed"),
            one_line(&known.reason)
        )?;
        writeln!(out, "    --> {}", look.paint(Tone::Place, one_line(&known.place.to_string())))?;
        writeln!(out, "    hint: if the behaviour is fixed, remove this entry under `known`")?;
    }
    for problem in &step.problems {
        write_problem(out, problem, look)?;
    }
    match &step.evidence {
        Some(evidence) => write_evidence(out, evidence, look),
        None => Ok(()),
    }
}

fn write_problem(out: &mut dyn Write, problem: &Problem, look: &Look) -> io::Result<()> {
    match problem {
        Problem::Check(check) => write_check(out, check, look)?,
        Problem::Action(action) => {
            let what = format!("{} {}", action.action, one_line(&action.detail));
            writeln!(out, "    {what} {}", look.paint(Tone::Bad, "failed"))?;
            gutter(out, action.error.as_deref().unwrap_or_default(), None)?;
        }
        Problem::Crash(crash) => write_crash(out, crash, look)?,
    }
    match problem.place() {
        Some(place) => writeln!(out, "    --> {}", look.paint(Tone::Place, one_line(&place.to_string()))),
        None => Ok(()),
    }
}

fn write_check(out: &mut dyn Write, check: &CheckFailed, look: &Look) -> io::Result<()> {
    writeln!(
        out,
        "    {} {} {} (after {})",
        check.kind,
        one_line(&check.target),
        look.paint(Tone::Bad, check.reason.describe()),
        span::scenario(check.after_ns),
    )?;
    writeln!(out, "    {}", look.paint(Tone::Strong, one_line(&check.message)))?;
    if let Some(say) = &check.say {
        writeln!(out, "    say: {}", one_line(say))?;
    }
    if let Some(hint) = &check.hint {
        writeln!(out, "    hint: {}", one_line(hint))?;
    }
    Ok(())
}

/// A bug of winlab, in words that keep the reader from looking for it in the scenario.
pub(crate) fn write_crash(out: &mut dyn Write, crash: &Crash, look: &Look) -> io::Result<()> {
    let location = crash.location.as_deref().map(|at| format!(" at {}", one_line(at))).unwrap_or_default();
    writeln!(
        out,
        "    {} in {}{location}: this is not about your scenario; please report it",
        look.paint(Tone::Bad, "bug of winlab"),
        one_line(&crash.component),
    )?;
    gutter(out, &crash.message, None)
}

fn write_evidence(out: &mut dyn Write, evidence: &Evidence, look: &Look) -> io::Result<()> {
    let width = look.clip_width();
    if let Some(excerpt) = &evidence.excerpt {
        gutter(out, excerpt, None)?;
    }
    for diagnostic in &evidence.diagnostics {
        gutter(out, diagnostic, None)?;
    }
    if let Some(diff) = &evidence.diff {
        writeln!(out, "    difference (- expected, + actual)")?;
        write_diff(out, diff, look)?;
    }
    for walk in &evidence.walks {
        write_walk(out, walk, look)?;
    }
    if !evidence.last_calls.is_empty() {
        writeln!(out, "    last calls that concern this")?;
        for call in &evidence.last_calls {
            gutter(out, &call_line(call), width)?;
        }
    }
    for view in &evidence.views {
        writeln!(out, "    {}", one_line(&view.title))?;
        gutter(out, &view.text, width)?;
    }
    writeln!(out, "    rerun: {}", one_line(&evidence.rerun))
}

fn write_diff(out: &mut dyn Write, diff: &str, look: &Look) -> io::Result<()> {
    for line in visible(diff).lines() {
        let painted = match line.as_bytes().first() {
            Some(b'-') => look.paint(Tone::Bad, line),
            Some(b'+') => look.paint(Tone::Good, line),
            _ => line.to_owned(),
        };
        writeln!(out, "    | {painted}")?;
    }
    Ok(())
}

/// Writes a walk: a line for each hop, with a mark at the one that decided.
///
/// # Errors
/// What writing fails with.
pub fn write_walk(out: &mut dyn Write, walk: &Walk, look: &Look) -> io::Result<()> {
    let verdict = match &walk.expected {
        Some(expected) if expected != &walk.verdict => {
            format!("{}, expected {}", walk.verdict, expected)
        }
        _ => walk.verdict.clone(),
    };
    let (from, to) = (one_line(&walk.from), one_line(&walk.to));
    writeln!(
        out,
        "    walk of {} {from} -> {to}: {}",
        walk.protocol,
        look.paint(Tone::Strong, one_line(&verdict))
    )?;
    let objects: Vec<String> = walk.hops.iter().map(object).collect();
    let column = |of: &dyn Fn(usize) -> usize| (0..walk.hops.len()).map(of).max().unwrap_or(0);
    let node = column(&|at| walk.hops[at].node.chars().count());
    let kind = column(&|at| objects[at].chars().count().min(60));
    let decision = column(&|at| walk.hops[at].decision.chars().count());
    for (number, (hop, object)) in walk.hops.iter().zip(&objects).enumerate() {
        let line = format!(
            "{:>2} {:node$} {object:kind$} {:decision$} {}",
            number + 1,
            hop.node,
            hop.decision,
            one_line(&hop.detail),
        );
        let decided = walk.decided_by.and_then(|by| usize::try_from(by).ok()) == Some(number);
        let mark = if decided { " <- decided here" } else { "" };
        let width = look.clip_width().map(|width| width.saturating_sub(6 + mark.len()));
        let line = one_line(line.trim_end());
        writeln!(out, "    | {}{}", clip(&line, width), look.paint(Tone::Bad, mark))?;
    }
    Ok(())
}

fn object(hop: &Hop) -> String {
    let mut text = hop.object_kind.to_string();
    for part in [Some(&hop.object_id), hop.object_name.as_ref()].into_iter().flatten() {
        if !part.is_empty() {
            text.push(' ');
            text.push_str(&one_line(part));
        }
    }
    text
}

fn call_line(timed: &TimedCall) -> String {
    let call = &timed.call;
    let caller = call.caller.as_deref().map(|caller| format!("{caller}: ")).unwrap_or_default();
    let answer = match &call.error {
        Some(code) => format!("{code} {}", call.answer),
        None => call.answer.clone(),
    };
    let line = format!(
        "{:>9} {}/{} {caller}{}({}) -> {answer}",
        span::moment(timed.at_ns),
        call.service,
        call.host,
        call.call,
        call.arguments,
    );
    one_line(&line).trim_end().to_owned()
}

/// Text from the lab behind the gutter, each line clipped to `width`.
fn gutter(out: &mut dyn Write, text: &str, width: Option<usize>) -> io::Result<()> {
    for line in visible(text).lines() {
        let line = clip(line, width.map(|width| width.saturating_sub(6)));
        writeln!(out, "    | {line}")?;
    }
    Ok(())
}
