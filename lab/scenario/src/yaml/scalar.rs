//! What a plain scalar is.

use winlab_document::{Document, Number};

/// A plain scalar by the core schema of YAML 1.2: `no` and `0b1` are text, `0xb7` is a number.
pub(super) fn resolve(text: &str) -> Document {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Document::Null,
        "true" | "True" | "TRUE" => return Document::Bool(true),
        "false" | "False" | "FALSE" => return Document::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(number) = text.trim_start_matches('+').parse::<i64>() {
            return Document::from(number);
        }
        if let Ok(number) = text.parse::<u64>() {
            return Document::from(number);
        }
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        let digits = text.strip_prefix(prefix).filter(|rest| !rest.starts_with('+'));
        if let Some(number) = digits.and_then(|rest| u64::from_str_radix(rest, radix).ok()) {
            return Document::from(number);
        }
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Document::Number(Number::Float(number)),
        _ => Document::from(text),
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::resolve;

    #[test]
    fn the_core_schema_decides() {
        let words =
            ["no", "0xb7", "1.40", "2025", "-3", "1e3", "10.96.0.80", "~", "true", ".5", "30s", "0x+1", "+7"];
        let found: Document = words.into_iter().map(resolve).collect();
        let expected =
            doc!(["no", 183, 1.4, 2025, (-3), 1000.0, "10.96.0.80", null, true, 0.5, "30s", "0x+1", 7]);
        assert_eq!(found, expected);
    }
}
