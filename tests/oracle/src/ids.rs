//! GUIDs by the order in which they appear.

use std::collections::BTreeMap;

/// Length of a GUID's text without braces.
const LENGTH: usize = 36;

/// Numbers GUIDs: the first that is met is `#1`, whatever it is.
#[derive(Debug, Default)]
pub struct Ids(BTreeMap<String, usize>);

impl Ids {
    /// The text with numbers in place of GUIDs.
    #[must_use]
    pub fn number(&mut self, text: &str) -> String {
        replace(text, |guid| {
            let count = self.0.len() + 1;
            format!("#{}", self.0.entry(guid).or_insert(count))
        })
    }
}

/// The text with something else in place of each GUID, which comes in small letters. The nil GUID stays: it is nobody's.
pub(crate) fn replace(text: &str, mut other: impl FnMut(String) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match rest.get(..LENGTH).filter(|word| is_guid(word)) {
            Some(guid) if guid.bytes().any(|byte| !matches!(byte, b'0' | b'-')) => {
                out.push_str(&other(guid.to_ascii_lowercase()));
                rest = &rest[LENGTH..];
            }
            _ => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    out
}

fn is_guid(word: &str) -> bool {
    word.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn guids_are_numbered_and_nothing_else() {
        let mut ids = Ids::default();
        let text = "{0A0b0c0d-0000-0000-0000-000000000001} 1-2 0a0b0c0d-0000-0000-0000-000000000001 é \
                    0a0b0c0d-0000-0000-0000-000000000002 00000000-0000-0000-0000-000000000000";
        assert_eq!(ids.number(text), "{#1} 1-2 #1 é #2 00000000-0000-0000-0000-000000000000");
    }
}
