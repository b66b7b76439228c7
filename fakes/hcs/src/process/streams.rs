//! What a process writes.

use winlab_host::compute::StreamChunk;

/// One of a process's outputs: kept until it is read, or thrown away where nobody asked for a pipe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stream {
    kept: bool,
    bytes: Vec<u8>,
    ended: bool,
}

impl Stream {
    pub(crate) fn new(kept: bool) -> Self {
        Self { kept, bytes: Vec::new(), ended: false }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether somebody can read what was written.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        if !self.kept || self.ended || bytes.is_empty() {
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }

    /// Nothing follows; what was written can still be read.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Nobody reads any more.
    pub(crate) fn close(&mut self) {
        *self = Self { kept: false, bytes: Vec::new(), ended: true };
    }

    /// What was written and not read yet.
    pub(crate) fn read(&mut self) -> StreamChunk {
        let bytes = std::mem::take(&mut self.bytes).into();
        StreamChunk { bytes, end: self.ended || !self.kept }
    }
}
