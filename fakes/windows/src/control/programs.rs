//! Processes whose component runs outside the fake: what they write, and how they end.

use crate::host::WindowsHost;

impl WindowsHost {
    /// A process has written to its standard output; one that has ended writes no more.
    pub fn process_writes(&self, pid: u32, text: &[u8]) {
        self.with(|core, moment| core.process_writes(pid, text, moment));
    }

    /// A process has ended by itself.
    pub fn process_ends(&self, pid: u32, code: u32) {
        self.with(|core, moment| core.process_ends(pid, code, moment));
    }
}
