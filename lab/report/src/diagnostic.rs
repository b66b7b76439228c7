//! Diagnostics of files, rendered elsewhere, put on a terminal.

use std::io::{self, Write};

use crate::paint::{Look, Tone};
use crate::visible::visible;

/// Writes a diagnostic that is already text, with its excerpt: made harmless, and in colour where the look allows it.
///
/// The text is what compilers print: a line `error: …` or `warning: …`, places behind `-->` or `:::`, carets under source lines,
/// and a line `hint: …`.
///
/// # Errors
/// The writer failed.
pub fn write_diagnostic(text: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    for line in visible(text).lines() {
        writeln!(out, "{}", paint(line, look))?;
    }
    Ok(())
}

fn paint(line: &str, look: &Look) -> String {
    for (word, tone) in [("error", Tone::Bad), ("warning", Tone::Odd), ("hint", Tone::Good)] {
        if let Some(rest) = line.strip_prefix(word).filter(|rest| rest.starts_with(':')) {
            return format!("{}{rest}", look.paint(tone, word));
        }
    }
    let trimmed = line.trim_start();
    if trimmed.starts_with("-->") || trimmed.starts_with(":::") {
        return look.paint(Tone::Place, line);
    }
    match line.split_once('|') {
        Some((gutter, marks)) if gutter.trim().is_empty() && marks.trim_start().starts_with('^') => {
            format!("{gutter}|{}", look.paint(Tone::Bad, marks))
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "error: unknown key `a\u{7}`\n  --> f.yaml:1:1\n   |\n 1 | a: 1\n   | ^\nhint: no\n";

    fn written(look: &Look) -> String {
        let mut out = Vec::new();
        write_diagnostic(TEXT, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn colour_is_the_only_difference() {
        assert_eq!(written(&Look::plain()), TEXT.replace('\u{7}', "\\u{7}"));
        let coloured = written(&Look { colour: true, ..Look::plain() });
        assert!(coloured.starts_with("\u{1b}[31;1merror\u{1b}[0m: unknown"), "{coloured:?}");
        assert!(coloured.contains("   |\u{1b}[31;1m ^\u{1b}[0m"), "{coloured:?}");
    }
}
