//! Problems with a place, and how they look.
//!
//! ```text
//! error: unknown key `ndoes` in `lab`
//!   --> scenarios/join.winlab.yaml:7:3
//!    |
//!  7 |   ndoes: {win1: {os: windows}}
//!    |   ^^^^^
//! hint: did you mean `nodes`?
//! ```

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use crate::source::Sources;
use crate::span::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It runs, and probably does not say what was meant.
    Warning,
}

/// A problem in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A word that stays when the message changes: `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What stands under the caret; may be empty.
    pub label: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Further places that belong to it, each with its label.
    pub also: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            span,
            label: String::new(),
            hint: None,
            also: Vec::new(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a hint, if there is one.
    #[must_use]
    pub fn hint_some(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The same with a further place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also.push((span, label.into()));
        self
    }

    /// As text, with the source lines; ends with a line break.
    #[must_use]
    pub fn render(&self, sources: &Sources) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut out = format!("{word}: {}\n", self.message);
        let places: Vec<(Span, &str)> = std::iter::once((self.span, self.label.as_str()))
            .chain(self.also.iter().map(|(span, label)| (*span, label.as_str())))
            .collect();
        let widest = places.iter().map(|(span, _)| sources.place(*span).line).max().unwrap_or(1);
        let gutter = widest.to_string().len() + 1;
        for (at, (span, label)) in places.iter().enumerate() {
            let arrow = if at == 0 { "-->" } else { ":::" };
            excerpt(&mut out, sources, *span, label, gutter, arrow);
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "hint: {hint}");
        }
        out
    }
}

fn excerpt(out: &mut String, sources: &Sources, span: Span, label: &str, gutter: usize, arrow: &str) {
    let place = sources.place(span);
    let _ = writeln!(out, "{:gutter$}{arrow} {place}", "");
    let Some(line) = sources.line(span.file, place.line).filter(|line| !line.is_empty()) else { return };
    let before = line.char_indices().nth(place.column - 1).map_or(line.len(), |(at, _)| at);
    let indent: String = line[..before]
        .chars()
        .map(|c| if c == '\t' { "\t".to_owned() } else { " ".repeat(columns(c)) })
        .collect();
    let rest: usize = line[before..].trim_end().chars().map(columns).sum();
    let marked =
        sources.excerpt(span).lines().next().map_or(1, |text| text.trim_end().chars().map(columns).sum());
    let carets = "^".repeat(marked.min(rest).max(1));
    let _ = writeln!(out, "{:gutter$} |", "");
    let _ = writeln!(out, "{}", format!("{:>gutter$} | {line}", place.line).trim_end());
    let label = if label.is_empty() { String::new() } else { format!(" {label}") };
    let _ = writeln!(out, "{:gutter$} | {indent}{carets}{label}", "");
}

/// Columns of a terminal that a character takes.
fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::source::Sources;
    use crate::span::Span;

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let mut sources = Sources::default();
        let file = sources.add("a.winlab.yaml", "winlab: 1\nlab:\n  nodez: {}\n");
        let span = Span { file, start: 17, end: 22 };
        let text = Diagnostic::error("unknown-key", span, "unknown key `nodez` in `lab`")
            .label("not a key of `lab`")
            .hint("did you mean `nodes`?")
            .render(&sources);
        let expected = "error: unknown key `nodez` in `lab`\n  --> a.winlab.yaml:3:3\n   |\n 3 |   nodez: {}\n   |   ^^^^^ not a key of `lab`\nhint: did you mean `nodes`?\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn wide_characters_and_tabs_keep_the_caret_in_its_column() {
        let mut sources = Sources::default();
        let line = "\ta: \u{30c7}\u{30e2} \u{e9} x";
        let file = sources.add("a", line);
        let at = |byte: usize| u32::try_from(byte).unwrap();
        let span = Span { file, start: at(line.len() - 1), end: at(line.len()) };
        let text = Diagnostic::error("x", span, "x").render(&sources);
        assert!(text.ends_with("   | \t          ^\n"), "{text:?}");
        assert!(text.contains("a:1:10\n"), "{text:?}");
    }
}
