//! Systems without what is needed.

use std::io;
use std::path::{Path, PathBuf};

const REFUSED: &str = "Windows programs run under Wine on Linux only";

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, REFUSED)
}

/// None can be made.
#[derive(Debug)]
pub(crate) enum Namespaces {}

impl Namespaces {
    pub(crate) fn current() -> io::Result<Self> {
        Err(refused())
    }

    pub(crate) fn enter_new(_: &str) -> io::Result<Self> {
        Err(refused())
    }

    pub(crate) fn enter(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn net_path(&self) -> String {
        match *self {}
    }
}

pub(crate) fn permitted() -> Result<(), String> {
    Err(REFUSED.to_owned())
}

pub(crate) fn interrupt(_: u32) {}

pub(crate) fn start_of(_: u32) -> Option<u64> {
    None
}

pub(crate) fn folder_of(_: u32) -> Option<PathBuf> {
    None
}

pub(crate) fn is_program(path: &Path) -> bool {
    path.is_file()
}

pub(crate) fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(refused())
}

pub(crate) fn own_group(_: &mut tokio::process::Command) {}
