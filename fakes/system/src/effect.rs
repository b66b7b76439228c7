//! What the host around has to carry out.

/// One thing for the host to do. The joined host takes these after each call, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A service that is part of Windows runs now.
    BuiltInStarted(String),
    /// A service that is part of Windows has stopped, as asked or by a crash.
    BuiltInStopped(String),
    /// Every service has had its time to end: the host may go down.
    ServicesEnded,
}
