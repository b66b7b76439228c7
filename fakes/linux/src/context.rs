//! What the state machine is given with a call, and what it gives back.

use winlab_clock::{Rng, VirtualInstant};
use winlab_host::linux::{Answer, LinuxEvent, LinuxFault};
use winlab_host::{Guid, MacAddress};

/// Time and chance, from outside.
#[derive(Debug)]
pub struct Context<'a> {
    /// The moment it is.
    pub now: VirtualInstant,
    /// Where MACs and ids are drawn from.
    pub rng: &'a mut Rng,
}

impl Context<'_> {
    /// A random MAC as the kernel gives new links: locally administered, unicast.
    pub(crate) fn mac(&mut self) -> MacAddress {
        let mut bytes: [u8; 6] = self.rng.bytes();
        bytes[0] = bytes[0] & 0xfc | 0x02;
        MacAddress(bytes)
    }

    /// A random id.
    pub(crate) fn guid(&mut self) -> Guid {
        Guid::from_random(self.rng.bytes())
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaction {
    /// The answer.
    pub answer: Result<Answer, LinuxFault>,
    /// What listeners are told, in order.
    pub events: Vec<LinuxEvent>,
}

/// The result of one operation.
pub(crate) type Done<T> = Result<T, LinuxFault>;
