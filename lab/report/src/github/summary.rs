//! The step summary: Markdown that GitHub shows on the run's page.

use std::io::{self, Write};

use winlab_events::Outcome;

use crate::failure::plain_text;
use crate::heading::{cases, counts, label};
use crate::span;
use crate::visible::one_line;
use crate::{CaseEnd, CaseReport, RunReport};

/// GitHub drops a step's summary beyond 1 MiB; evidence stops well before, so that counts and names always fit.
const EVIDENCE_LIMIT: usize = 600 * 1024;
/// One failure's share, so that the first does not take all.
const FAILURE_LIMIT: usize = 60 * 1024;

/// Writes the summary.
///
/// # Errors
/// The writer failed.
pub fn write_summary(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let summary = run.summary();
    let parts: Vec<_> = counts(&summary).into_iter().map(|(_, text)| text).collect();
    let parts = if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") };
    writeln!(out, "### winlab: {}: {parts}\n", cases(run.cases.len()))?;
    if let Some(start) = &run.started {
        writeln!(out, "Seed {}; rerun: {}\n", code(&start.seed), code(&start.rerun))?;
    }
    write_failures(run, out)?;
    write_skips(run, out)?;
    write_unmodelled(run, out)?;
    write_table(run, out)
}

fn write_failures(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut left = EVIDENCE_LIMIT;
    let mut without = 0;
    for case in run.cases.iter().filter(|case| case.outcome().is_some_and(Outcome::is_red)) {
        let text = plain_text(case);
        let text = head(&text, FAILURE_LIMIT);
        if text.len() > left {
            without += 1;
            continue;
        }
        left -= text.len();
        let (word, _) = label(case);
        writeln!(out, "<details open><summary>{word} {}</summary>\n", html(&case.name))?;
        let fence = fence(text);
        writeln!(out, "{fence}text\n{}\n{fence}\n\n</details>\n", text.trim_end())?;
    }
    match without {
        0 => Ok(()),
        _ => writeln!(
            out,
            "The evidence of {} is in the log only: it is too long for a step summary.\n",
            cases(without)
        ),
    }
}

fn write_skips(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    for case in &run.cases {
        if let CaseEnd::Skipped(skip) = &case.end {
            writeln!(out, "- skipped {}: {}", code(&case.name), html(&skip.reason))?;
        }
    }
    if run.cases.iter().any(|case| matches!(case.end, CaseEnd::Skipped(_))) { writeln!(out) } else { Ok(()) }
}

fn write_unmodelled(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let unmodelled = run.finished.as_ref().map_or(&[][..], |end| &end.unmodelled);
    if unmodelled.is_empty() {
        return Ok(());
    }
    writeln!(out, "**Not modelled**, asked for and refused; check before you trust the results:\n")?;
    for call in unmodelled {
        writeln!(out, "- {} {} x{}", html(&call.service), code(&call.what), call.count)?;
    }
    writeln!(out)
}

fn write_table(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details><summary>All cases</summary>\n")?;
    writeln!(out, "| result | case | real | virtual |\n|---|---|--:|--:|")?;
    for case in &run.cases {
        let (word, _) = label(case);
        let real = case.wall_ns.map_or(String::new(), span::real);
        writeln!(out, "| {word} | {} | {real} | {} |", code(&case.name), virtual_time(case))?;
    }
    writeln!(out, "\n</details>")
}

fn virtual_time(case: &CaseReport) -> String {
    match &case.end {
        CaseEnd::Finished(end) => span::scenario(end.virtual_ns),
        CaseEnd::NotBegun | CaseEnd::Running | CaseEnd::Skipped(_) => String::new(),
    }
}

/// At most `limit` bytes of whole lines.
fn head(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let end = text[..end].rfind('\n').map_or(end, |at| at + 1);
    &text[..end]
}

/// A fence longer than any run of backticks in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Text that is neither HTML nor Markdown, on one line.
fn html(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        match c {
            '<' | '>' | '&' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '@' | '#' => {
                out.push_str(&format!("&#{};", u32::from(c)))
            }
            c => out.push(c),
        }
    }
    out
}

/// Text as code, also inside a table.
fn code(text: &str) -> String {
    let mut out = String::from("<code>");
    out.push_str(&html(text));
    out.push_str("</code>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_outlasts_the_text_it_holds() {
        assert_eq!(fence("no ticks"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }

    #[test]
    fn a_cut_keeps_whole_lines_and_characters() {
        assert_eq!(head("ab\ncd\n", 4), "ab\n");
        assert_eq!(head("éé", 3), "é");
        assert_eq!(head("ab", 2), "ab");
    }
}
