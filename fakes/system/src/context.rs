//! What the system takes from outside.

use winlab_clock::VirtualInstant;

/// Time, process ids and load, for one call.
pub trait Context {
    /// The moment of the call.
    fn now(&self) -> VirtualInstant;
    /// A process id that no process of the host has.
    fn pid(&mut self) -> u32;
    /// What the host's processes use at this moment.
    fn load(&self) -> Load;
}

/// What running processes use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Committed bytes of all processes.
    pub committed: u64,
    /// Private working set of all processes, in bytes.
    pub private_working_set: u64,
    /// Hundredths of a percent of all processors: 10,000 is fully busy.
    pub processor: u32,
    /// Number of processes.
    pub processes: u32,
}
