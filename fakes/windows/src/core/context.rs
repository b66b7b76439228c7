//! What the parts take from outside: the moment, ids, process ids, load.

use jiff::Timestamp;
use winlab_clock::{Rng, Seed, VirtualInstant};
use winlab_fake_system::Load;
use winlab_host::Guid;

/// When a call comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// On the lab's clock.
    pub now: VirtualInstant,
    /// As a date.
    pub date: Timestamp,
}

/// One source of ids for the whole host, so that none stands for two things.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub(crate) moment: Moment,
    pub(crate) load: Load,
    rng: Rng,
    last_pid: u32,
}

/// Process ids below this are the system's own.
const FIRST_PID: u32 = 1000;

impl Ids {
    pub(crate) fn new(moment: Moment, seed: Seed) -> Self {
        Self { moment, load: Load::default(), rng: seed.child("ids").rng(), last_pid: FIRST_PID }
    }

    /// Process ids of Windows are multiples of four.
    pub(crate) fn next_pid(&mut self) -> u32 {
        self.last_pid += 4;
        self.last_pid
    }

    pub(crate) fn next_guid(&mut self) -> Guid {
        Guid::from_random(self.rng.bytes())
    }
}

impl winlab_fake_hns::Context for Ids {
    fn now(&self) -> VirtualInstant {
        self.moment.now
    }

    fn guid(&mut self) -> Guid {
        self.next_guid()
    }
}

impl winlab_fake_system::Context for Ids {
    fn now(&self) -> VirtualInstant {
        self.moment.now
    }

    fn pid(&mut self) -> u32 {
        self.next_pid()
    }

    fn load(&self) -> Load {
        self.load
    }
}
