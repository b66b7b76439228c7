//! Looking into a JSON text without taking it apart.

use super::scan::{after_blanks, after_key, end_of_string, end_of_value};

/// One value of a JSON text, as the part of the text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value a text is; `None` where the text is no JSON.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let end = end_of_value(text.as_bytes(), 0)?;
        (after_blanks(text.as_bytes(), end) == text.len()).then(|| Self(text.trim()))
    }

    /// Its text.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.0
    }

    /// The member of that name, in an object that has it; the first of several.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        self.members().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The members of an object; none where it is no object.
    pub fn members(self) -> impl Iterator<Item = (String, Json<'a>)> {
        let mut parts = self.parts(b'{');
        std::iter::from_fn(move || {
            let (start, at) = parts.next_start()?;
            let (text, from) = (parts.text, after_key(parts.text.as_bytes(), at)?);
            let name = unquote(text.get(start..end_of_string(text.as_bytes(), start)?)?);
            Some((name, parts.value(from)?))
        })
    }

    /// The items of an array; none where it is no array.
    pub fn items(self) -> impl Iterator<Item = Json<'a>> {
        let mut parts = self.parts(b'[');
        std::iter::from_fn(move || {
            let (start, _) = parts.next_start()?;
            parts.value(start)
        })
    }

    /// The string it is.
    #[must_use]
    pub fn as_str(self) -> Option<String> {
        self.0.starts_with('"').then(|| unquote(self.0))
    }

    /// The whole number from 0 it is.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The number it is.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        self.0.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| self.0.parse().ok()).flatten()
    }

    /// The truth value it is.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.0.parse().ok()
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    fn parts(self, start: u8) -> Parts<'a> {
        let inside = self.0.as_bytes().first() == Some(&start);
        Parts { text: self.0, at: if inside { 1 } else { self.0.len() } }
    }
}

/// Walks over the parts of an object or array whose text is known to be sound.
struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parts<'a> {
    /// Where the next part starts, twice: as the name of a member and as where to look for its colon.
    fn next_start(&mut self) -> Option<(usize, usize)> {
        let text = self.text.as_bytes();
        let mut at = after_blanks(text, self.at);
        if text.get(at) == Some(&b',') {
            at = after_blanks(text, at + 1);
        }
        if matches!(text.get(at)?, b'}' | b']') {
            return None;
        }
        Some((at, at))
    }

    fn value(&mut self, from: usize) -> Option<Json<'a>> {
        let start = after_blanks(self.text.as_bytes(), from);
        self.at = end_of_value(self.text.as_bytes(), start)?;
        self.text.get(start..self.at).map(Json)
    }
}

/// The string that a JSON string stands for; half a surrogate pair becomes U+FFFD.
fn unquote(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut out = String::with_capacity(inner.len());
    let mut units: Vec<u16> = Vec::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        if escaped == Some('u') {
            let digits: String = chars.by_ref().take(4).collect();
            units.extend(u16::from_str_radix(&digits, 16));
            continue;
        }
        flush(&mut out, &mut units);
        out.push(match escaped {
            None => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(same) => same,
        });
    }
    flush(&mut out, &mut units);
    out
}

fn flush(out: &mut String, units: &mut Vec<u16>) {
    if !units.is_empty() {
        out.push_str(&String::from_utf16_lossy(units));
        units.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn members_and_items_are_found_by_their_text() {
        let json = Json::parse(r#" {"a": {"b" : [1, "x" ,null]} , "\u0063": -2.5, "d": true} "#).unwrap();
        let items: Vec<_> = json.get("a").unwrap().get("b").unwrap().items().map(Json::text).collect();
        assert_eq!(items, ["1", "\"x\"", "null"]);
        assert_eq!(json.get("c").and_then(Json::as_f64), Some(-2.5));
        assert_eq!(json.get("d").and_then(Json::as_bool), Some(true));
        assert_eq!(json.get("e"), None);
        assert_eq!(json.members().count(), 3);
        assert_eq!(Json::parse("[]").unwrap().items().count(), 0);
        assert_eq!(Json::parse("7").unwrap().members().count(), 0);
    }

    #[test]
    fn strings_are_read_with_their_escapes() {
        let json = Json::parse(r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 \ud83d!""#).unwrap();
        assert_eq!(json.as_str().unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀 \u{fffd}!");
    }

    #[test]
    fn two_values_are_none() {
        assert_eq!(Json::parse("{} {}"), None);
        assert_eq!(Json::parse(""), None);
    }
}
