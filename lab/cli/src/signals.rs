//! Ctrl-C and its kin.
#![expect(clippy::disallowed_methods, reason = "the second signal ends the process, whatever it is doing")]

use std::io;
use std::process;
use std::sync::OnceLock;

use winlab_engine::Interrupt;

use crate::{Exit, Streams};

/// What the first SIGINT, SIGTERM or SIGHUP (on Windows Ctrl-C, Ctrl-Break or a closed window) raises, for the rest of the
/// process's life; the second one ends it at once. Until this is asked for, signals do what they always do.
pub(crate) fn interrupt(streams: &mut Streams<'_>) -> io::Result<Interrupt> {
    static INTERRUPT: OnceLock<Interrupt> = OnceLock::new();
    let mut failure = None;
    let interrupt = INTERRUPT.get_or_init(|| {
        let interrupt = Interrupt::new();
        let raised = interrupt.clone();
        let listening = ctrlc::set_handler(move || {
            if raised.is_raised() {
                process::exit(Exit::Interrupted.code().into());
            }
            raised.raise();
        });
        failure = listening.err();
        interrupt
    });
    if let Some(error) = failure {
        writeln!(streams.talk, "warning: signals end winlab without a report: {error}")?;
    }
    Ok(interrupt.clone())
}
