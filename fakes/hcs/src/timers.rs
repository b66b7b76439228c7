//! What becomes due.

use std::collections::BTreeMap;

use winlab_clock::VirtualInstant;

/// Something that happens at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A program begins to listen.
    Ready(u32),
    /// A program ends by itself, or a command has done its work.
    Exit(u32, u32),
    /// A command of a script has done its work; the script goes on with this exit code.
    Step(u32, u32),
    /// A repeating command writes its next line.
    Line(u32),
    /// The time for an orderly shutdown of a compute system is over.
    ShutdownOver(String),
}

impl Timer {
    /// The process it is about.
    pub(crate) fn pid(&self) -> Option<u32> {
        match self {
            Self::Ready(pid) | Self::Exit(pid, _) | Self::Step(pid, _) | Self::Line(pid) => Some(*pid),
            Self::ShutdownOver(_) => None,
        }
    }
}

/// Timers in the order in which they become due; equal moments in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timers {
    due: BTreeMap<(VirtualInstant, u64), Timer>,
    made: u64,
}

impl Timers {
    pub(crate) fn add(&mut self, at: VirtualInstant, timer: Timer) {
        self.made += 1;
        self.due.insert((at, self.made), timer);
    }

    pub(crate) fn next(&self) -> Option<VirtualInstant> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn take_due(&mut self, now: VirtualInstant) -> Option<Timer> {
        let entry = self.due.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// A process is gone: nothing of it becomes due.
    pub(crate) fn forget_process(&mut self, pid: u32) {
        self.due.retain(|_, timer| timer.pid() != Some(pid));
    }

    /// Takes the timers of processes out, for those that are paused.
    pub(crate) fn suspend(&mut self, pids: &[u32]) -> Vec<(VirtualInstant, Timer)> {
        let ours = |timer: &Timer| timer.pid().is_some_and(|pid| pids.contains(&pid));
        let taken = self.due.iter().filter(|(_, t)| ours(t)).map(|((at, _), t)| (*at, t.clone())).collect();
        self.due.retain(|_, timer| !ours(timer));
        taken
    }

    pub(crate) fn clear(&mut self) {
        self.due.clear();
    }
}
