//! What is compared: answers, calls, and what is left.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use winlab_document::Document;
use winlab_oracle::{Ids, Twin, canonical, state};

use crate::case::{Step, word};

/// A plugin's answer: its exit code and what it printed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    /// Null where nothing was printed.
    pub(crate) printed: Document,
}

/// The report of one twin.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
    ids: Ids,
}

impl Report {
    /// Writes down what a step did.
    pub(crate) fn step(&mut self, step: &Step, answer: &Answer, twin: &Twin) {
        let _ = writeln!(self.text, "{} {} {}", step.plugin, word(step.command), step.container);
        let mut calls = twin.calls.take();
        // vmcompute.dll looks for the system too before it listens for its events, as hcsshim looks when it has opened it.
        calls.dedup_by(|call, before| call == before && call.starts_with("HcsGetComputeSystemProperties"));
        for call in calls {
            let _ = writeln!(self.text, "  {}", self.ids.number(&call));
        }
        let printed = in_windows_words(&canonical(&answer.printed));
        let _ = writeln!(self.text, "  exit code {}: {}", answer.code, self.ids.number(&printed));
    }

    /// The whole, with what is left in HNS and on the disk.
    pub(crate) fn end(mut self, twin: &Twin, reserved: &BTreeMap<String, String>) -> String {
        self.text.push_str(&state(&twin.host, &mut self.ids));
        for (file, content) in reserved {
            let _ = writeln!(self.text, "file {file} {content:?}");
        }
        self.text
    }
}

/// What Wine says for an error code, and what Windows says.
const WORDS: [(&str, &str); 3] = [
    (
        "winapi error #3224830213",
        "The requested virtual machine or container operation is not valid in the current state.",
    ),
    ("File not found.", "The system cannot find the file specified."),
    (
        "winapi error #3224830222",
        "A virtual machine or container with the specified identifier does not exist.",
    ),
];

/// With Windows' text of error codes, for Wine has words of its own; without any where the code stands beside it:
/// `failed in Win32: … (0x57)`.
fn in_windows_words(text: &str) -> String {
    const BEFORE: &str = "failed in Win32: ";
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        let words = after.find(" (0x").unwrap_or(0);
        out += &format!("{before}{BEFORE}…");
        rest = &after[words..];
    }
    WORDS.iter().fold(out + rest, |text, (wine, windows)| text.replace(wine, windows))
}
