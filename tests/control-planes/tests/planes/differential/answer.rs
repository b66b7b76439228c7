//! One answer, with what may differ from run to run taken out.

use serde_json::Value;
use similar::TextDiff;

use super::normal::{Entries, normalise};

pub(super) struct Answer {
    pub(super) name: &'static str,
    code: u16,
    warnings: Vec<String>,
    /// As it came.
    pub(super) raw: Value,
    /// As it is compared.
    body: Value,
}

impl Answer {
    /// A body that is several lines of JSON, as that of a watch, is an array.
    pub(super) fn new(name: &'static str, code: u16, warnings: Vec<String>, bytes: &[u8]) -> Self {
        let raw = serde_json::from_slice(bytes).unwrap_or_else(|_| {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let line = |line: &[u8]| {
                let text = || Value::String(String::from_utf8_lossy(line).into_owned());
                serde_json::from_slice(line).unwrap_or_else(|_| text())
            };
            Value::Array(lines.map(line).collect())
        });
        let mut body = raw.clone();
        let entries = if name.starts_with("apply: ") { Entries::Compared } else { Entries::Left };
        normalise(&mut body, entries);
        Self { name, code, warnings, raw, body }
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        (self.code, &self.warnings, &self.body) == (other.code, &other.warnings, &other.body)
    }

    fn text(&self) -> String {
        let body = serde_json::to_string_pretty(&self.body).unwrap_or_default();
        format!("{}\n{:?}\n{body}\n", self.code, self.warnings)
    }

    /// From this one to another.
    pub(super) fn difference(&self, other: &Self) -> String {
        let (old, new) = (self.text(), other.text());
        let diff = TextDiff::from_lines(&old, &new);
        format!("== {}\n{}", self.name, diff.unified_diff().context_radius(2))
    }
}
