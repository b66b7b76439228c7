//! What a client can hold of a host: what Windows keeps as a handle in the client's process and takes back when that
//! process ends.

/// One thing held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    /// A compute system, created or opened; closing the last handle may end it.
    System(String),
    /// A job object; closing the last handle ends its processes.
    Job(String),
    /// A port reservation of a guest network service.
    Reservation(u64),
}

/// What a call does about holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nothing.
    Nothing,
    /// If it succeeds, its client holds something.
    Takes,
    /// Its client gives something back.
    Gives(Held),
}
