//! A registry hive in Wine's text form (`system.reg`, `user.reg`), read, changed and written without Wine running.
//!
//! ```text
//! WINE REGISTRY Version 2
//! [Software\\Wine] 1700000000
//! "Version"="win10"
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    /// `REG_SZ`
    Text(String),
    /// `REG_DWORD`
    Number(u32),
}

/// A hive. Everything that is not set here stays as it is, byte by byte.
pub(crate) struct Hive {
    text: String,
    set: BTreeMap<String, Key>,
}

struct Key {
    /// As the caller wrote it.
    path: String,
    /// Value names in lower case, with the line to write.
    values: BTreeMap<String, String>,
}

impl Hive {
    /// A hive with this text.
    pub(crate) fn new(text: String) -> Self {
        Self { text, set: BTreeMap::new() }
    }

    /// Sets a value of the key `path`, which is relative to the hive: `Software\Wine` in `user.reg`.
    pub(crate) fn set(&mut self, path: &str, name: &str, data: &Data) {
        let data = match data {
            Data::Text(text) => format!("\"{}\"", escape(text)),
            Data::Number(number) => format!("dword:{number:08x}"),
        };
        let key = self
            .set
            .entry(path.to_lowercase())
            .or_insert_with(|| Key { path: path.to_owned(), values: BTreeMap::new() });
        key.values.insert(name.to_lowercase(), format!("\"{}\"={data}", escape(name)));
    }

    /// The hive's text with what was set.
    pub(crate) fn into_text(self) -> String {
        let Self { text, mut set } = self;
        let mut out = String::with_capacity(text.len() + 4096);
        let mut current: Option<Key> = None;
        for line in text.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                finish(&mut out, current.take());
                current = set.remove(&unescape(path).to_lowercase());
            }
            let replaced = current
                .as_ref()
                .and_then(|key| Some(key.values.contains_key(&unescape(value_name(line)?).to_lowercase())))
                .unwrap_or_default();
            // A value of several lines would leave its rest behind; such values are binary, and none is set here.
            if !replaced {
                out.push_str(line);
            }
        }
        finish(&mut out, current.take());
        for key in set.into_values() {
            let _ = write!(out, "\n[{}] 0", escape(&key.path));
            out.push('\n');
            finish(&mut out, Some(key));
        }
        out
    }
}

/// Ends a section: the values that it is given.
fn finish(out: &mut String, key: Option<Key>) {
    let Some(key) = key else { return };
    // Sections end in an empty line, which values must come before.
    while out.ends_with("\n\n") {
        out.pop();
    }
    for line in key.values.into_values() {
        out.push_str(&line);
        out.push('\n');
    }
    out.push('\n');
}

/// The name in `"name"=…`, still escaped.
fn value_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('"')?;
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        match character {
            '"' if !escaped => return rest[at + 1..].starts_with('=').then(|| &rest[..at]),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        out.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Data, Hive};

    const TEXT: &str = "WINE REGISTRY Version 2\n;; note\n\n#arch=win64\n\n[Software\\\\A] 12\n#time=1d\n@=\"x\"\n\"Old\"=\"1\"\n\"bin\"=hex:00,\\\n  01\n\n[Software\\\\B] 13\n\"z\"=dword:00000001\n";

    #[test]
    fn values_are_replaced_and_added_and_the_rest_stays() {
        let mut hive = Hive::new(TEXT.to_owned());
        hive.set(r"software\a", "old", &Data::Number(255));
        hive.set(r"Software\A", "Path", &Data::Text(r#"C:\"q""#.into()));
        hive.set(r"Software\New\Key", "n", &Data::Text("v".into()));
        assert_eq!(
            hive.into_text(),
            "WINE REGISTRY Version 2\n;; note\n\n#arch=win64\n\n[Software\\\\A] 12\n#time=1d\n@=\"x\"\n\"bin\"=hex:00,\\\n  01\n\"old\"=dword:000000ff\n\"Path\"=\"C:\\\\\\\"q\\\"\"\n\n[Software\\\\B] 13\n\"z\"=dword:00000001\n\n[Software\\\\New\\\\Key] 0\n\"n\"=\"v\"\n\n"
        );
    }

    #[test]
    fn a_hive_that_nothing_is_set_in_is_the_same() {
        assert_eq!(Hive::new(TEXT.to_owned()).into_text(), TEXT);
    }
}
