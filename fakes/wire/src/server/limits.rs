//! What a server takes at once.

use winlab_clock::VirtualSpan;

/// Limits of a server. What is above them is refused, never queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest body of a call, in bytes.
    pub body_bytes: usize,
    /// Calls under way at once, over all connections.
    pub calls: usize,
    /// Streams open at once: sessions, events, a process's input and output.
    pub streams: usize,
    /// How long a call's body may take to arrive.
    pub body_within: VirtualSpan,
}

impl Default for Limits {
    /// 64 MiB, 256 calls, 1024 streams, 30 s: more than a node's components ask for.
    fn default() -> Self {
        Self { body_bytes: 64 << 20, calls: 256, streams: 1024, body_within: VirtualSpan::from_secs(30) }
    }
}
