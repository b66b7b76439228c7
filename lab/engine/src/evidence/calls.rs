//! The last boundary calls of the nodes that a failure concerns.

use winlab_events::TimedCall;
use winlab_host::JournalEntry;

use crate::failure::Concerns;
use crate::observe::boundary_call;
use crate::world::World;

/// How far back is looked, and how many are shown of each node.
const LOOKED_AT: usize = 400;
const SHOWN: usize = 10;

impl World<'_> {
    /// The last calls that changed something or failed, oldest first.
    pub(super) fn last_calls(&self, concerns: &Concerns) -> Vec<TimedCall> {
        let mut calls = Vec::new();
        for node in &concerns.nodes {
            let entries = self.lab.recent_calls(node, LOOKED_AT);
            let telling: Vec<&JournalEntry> = entries.iter().filter(|entry| is_telling(entry)).collect();
            let last = &telling[telling.len().saturating_sub(SHOWN)..];
            calls.extend(last.iter().map(|entry| TimedCall {
                at_ns: entry.answered.as_nanos(),
                call: boundary_call(node, entry),
            }));
        }
        calls.sort_by_key(|call| call.at_ns);
        calls
    }
}

/// Whether a call says more than that somebody looked.
fn is_telling(entry: &JournalEntry) -> bool {
    const LOOKS: [&str; 13] = [
        "HcnEnumerate", "HcnQuery", "HcnOpen", "HcnGet", "HcsGet", "HcsEnumerate", "HcsOpen", "Query", "Read", "List",
        "Enum", "Get", "Stat",
    ];
    let is_look = LOOKS.iter().any(|look| entry.function.starts_with(look))
        || entry.function.contains(" show")
        || entry.function.contains("-save")
        || (entry.function == "HNSCall" && entry.arguments.text(&["method"]) == "GET");
    entry.outcome.is_err() || !is_look
}
