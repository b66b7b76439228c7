//! A file's bytes.

use std::sync::Arc;

/// Bytes that are shared when read and cheap to append to: container logs grow a line at a time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    whole: Arc<[u8]>,
    tail: Vec<u8>,
}

impl Content {
    pub(crate) fn new(bytes: Arc<[u8]>) -> Self {
        Self { whole: bytes, tail: Vec::new() }
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
    }

    /// All of it; what was appended since the last time is joined to it first.
    pub(crate) fn read(&mut self) -> Arc<[u8]> {
        if !self.tail.is_empty() {
            self.whole = self.whole.iter().copied().chain(self.tail.drain(..)).collect();
        }
        self.whole.clone()
    }

    pub(crate) fn len(&self) -> u64 {
        (self.whole.len() + self.tail.len()) as u64
    }
}
