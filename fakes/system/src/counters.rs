//! Performance counters.
//!
//! Those that kubelet's `pkg/kubelet/winstats/perfcounter_nodestats_windows.go` collects, and the ones an operator
//! looks at first. Names compare without regard to case; a counter that is not known is missing from the answer.

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::Document;

use crate::config::SystemConfig;
use crate::context::Load;
use crate::information::BASE_MEMORY;

/// What counters are computed from.
pub(crate) struct Sources<'a> {
    pub(crate) config: &'a SystemConfig,
    pub(crate) load: Load,
    pub(crate) disk_free: u64,
    pub(crate) booted: VirtualInstant,
    pub(crate) now: VirtualInstant,
}

impl Sources<'_> {
    /// One counter's value; none of an unknown path.
    pub(crate) fn counter(&self, path: &str) -> Option<Document> {
        let committed = BASE_MEMORY + self.load.committed;
        let used = BASE_MEMORY + self.load.private_working_set;
        let up: VirtualSpan = self.now.since(self.booted);
        Some(match path.to_ascii_lowercase().as_str() {
            r"\memory\committed bytes" => Document::from(committed),
            r"\memory\commit limit" => Document::from(self.config.memory + self.config.memory / 8),
            r"\memory\available bytes" => Document::from(self.config.memory.saturating_sub(used)),
            r"\process(_total)\working set - private" => Document::from(used),
            r"\processor(_total)\% processor time" => Document::from(f64::from(self.load.processor) / 100.0),
            r"\system\processes" => Document::from(self.load.processes),
            r"\system\system up time" => Document::from(up.as_secs()),
            r"\logicaldisk(c:)\free megabytes" => Document::from(self.disk_free >> 20),
            _ => return None,
        })
    }
}
