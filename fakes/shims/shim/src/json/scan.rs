//! Where a JSON value ends, and whether it is one (RFC 8259).

/// How deep documents may nest: more than any parser of JSON on the other side takes.
const DEEPEST: usize = 256;

/// The place after the value that starts at or after `at`, or `None` where there is none.
pub(crate) fn end_of_value(text: &[u8], at: usize) -> Option<usize> {
    let mut open: Vec<u8> = Vec::new();
    let mut at = at;
    'value: loop {
        at = after_blanks(text, at);
        at = match *text.get(at)? {
            start @ (b'{' | b'[') => {
                let inside = after_blanks(text, at + 1);
                let close = if start == b'{' { b'}' } else { b']' };
                if text.get(inside) == Some(&close) {
                    inside + 1
                } else if open.len() == DEEPEST {
                    return None;
                } else {
                    open.push(close);
                    at = if start == b'{' { after_key(text, inside)? } else { inside };
                    continue 'value;
                }
            }
            b'"' => end_of_string(text, at)?,
            b't' => literal(text, at, b"true")?,
            b'f' => literal(text, at, b"false")?,
            b'n' => literal(text, at, b"null")?,
            _ => end_of_number(text, at)?,
        };
        while let Some(close) = open.last() {
            at = after_blanks(text, at);
            match *text.get(at)? {
                b',' if *close == b'}' => {
                    at = after_key(text, after_blanks(text, at + 1))?;
                    continue 'value;
                }
                b',' => {
                    at += 1;
                    continue 'value;
                }
                byte if byte == *close => {
                    at += 1;
                    open.pop();
                }
                _ => return None,
            }
        }
        return Some(at);
    }
}

/// The place of the next byte that is no blank.
pub(crate) fn after_blanks(text: &[u8], at: usize) -> usize {
    let blanks = text.get(at..).unwrap_or_default().iter().take_while(|byte| b" \t\r\n".contains(byte));
    at + blanks.count()
}

/// The place after the string whose first quote is at `at`.
pub(crate) fn end_of_string(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match *text.get(at + 1)? {
                b'u' => {
                    let digits = text.get(at + 2..at + 6)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

/// The place after a member's name and its colon.
pub(crate) fn after_key(text: &[u8], at: usize) -> Option<usize> {
    let colon = after_blanks(text, end_of_string(text, at)?);
    (text.get(colon) == Some(&b':')).then(|| colon + 1)
}

fn literal(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    text.get(at..)?.starts_with(word).then(|| at + word.len())
}

fn end_of_number(text: &[u8], at: usize) -> Option<usize> {
    let digits = |at: usize| {
        let count = text.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then(|| at + count)
    };
    let mut at = if text.get(at) == Some(&b'-') { at + 1 } else { at };
    at = if text.get(at) == Some(&b'0') { at + 1 } else { digits(at)? };
    if text.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let signed = matches!(text.get(at + 1), Some(b'+' | b'-'));
        at = digits(at + 1 + usize::from(signed))?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::{end_of_value, DEEPEST};

    fn whole(text: &str) -> bool {
        end_of_value(text.as_bytes(), 0) == Some(text.len())
    }

    #[test]
    fn values_end_where_they_end() {
        for text in [
            "{}",
            "[]",
            "0",
            "-1.5e+3",
            "true",
            "null",
            "\"\\u00e9\\n\"",
            " {\"a\" : [1, {\"b\":null} ] ,\"c\":\"\"}",
        ] {
            assert!(whole(text), "{}", text);
        }
        assert_eq!(end_of_value(b"[1] ,2", 0), Some(3));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "1.",
            "-",
            "tru",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "[1}",
            "{\"a\":1 \"b\":2}",
            "'a'",
        ] {
            assert!(!whole(text), "{}", text);
        }
    }

    #[test]
    fn nesting_has_an_end() {
        assert!(whole(&("[".repeat(DEEPEST) + &"]".repeat(DEEPEST))));
        assert!(!whole(&("[".repeat(DEEPEST + 2) + &"]".repeat(DEEPEST + 2))));
        assert!(!whole(&"[".repeat(1_000_000)));
    }
}
