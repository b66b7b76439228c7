//! The server's side of a connection.
//!
//! ```text
//! bytes ─▶ decoder ─▶ SYN_STREAM ─▶ Stream ─▶ whoever accepts
//!                     DATA ───────▶ that stream's bytes
//! Writer ─▶ frames ─▶ encoder ─▶ bytes
//! ```

use std::collections::BTreeMap;
use std::io;

use futures::channel::mpsc;
use futures::future::{self, Either};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::codec::{Decoder, Encoder};
use super::frame::{CANCEL, Frame, Headers, PROTOCOL_ERROR};

/// How many frames may wait in either direction.
const WAITING: usize = 32;
/// How many streams a client may have open: exec needs five, a forwarded connection two.
const MAX_STREAMS: usize = 1024;

/// A stream that the client has opened.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Its number.
    pub(crate) id: u32,
    headers: Headers,
    /// What the client sends on it, until it ends.
    pub(crate) bytes: mpsc::Receiver<Vec<u8>>,
}

impl Stream {
    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Where frames for the client go. Once all of them are dropped the connection ends.
#[derive(Clone, Debug)]
pub(crate) struct Writer(mpsc::Sender<Frame>);

impl Writer {
    /// Sends bytes on a stream; a client that is gone gets none.
    pub(crate) async fn data(&mut self, stream: u32, bytes: Vec<u8>) {
        self.0.send(Frame::Data { stream, bytes, fin: false }).await.ok();
    }

    /// Nothing more is sent on a stream.
    pub(crate) async fn end(&mut self, stream: u32) {
        self.0.send(Frame::Data { stream, bytes: Vec::new(), fin: true }).await.ok();
    }

    /// A stream is not wanted any more.
    pub(crate) async fn reset(&mut self, stream: u32) {
        self.0.send(Frame::RstStream { stream, status: CANCEL }).await.ok();
    }
}

/// Serves a connection for as long as `work` goes on and the client is there. What was given to the writer is sent before
/// it ends.
pub(crate) async fn serve<S, W, F>(socket: S, work: W)
where
    S: AsyncRead + AsyncWrite + Unpin,
    W: FnOnce(mpsc::Receiver<Stream>, Writer) -> F,
    F: Future<Output = ()>,
{
    let (from, to) = tokio::io::split(socket);
    let (frames, outgoing) = mpsc::channel(WAITING);
    let (accepted, streams) = mpsc::channel(WAITING);
    let reading = Reading { streams: BTreeMap::new(), last: 0, accepted, frames: frames.clone() };
    let work = work(streams, Writer(frames));
    let served = async {
        let (read, work) = (std::pin::pin!(reading.run(from)), std::pin::pin!(work));
        // Whichever is over first: a client that left, or work that is done. What is left of the other is dropped, and with
        // it the last writers.
        match future::select(work, read).await {
            Either::Left(((), _)) | Either::Right(((), _)) => {}
        }
    };
    let written = write(to, outgoing);
    drop(future::join(served, written).await);
}

async fn write(mut to: impl AsyncWrite + Unpin, mut frames: mpsc::Receiver<Frame>) -> io::Result<()> {
    let mut encoder = Encoder::default();
    while let Some(frame) = frames.next().await {
        to.write_all(&encoder.encode(&frame)).await?;
        to.flush().await?;
    }
    to.write_all(&encoder.encode(&Frame::GoAway { last: 0, status: 0 })).await?;
    to.shutdown().await
}

/// What comes from the client.
struct Reading {
    /// Open streams with where their bytes go.
    streams: BTreeMap<u32, mpsc::Sender<Vec<u8>>>,
    last: u32,
    accepted: mpsc::Sender<Stream>,
    frames: mpsc::Sender<Frame>,
}

impl Reading {
    async fn run(mut self, mut from: impl AsyncRead + Unpin) {
        let (mut decoder, mut buffer) = (Decoder::default(), vec![0; 32 << 10]);
        loop {
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => {
                        if !self.take(frame).await {
                            return;
                        }
                    }
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
            match from.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => decoder.push(&buffer[..read]),
            }
        }
    }

    /// Takes one frame in; whether the connection goes on.
    async fn take(&mut self, frame: Frame) -> bool {
        match frame {
            Frame::SynStream { stream, headers, fin } => self.open(stream, headers, fin).await,
            Frame::Data { stream, bytes, fin } => {
                if let Some(sink) = self.streams.get_mut(&stream)
                    && !bytes.is_empty()
                    && sink.send(bytes).await.is_err()
                {
                    // Nobody reads it any more; what else comes on it is for nobody either.
                    self.streams.remove(&stream);
                }
                if fin {
                    self.streams.remove(&stream);
                }
                true
            }
            Frame::Headers { stream, fin: true, .. } | Frame::RstStream { stream, .. } => {
                self.streams.remove(&stream);
                true
            }
            // The client's pings have odd numbers; even ones would answer pings of ours, and there are none.
            Frame::Ping { id } if id % 2 == 1 => self.frames.send(Frame::Ping { id }).await.is_ok(),
            Frame::GoAway { .. } => false,
            Frame::Ping { .. } | Frame::Headers { .. } | Frame::SynReply { .. } | Frame::Ignored { .. } => {
                true
            }
        }
    }

    async fn open(&mut self, stream: u32, headers: Headers, fin: bool) -> bool {
        let is_next = stream % 2 == 1 && stream > self.last;
        if !is_next || self.streams.len() >= MAX_STREAMS {
            let refused = Frame::RstStream { stream, status: PROTOCOL_ERROR };
            return self.frames.send(refused).await.is_ok() && is_next;
        }
        self.last = stream;
        let (sink, bytes) = mpsc::channel(WAITING);
        if !fin {
            self.streams.insert(stream, sink);
        }
        let reply = Frame::SynReply { stream, headers: Headers::new(), fin: false };
        self.frames.send(reply).await.is_ok()
            && self.accepted.send(Stream { id: stream, headers, bytes }).await.is_ok()
    }
}
