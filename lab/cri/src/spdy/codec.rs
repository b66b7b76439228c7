//! Bytes into frames and back.

use std::fmt;

use super::frame::{Frame, Headers};
use super::headers::{Deflate, Inflate};

/// The version in every control frame: 3.1 differs from 3 in flow control only.
const VERSION: u16 = 3;
/// The most that a control frame may hold; data may be as long as its length can say.
const MAX_CONTROL: usize = 64 << 10;
const FIN: u8 = 1;

const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;
const GO_AWAY: u16 = 7;
const HEADERS: u16 = 8;

/// What a peer got wrong; the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtocolError {
    /// Another version of the protocol.
    Version(
        /// The version.
        u16,
    ),
    /// A control frame that is longer than any that is needed.
    TooLarge,
    /// A control frame without all it should hold.
    Short,
    /// A header block that is none.
    HeaderBlock,
    /// A stream with a number that no stream can have.
    Stream(
        /// The number.
        u32,
    ),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "SPDY version {version} is not spoken here"),
            Self::TooLarge => f.write_str("a control frame is too large"),
            Self::Short => f.write_str("a control frame is too short"),
            Self::HeaderBlock => f.write_str("a header block cannot be read"),
            Self::Stream(number) => write!(f, "no stream can have the number {number}"),
        }
    }
}

impl std::error::Error for ProtocolError {}

/// Frames into bytes, for one direction of one connection.
#[derive(Debug)]
pub struct Encoder(Deflate);

impl Default for Encoder {
    fn default() -> Self {
        Self(Deflate::new())
    }
}

impl Encoder {
    /// A frame's bytes. Data of more than a frame can hold becomes several.
    pub fn encode(&mut self, frame: &Frame) -> Vec<u8> {
        match frame {
            Frame::SynStream { stream, headers, fin } => {
                let mut body = numbers(&[*stream, 0]);
                body.extend_from_slice(&[0, 0]);
                self.with_headers(SYN_STREAM, body, headers, *fin)
            }
            Frame::SynReply { stream, headers, fin } => {
                self.with_headers(SYN_REPLY, numbers(&[*stream]), headers, *fin)
            }
            Frame::Headers { stream, headers, fin } => {
                self.with_headers(HEADERS, numbers(&[*stream]), headers, *fin)
            }
            Frame::RstStream { stream, status } => control(RST_STREAM, 0, &numbers(&[*stream, *status])),
            Frame::Ping { id } => control(PING, 0, &numbers(&[*id])),
            Frame::GoAway { last, status } => control(GO_AWAY, 0, &numbers(&[*last, *status])),
            Frame::Data { stream, bytes, fin } => data(*stream, bytes, *fin),
            Frame::Ignored { kind } => control(*kind, 0, &[]),
        }
    }

    fn with_headers(&mut self, kind: u16, mut body: Vec<u8>, headers: &Headers, fin: bool) -> Vec<u8> {
        body.extend(self.0.encode(headers));
        control(kind, if fin { FIN } else { 0 }, &body)
    }
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn length(flags: u8, length: usize) -> [u8; 4] {
    (u32::from(flags) << 24 | u32::try_from(length).unwrap_or(0) & 0xff_ffff).to_be_bytes()
}

fn control(kind: u16, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(8 + body.len());
    frame.extend_from_slice(&(VERSION | 0x8000).to_be_bytes());
    frame.extend_from_slice(&kind.to_be_bytes());
    frame.extend_from_slice(&length(flags, body.len()));
    frame.extend_from_slice(body);
    frame
}

fn data(stream: u32, bytes: &[u8], fin: bool) -> Vec<u8> {
    const PART: usize = 0xff_ffff;
    let mut frames = Vec::with_capacity(8 + bytes.len());
    let parts = bytes.chunks(PART).count().max(1);
    for at in 0..parts {
        let part = &bytes[at * PART..bytes.len().min((at + 1) * PART)];
        let flags = if fin && at + 1 == parts { FIN } else { 0 };
        frames.extend_from_slice(&(stream & 0x7fff_ffff).to_be_bytes());
        frames.extend_from_slice(&length(flags, part.len()));
        frames.extend_from_slice(part);
    }
    frames
}

/// Bytes into frames, for one direction of one connection.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    inflate: Inflate,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { buffer: Vec::new(), inflate: Inflate::new() }
    }
}

impl Decoder {
    /// Takes bytes in as they come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, if all of it is there.
    ///
    /// # Errors
    /// [`ProtocolError`]; nothing can be read after it.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, ProtocolError> {
        let Some(([a, b, c, d, flags, x, y, z], rest)) = self.buffer.split_first_chunk() else {
            return Ok(None);
        };
        let head = u32::from_be_bytes([*a, *b, *c, *d]);
        let length = usize::try_from(u32::from_be_bytes([0, *x, *y, *z])).unwrap_or(usize::MAX);
        let is_control = head & 0x8000_0000 != 0;
        if is_control && length > MAX_CONTROL {
            return Err(ProtocolError::TooLarge);
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let (flags, body) = (*flags, body.to_vec());
        self.buffer.drain(..8 + length);
        let fin = flags & FIN != 0;
        if is_control {
            let version = u16::try_from(head >> 16 & 0x7fff).unwrap_or(0);
            if version != VERSION {
                return Err(ProtocolError::Version(version));
            }
            return self.control(u16::try_from(head & 0xffff).unwrap_or(0), fin, &body).map(Some);
        }
        Ok(Some(Frame::Data { stream: number(head)?, bytes: body, fin }))
    }

    fn control(&mut self, kind: u16, fin: bool, body: &[u8]) -> Result<Frame, ProtocolError> {
        let mut rest = body;
        let mut take = || -> Result<u32, ProtocolError> {
            let (taken, after) = rest.split_first_chunk().ok_or(ProtocolError::Short)?;
            rest = after;
            Ok(u32::from_be_bytes(*taken))
        };
        Ok(match kind {
            SYN_STREAM => {
                let (stream, _associated) = (number(take()?)?, take()?);
                // Priority and slot.
                let block = rest.get(2..).ok_or(ProtocolError::Short)?;
                Frame::SynStream { stream, headers: self.inflate.decode(block)?, fin }
            }
            SYN_REPLY => {
                let stream = number(take()?)?;
                Frame::SynReply { stream, headers: self.inflate.decode(rest)?, fin }
            }
            HEADERS => {
                let stream = number(take()?)?;
                Frame::Headers { stream, headers: self.inflate.decode(rest)?, fin }
            }
            RST_STREAM => Frame::RstStream { stream: number(take()?)?, status: take()? },
            PING => Frame::Ping { id: take()? },
            GO_AWAY => Frame::GoAway { last: take()? & 0x7fff_ffff, status: take()? },
            kind => Frame::Ignored { kind },
        })
    }
}

/// A stream's number: 31 bits, and never 0.
fn number(bits: u32) -> Result<u32, ProtocolError> {
    let number = bits & 0x7fff_ffff;
    if number == 0 { Err(ProtocolError::Stream(0)) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Decoder, Encoder, Frame, ProtocolError};

    fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
        proptest::collection::vec(("[a-z-]{1,12}", ".{0,40}"), 0..6)
    }

    fn frame() -> impl Strategy<Value = Frame> {
        let stream = 1_u32..0x8000_0000;
        prop_oneof![
            (stream.clone(), headers(), any::<bool>()).prop_map(|(stream, headers, fin)| Frame::SynStream {
                stream,
                headers,
                fin
            }),
            (stream.clone(), headers(), any::<bool>()).prop_map(|(stream, headers, fin)| Frame::SynReply {
                stream,
                headers,
                fin
            }),
            (stream.clone(), headers(), any::<bool>()).prop_map(|(stream, headers, fin)| Frame::Headers {
                stream,
                headers,
                fin
            }),
            (stream.clone(), any::<u32>()).prop_map(|(stream, status)| Frame::RstStream { stream, status }),
            any::<u32>().prop_map(|id| Frame::Ping { id }),
            (0_u32..0x8000_0000, any::<u32>()).prop_map(|(last, status)| Frame::GoAway { last, status }),
            (stream, proptest::collection::vec(any::<u8>(), 0..600), any::<bool>())
                .prop_map(|(stream, bytes, fin)| Frame::Data { stream, bytes, fin }),
            prop_oneof![Just(4_u16), Just(9)].prop_map(|kind| Frame::Ignored { kind }),
        ]
    }

    proptest! {
        #[test]
        fn frames_survive_however_their_bytes_are_cut(
            frames in proptest::collection::vec(frame(), 0..12),
            part in 1_usize..40,
        ) {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let bytes: Vec<u8> = frames.iter().flat_map(|frame| encoder.encode(frame)).collect();
            let mut read = Vec::new();
            for part in bytes.chunks(part) {
                decoder.push(part);
                while let Some(frame) = decoder.next_frame().unwrap() {
                    read.push(frame);
                }
            }
            prop_assert_eq!(read, frames);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }

        #[test]
        fn no_change_of_a_bit_makes_the_decoder_panic(frame in frame(), at in any::<usize>(), bit in 0_u8..8) {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let mut bytes = encoder.encode(&frame);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }
    }

    #[test]
    fn what_is_too_large_or_of_another_version_is_refused() {
        let refused = |bytes: &[u8]| {
            let mut decoder = Decoder::default();
            decoder.push(bytes);
            decoder.next_frame().unwrap_err()
        };
        assert_eq!(refused(&[0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]), ProtocolError::TooLarge);
        assert_eq!(refused(&[0x80, 2, 0, 6, 0, 0, 0, 0]), ProtocolError::Version(2));
        assert_eq!(refused(&[0x80, 3, 0, 6, 0, 0, 0, 1, 9]), ProtocolError::Short);
        assert_eq!(refused(&[0, 0, 0, 0, 0, 0, 0, 0]), ProtocolError::Stream(0));
    }

    /// A few bytes that become many: zlib makes a thousand of one.
    #[test]
    fn a_header_block_that_grows_without_end_is_refused() {
        let mut encoder = Encoder::default();
        let headers = vec![("a".to_owned(), "x".repeat(300 << 10))];
        let bytes = encoder.encode(&Frame::SynStream { stream: 1, headers, fin: false });
        assert!(bytes.len() < 4096);
        let mut decoder = Decoder::default();
        decoder.push(&bytes);
        assert_eq!(decoder.next_frame().unwrap_err(), ProtocolError::TooLarge);
    }
}
