//! Header blocks: how many pairs, then each name and each value with its length before it, all of it through one zlib
//! stream per connection and direction.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::codec::ProtocolError;
use super::dictionary::DICTIONARY;
use super::frame::Headers;

/// The most that a block may become: Kubernetes' streams have a handful of short headers.
const MAX_BLOCK: usize = 256 << 10;

/// Blocks into bytes.
#[derive(Debug)]
pub(super) struct Deflate(Compress);

impl Deflate {
    pub(super) fn new() -> Self {
        let mut stream = Compress::new(Compression::best(), true);
        let known = stream.set_dictionary(DICTIONARY);
        debug_assert!(known.is_ok(), "a new stream takes a dictionary");
        Self(stream)
    }

    pub(super) fn encode(&mut self, headers: &Headers) -> Vec<u8> {
        let mut block = Vec::new();
        put(&mut block, headers.len());
        for (name, value) in headers {
            for text in [name, value] {
                put(&mut block, text.len());
                block.extend_from_slice(text.as_bytes());
            }
        }
        self.compress(&block)
    }

    fn compress(&mut self, block: &[u8]) -> Vec<u8> {
        let start = self.0.total_in();
        let mut out = Vec::new();
        loop {
            let done = usize::try_from(self.0.total_in() - start).unwrap_or(block.len());
            out.reserve(block.len().max(64));
            let before = out.len();
            let free = out.capacity() - before;
            // Memory is all that could be lacking, and it is made above.
            let state = self.0.compress_vec(&block[done..], &mut out, FlushCompress::Sync);
            if state.is_err() || (done == block.len() && out.len() - before < free) {
                return out;
            }
        }
    }
}

/// Bytes into blocks.
#[derive(Debug)]
pub(super) struct Inflate(Decompress);

impl Inflate {
    pub(super) fn new() -> Self {
        Self(Decompress::new(true))
    }

    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<Headers, ProtocolError> {
        let block = self.decompress(bytes)?;
        let mut rest = block.as_slice();
        let pairs = take_number(&mut rest)?;
        let mut headers = Headers::new();
        for _ in 0..pairs {
            let (name, value) = (take_text(&mut rest)?, take_text(&mut rest)?);
            headers.push((name, value));
        }
        if rest.is_empty() { Ok(headers) } else { Err(ProtocolError::HeaderBlock) }
    }

    fn decompress(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ProtocolError> {
        let (start, mut block) = (self.0.total_in(), Vec::new());
        let mut chunk = [0_u8; 4096];
        loop {
            let done = usize::try_from(self.0.total_in() - start).unwrap_or(bytes.len()).min(bytes.len());
            let before = self.0.total_out();
            let state = self.0.decompress(&bytes[done..], &mut chunk, FlushDecompress::Sync);
            let made = usize::try_from(self.0.total_out() - before).unwrap_or(0).min(chunk.len());
            block.extend_from_slice(&chunk[..made]);
            if block.len() > MAX_BLOCK {
                return Err(ProtocolError::TooLarge);
            }
            match state {
                Err(error) if error.needs_dictionary().is_some() => {
                    self.0.set_dictionary(DICTIONARY).map_err(|_| ProtocolError::HeaderBlock)?;
                }
                Err(_) | Ok(Status::StreamEnd) => return Err(ProtocolError::HeaderBlock),
                Ok(Status::Ok | Status::BufError) => {
                    let read = usize::try_from(self.0.total_in() - start).unwrap_or(bytes.len());
                    if made < chunk.len() {
                        return if read >= bytes.len() { Ok(block) } else { Err(ProtocolError::HeaderBlock) };
                    }
                }
            }
        }
    }
}

fn put(block: &mut Vec<u8>, number: usize) {
    block.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}

fn take_number(rest: &mut &[u8]) -> Result<u32, ProtocolError> {
    let (number, after) = rest.split_first_chunk().ok_or(ProtocolError::HeaderBlock)?;
    *rest = after;
    Ok(u32::from_be_bytes(*number))
}

fn take_text(rest: &mut &[u8]) -> Result<String, ProtocolError> {
    let length = usize::try_from(take_number(rest)?).map_err(|_| ProtocolError::HeaderBlock)?;
    let (text, after) = rest.split_at_checked(length).ok_or(ProtocolError::HeaderBlock)?;
    *rest = after;
    String::from_utf8(text.to_vec()).map_err(|_| ProtocolError::HeaderBlock)
}
