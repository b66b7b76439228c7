//! A program that runs.

use std::io;
use std::process::ExitStatus;

use winlab_clock::{Clock, VirtualSpan};

use crate::machine;
use crate::process::Process;

/// A Windows program under Wine. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    pub(crate) process: Process,
    pub(crate) clock: Clock,
}

/// How a program that was asked to end did so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// By itself, with this status.
    Ended(ExitStatus),
    /// It was killed when the time for it had run out.
    Killed,
}

impl Program {
    /// Its process id on this machine; `None` once it has ended.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Waits for its end. Of a Windows exit code, Linux hands on the lowest eight bits.
    ///
    /// # Errors
    /// The system cannot tell.
    pub async fn wait(&self) -> io::Result<ExitStatus> {
        self.process.ended().clone().wait().await
    }

    /// Asks it to end, as Ctrl-C does: a Go program's `os.Interrupt`. One without a handler ends at once.
    pub fn ask_to_end(&self) {
        if let Some(pid) = self.process.pid() {
            machine::interrupt(pid);
        }
    }

    /// Asks it to end and waits, for at most `grace` of the lab's time; then it is killed.
    ///
    /// # Errors
    /// The system cannot tell how it ended.
    pub async fn stop(&mut self, grace: VirtualSpan) -> io::Result<Stopped> {
        self.ask_to_end();
        match self.clock.within(grace, self.wait()).await {
            Ok(status) => status.map(Stopped::Ended),
            Err(_) => self.kill().await.map(|()| Stopped::Killed),
        }
    }

    /// Ends it without asking, as `TerminateProcess` does. Programs that it started go on.
    ///
    /// # Errors
    /// The system cannot tell how it ended.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await.map(drop)
    }
}
