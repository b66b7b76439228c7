//! What a program writes, line by line.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, select};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{ChildStderr, ChildStdout};

use crate::process::Ended;

/// Where a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it was written to.
    pub stream: Stream,
    /// Its text without the end; what is not UTF-8 is replaced.
    pub text: String,
}

/// A program's lines, in the order in which they were read. They end when it has ended and what it wrote has been read,
/// even if programs that it started could write on.
#[derive(Debug)]
pub struct Lines(UnboundedReceiver<Line>);

impl Lines {
    /// The lines of these streams, read by tasks of the runtime.
    pub(crate) fn of(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>, ended: &Ended) -> Self {
        let (sender, receiver) = unbounded();
        if let Some(stdout) = stdout {
            tokio::spawn(read(stdout, Stream::Stdout, sender.clone(), ended.clone()));
        }
        if let Some(stderr) = stderr {
            tokio::spawn(read(stderr, Stream::Stderr, sender, ended.clone()));
        }
        Self(receiver)
    }
}

impl futures::Stream for Lines {
    type Item = Line;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Line>> {
        Pin::new(&mut self.0).poll_next(context)
    }
}

async fn read(from: impl AsyncRead + Unpin, stream: Stream, to: UnboundedSender<Line>, mut ended: Ended) {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    let mut has_ended = false;
    loop {
        // A line that was read in part stays in `bytes` when the other future wins.
        let more = if has_ended {
            // What it wrote is in the pipe by now, so what is not there at once will not come from it.
            tokio::task::unconstrained(from.read_until(b'\n', &mut bytes)).now_or_never()
        } else {
            match select(pin!(from.read_until(b'\n', &mut bytes)), pin!(ended.wait())).await {
                Either::Left((read, _)) => Some(read),
                Either::Right(_) => {
                    has_ended = true;
                    continue;
                }
            }
        };
        let is_last = !matches!(more, Some(Ok(1..)));
        if !bytes.is_empty() {
            let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
            // Nobody listens: the program may write on all the same.
            let _ = to.unbounded_send(Line { stream, text });
            bytes.clear();
        }
        if is_last {
            return;
        }
    }
}
