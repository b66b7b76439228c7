//! `winlab init`: a first scenario to read, run and change.

use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{Environment, Exit, Streams, files};

/// What is written, and where. The manifest goes first: a scenario without it would be broken.
const FILES: [(&str, &str); 2] = [
    ("scenarios/manifests/first.yaml", include_str!("first.yaml")),
    ("scenarios/first.winlab.yaml", include_str!("first.winlab.yaml")),
];

pub(super) fn run(environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    // All or nothing: a manifest of somebody else's under a new scenario would be a puzzle.
    for (path, _) in FILES {
        if files::exists(&environment.directory.join(path)) {
            return refuse(path);
        }
    }
    for (path, text) in FILES {
        match files::write_new(&environment.directory.join(Path::new(path)), text) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return refuse(path),
            written => written.with_context(|| format!("cannot write `{path}`"))?,
        }
        writeln!(streams.out, "{path}")?;
    }
    Ok(Exit::Pass)
}

fn refuse(path: &str) -> anyhow::Result<Exit> {
    bail!("`{path}` is there already; nothing was written\n  hint: move it away to get a fresh one")
}
