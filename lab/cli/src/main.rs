//! The binary: hands arguments, environment and streams to [`winlab_cli::run`], and its answer to the operating system.
#![expect(clippy::disallowed_methods, reason = "the one place that has the process's arguments and streams")]

use std::io;
use std::panic;
use std::process::ExitCode;

use winlab_cli::{Environment, Exit, Streams};

/// A lab is many small objects, most of them shared: a quarter of a run's time was the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let answer = panic::catch_unwind(|| {
        let environment = Environment::read();
        let mut streams = Streams { out: &mut io::stdout(), talk: &mut io::stderr() };
        winlab_cli::run(std::env::args_os(), &environment, &mut streams)
    });
    // The panic's own message has been printed already.
    answer.unwrap_or(Exit::Bug).into()
}
