//! Makes text from the lab harmless for terminals.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// The text with every character that a terminal would act on, or that would hide or reorder others, written as an escape.
///
/// Line feeds stay; tabs become spaces. Everything else of the control characters (C0, DEL, C1), of the bidirectional controls
/// that <https://www.unicode.org/reports/tr36/> warns of, and of the zero-width ones is written as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push('\n'),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => out.push_str("    "),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Like [`visible`], on one line: line feeds are written as `\n`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    match visible(text) {
        text if text.contains('\n') => Cow::Owned(text.trim_end_matches('\n').replace('\n', "\\n")),
        text => text,
    }
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// At most `width` columns of a line, the last one an ellipsis if something was left out. `None`: all of it.
pub(crate) fn clip(line: &str, width: Option<usize>) -> Cow<'_, str> {
    let Some(width) = width else { return Cow::Borrowed(line) };
    let (mut columns, mut keep) = (0, 0);
    for (at, c) in line.char_indices() {
        columns += c.width().unwrap_or(0);
        if columns > width {
            return Cow::Owned(format!("{}…", &line[..keep]));
        }
        if columns < width {
            keep = at + c.len_utf8();
        }
    }
    Cow::Borrowed(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        assert_eq!(visible("plain\nünï 漢"), "plain\nünï 漢");
        assert_eq!(visible("a\u{1b}[31mred\u{7}\r\nb\rc\td"), "a\\u{1b}[31mred\\u{7}\nb\\u{d}c    d");
        assert_eq!(visible("x\u{202e}y\u{9b}z\u{200b}"), "x\\u{202e}y\\u{9b}z\\u{200b}");
        assert_eq!(one_line("a\nb\u{0}\n"), "a\\nb\\u{0}");
    }

    #[test]
    fn a_clipped_line_never_exceeds_its_width() {
        assert_eq!(clip("abcdef", None), "abcdef");
        assert_eq!(clip("abcdef", Some(6)), "abcdef");
        assert_eq!(clip("abcdef", Some(5)), "abcd…");
        assert_eq!(clip("漢字漢字", Some(5)), "漢字…");
        assert_eq!(clip("漢字漢字", Some(4)), "漢…");
        assert_eq!(clip("ab", Some(0)), "…");
    }
}
