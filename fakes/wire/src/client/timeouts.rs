//! How long a client waits.

use winlab_clock::VirtualSpan;

/// Bounds of a client's waits, and of what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: VirtualSpan,
    /// From a call to its whole answer.
    pub call: VirtualSpan,
    /// The largest answer it takes, in bytes; also the longest line of a stream.
    pub answer_bytes: usize,
}

impl Default for Timeouts {
    /// 5 s and 64 MiB; 4 minutes for a call, as long as hcsshim waits for a container to start
    /// (`internal/timeout/timeout.go`).
    fn default() -> Self {
        Self { connect: VirtualSpan::from_secs(5), call: VirtualSpan::from_secs(240), answer_bytes: 64 << 20 }
    }
}
