//! Locks between the makers of what is kept in the cache.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Waits for its turn with `what`. The lock ends with the file that is given back, or the process.
pub(crate) fn take(cache: &Path, what: &str) -> io::Result<File> {
    fs::create_dir_all(cache)?;
    let file = File::create(cache.join(format!("{what}.lock")))?;
    file.lock()?;
    Ok(file)
}
