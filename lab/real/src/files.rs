//! The files of this machine that this crate looks at: programs, and what a node's drive holds.
#![expect(clippy::disallowed_methods, reason = "the one module of this crate that touches the disk")]

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// Writes a file; its folder must be there, except in tests.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    #[cfg(test)]
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

#[expect(clippy::disallowed_types, reason = "appending needs an open file")]
pub(crate) fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
}

pub(crate) fn metadata(path: &Path) -> io::Result<Metadata> {
    fs::metadata(path)
}

pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

pub(crate) fn create_folders(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(crate) fn remove_folder(path: &Path, recursive: bool) -> io::Result<()> {
    if recursive { fs::remove_dir_all(path) } else { fs::remove_dir(path) }
}

/// Names in a folder, sorted.
pub(crate) fn list(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
