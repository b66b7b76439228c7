//! The last boundary calls of the nodes that a failure concerns.

use winlab_events::TimedCall;
use winlab_host::JournalEntry;

use crate::failure::Concerns;
use crate::observe::boundary_call;
use crate::world::World;

/// How far back is looked, and how many are shown of each node.
const LOOKED_AT: usize = 400;
const SHOWN: usize = 10;
/// Characters of a call's arguments: enough to tell calls apart; the journal has more.
const WIDE: usize = 160;

impl World<'_> {
    /// The last calls that changed something or failed, oldest first.
    pub(crate) fn last_calls(&self, concerns: &Concerns) -> Vec<TimedCall> {
        let mut calls = Vec::new();
        for node in &concerns.nodes {
            let entries = self.lab.recent_calls(node, LOOKED_AT);
            let telling: Vec<&JournalEntry> = entries.iter().filter(|entry| is_telling(entry)).collect();
            let last = &telling[telling.len().saturating_sub(SHOWN)..];
            calls.extend(last.iter().map(|entry| TimedCall {
                at_ns: entry.answered.as_nanos(),
                call: boundary_call(node, entry, WIDE),
            }));
        }
        calls.sort_by_key(|call| call.at_ns);
        calls
    }
}

/// What changes something, by service; a function is meant if it begins so.
const CHANGES: [(&str, &[&str]); 4] = [
    ("hns", &["HcnCreate", "HcnDelete", "HcnModify", "HNSCall"]),
    ("hcs", &["HcsCreate", "HcsStart", "HcsTerminate", "HcsShutDown", "HcsModify", "HcsSignal"]),
    ("system", &["CreateService", "DeleteService", "StartService", "ControlService"]),
    ("linux", &["ip ", "bridge ", "iptables-restore", "runc ", "systemctl "]),
];
/// Functions among those that only look.
const LOOKS: [&str; 5] = [" show", " list", "runc state", "runc exec", "systemctl list-units"];

/// Whether a call says more than that somebody looked: it changed something, or HNS or HCS refused it.
fn is_telling(entry: &JournalEntry) -> bool {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| entry.function.starts_with(prefix));
    let changes = CHANGES.iter().any(|(service, prefixes)| entry.service == *service && begins(prefixes));
    let looks = LOOKS.iter().any(|look| entry.function.contains(look))
        || (entry.function == "HNSCall" && entry.arguments.text(&["method"]) == "GET");
    let refused = entry.outcome.is_err() && matches!(entry.service, "hns" | "hcs");
    refused || (changes && !looks)
}
