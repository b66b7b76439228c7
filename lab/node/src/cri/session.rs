//! A process with somebody at its streams: what `Exec` and `Attach` lead to.
//!
//! In the real interface both answer a URL of the runtime's streaming server. Here they answer the streams themselves; a
//! server of the real protocol keeps the request until its URL is asked for.

use std::fmt;

use futures::channel::mpsc;
use winlab_host::EventStream;

use super::error::CriError;

/// `ExecRequest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecRequest {
    /// The container
    pub container_id: String,
    /// The command
    pub cmd: Vec<String>,
    /// Whether it gets a terminal
    pub tty: bool,
    /// Whether its input is open
    pub stdin: bool,
    /// Whether its output is wanted
    pub stdout: bool,
    /// Whether its errors are wanted
    pub stderr: bool,
}

/// `AttachRequest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachRequest {
    /// The container
    pub container_id: String,
    /// Whether input is given
    pub stdin: bool,
    /// Whether the container has a terminal
    pub tty: bool,
    /// Whether its output is wanted
    pub stdout: bool,
    /// Whether its errors are wanted
    pub stderr: bool,
}

/// A terminal's size in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns
    pub width: u16,
    /// Lines
    pub height: u16,
}

/// What the client of a session gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionInput {
    /// Bytes for the process's standard input.
    Bytes(Vec<u8>),
    /// Its standard input ends.
    End,
    /// The client's terminal has another size.
    Resize(TerminalSize),
}

/// What the client of a session gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOutput {
    /// Standard output.
    Stdout(Vec<u8>),
    /// Standard error.
    Stderr(Vec<u8>),
    /// The process has ended; the last that comes.
    Exited(i32),
    /// Nobody knows how the process ended; the last that comes.
    Failed(CriError),
}

/// How much may wait in either direction.
pub(crate) const WAITING: usize = 64;

/// The streams of a process. Its input ends when `input` is dropped; the output of an attached container ends with the
/// container, without an exit code.
pub struct Session {
    /// To the process.
    pub input: mpsc::Sender<SessionInput>,
    /// From the process.
    pub output: EventStream<SessionOutput>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
