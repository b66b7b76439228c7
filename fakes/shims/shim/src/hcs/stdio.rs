//! A process's standard streams: pipes to the client, pumped by a thread each to and from the wire.

use std::fs::File;
use std::io::{Read, Write};
use std::thread;

use super::pipe::{self, Direction};
use crate::fault::{Fault, E_OUTOFMEMORY};
use crate::http::{self, Connection};
use crate::json::Object;
use crate::library;
use crate::wire::{self, Service};

/// Which streams a process has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams {
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
}

/// The client's ends; 0 where there is none.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    pub(super) stdin: usize,
    pub(super) stdout: usize,
    pub(super) stderr: usize,
}

/// Pipes for the streams that are there.
pub(super) fn connect(system: &str, pid: u32, wanted: Streams) -> Result<Pipes, Fault> {
    let mut pipes = Pipes::default();
    let outcome = fill(&mut pipes, system, pid, wanted);
    if outcome.is_err() {
        for handle in [pipes.stdin, pipes.stdout, pipes.stderr] {
            if handle != 0 {
                pipe::close(handle);
            }
        }
    }
    outcome.map(|()| pipes)
}

fn fill(pipes: &mut Pipes, system: &str, pid: u32, wanted: Streams) -> Result<(), Fault> {
    if wanted.stdin {
        let connection = wire::process_input(system, pid)?;
        let system = system.to_owned();
        pipes.stdin = pump(Direction::FromClient, move |pipe| feed(pipe, connection, &system, pid))?;
    }
    if wanted.stdout {
        let connection = wire::process_output(system, pid, "stdout")?;
        pipes.stdout = pump(Direction::ToClient, move |pipe| drain(connection, pipe))?;
    }
    if wanted.stderr {
        let connection = wire::process_output(system, pid, "stderr")?;
        pipes.stderr = pump(Direction::ToClient, move |pipe| drain(connection, pipe))?;
    }
    Ok(())
}

/// A pipe whose other end `work` has, on a thread of ours.
fn pump(direction: Direction, work: impl FnOnce(File) + Send + 'static) -> Result<usize, Fault> {
    let failed = |error: std::io::Error| Fault::new(E_OUTOFMEMORY, error.to_string());
    let (ours, theirs) = pipe::pair(direction).map_err(failed)?;
    library::stay_loaded();
    match thread::Builder::new().spawn(move || work(ours)) {
        Ok(_) => Ok(theirs),
        Err(error) => {
            pipe::close(theirs);
            Err(failed(error))
        }
    }
}

/// What the process writes goes to the client until one of them has enough; then the client sees the end of the pipe.
fn drain(mut connection: Connection, mut pipe: File) {
    while let Ok(Some(chunk)) = connection.chunk() {
        if pipe.write_all(&chunk).is_err() {
            return;
        }
    }
}

/// What the client writes goes to the process; the end of the pipe closes the process's input.
fn feed(mut pipe: File, mut connection: Connection, system: &str, pid: u32) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        if connection.send(&http::chunk(&buffer[..count])).is_err() {
            return;
        }
    }
    if connection.send(&http::chunk(&[])).and_then(|()| connection.answer()).is_ok() {
        let close = r#"{"Operation":"CloseHandle","CloseHandle":{"Handle":"StdIn"}}"#;
        let arguments = Object::new().string("id", system).number("pid", pid.into()).json("settings", close);
        // A process that has ended has no input to close.
        let _ = Service::Hcs.call("HcsModifyProcess", arguments);
    }
}
