//! Where a character of a scalar's value stands in the file.
//!
//! Quotes, escapes, indentation and folded lines make a value differ from what was written. Blanks and line breaks are
//! the only characters that folding adds or drops, so the two are walked side by side over everything else.

/// The byte in `written` at which the character at byte `at` of `value` stands; none if `written` is not how the value
/// was written, as where an axis was put in.
pub(crate) fn locate(written: &str, value: &str, at: usize) -> Option<usize> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    // A block's text may begin with a quote of its own.
    quote
        .and_then(|quote| walk(written, 1, Some(quote), value, at))
        .or_else(|| walk(written, 0, None, value, at))
}

fn walk(written: &str, start: usize, quote: Option<char>, value: &str, at: usize) -> Option<usize> {
    let mut place = start;
    let mut found = None;
    for (index, wanted) in value.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let (begin, end, read) = next(written, place, quote)?;
        if read.is_some_and(|read| read != wanted) {
            return None;
        }
        if found.is_none() && index >= at {
            found = Some(begin);
        }
        place = end;
    }
    Some(found.unwrap_or(place))
}

/// The next character that is no blank: its bytes, and itself unless it is written as a number.
fn next(written: &str, mut place: usize, quote: Option<char>) -> Option<(usize, usize, Option<char>)> {
    loop {
        let mut rest = written.get(place..)?.chars();
        let first = rest.next()?;
        if first.is_whitespace() {
            place += first.len_utf8();
            continue;
        }
        let end = place + first.len_utf8();
        return match (quote, first) {
            (Some('"'), '\\') => match rest.next()? {
                'n' | 't' | 'r' | ' ' | '\n' | '\r' | '_' | 'N' | 'L' | 'P' => {
                    place += 2;
                    continue;
                }
                'x' => Some((place, place + 4, None)),
                'u' => Some((place, place + 6, None)),
                'U' => Some((place, place + 10, None)),
                other => {
                    Some((place, end + other.len_utf8(), Some(other).filter(|c| c.is_ascii_punctuation())))
                }
            },
            (Some('\''), '\'') => (rest.next()? == '\'').then_some((place, end + 1, Some('\''))),
            (Some('"'), '"') => None,
            _ => Some((place, end, Some(first))),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn every_way_to_write_a_text() {
        for (written, value, at, expected) in [
            ("size(it)", "size(it)", 5, Some(5)),
            ("'a ''b'' c'", "a 'b' c", 6, Some(9)),
            (r#""\"x\" in it""#, "\"x\" in it", 7, Some(10)),
            (r#""a\u00e9b""#, "aéb", 3, Some(8)),
            ("\"10.0\" in it\n", "\"10.0\" in it\n", 10, Some(10)),
            ("one\n    two\n", "one\ntwo\n", 4, Some(8)),
            ("one\n    two", "one two", 7, Some(11)),
            ("$net", "overlay", 0, None),
        ] {
            assert_eq!(locate(written, value, at), expected, "{written}");
        }
    }
}
