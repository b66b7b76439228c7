//! The folder of one run: made at the start, removed at the end, and found again where a run was killed.
//!
//! A run holds a lock on a file of its folder for as long as it lives, which the operating system lets go when it dies,
//! however that happens. A folder whose lock nobody holds is a leftover: its programs are ended if they still run, then
//! it goes. Folders are made and removed under a lock of the folder around them, so that one that is just being made is
//! nobody's leftover, and one whose maker did not come as far as its lock is.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the plane's data are files")]

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::process::{ProcessId, kill};

const PREFIX: &str = "winlab-plane-";
const LOCK: &str = "lock";
const PROCESSES: &str = "processes";

/// The folder of a run.
pub(super) struct RunFolder {
    dir: TempDir,
    processes: File,
    _lock: File,
}

impl RunFolder {
    /// A new one below `scratch`, once what killed runs left there is gone.
    pub(super) fn make(scratch: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(scratch)?;
        let turn = File::open(scratch)?;
        turn.lock()?;
        remove_leftovers(scratch);
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(scratch)?;
        let lock = File::create(dir.path().join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::Error::other("somebody holds the lock of a folder just made"),
        })?;
        let processes = File::create(dir.path().join(PROCESSES))?;
        for folder in ["pki", "etcd"] {
            std::fs::create_dir(dir.path().join(folder))?;
        }
        // etcd warns of a data folder that others may read.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let only_owner = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(dir.path().join("etcd"), only_owner)?;
        }
        Ok(Self { dir, processes, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file that only this user may read.
    pub(super) fn write(&self, path: &Path, content: &str) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        options.open(path)?.write_all(content.as_bytes())
    }

    /// Takes note of a program, for whoever finds this folder after a kill.
    pub(super) fn note(&mut self, process: &ProcessId) -> io::Result<()> {
        writeln!(self.processes, "{process}")
    }
}

/// Ends the programs of killed runs and removes their folders. The caller holds the lock of `scratch`. What cannot be
/// removed stays for the next start.
fn remove_leftovers(scratch: &Path) {
    let Ok(entries) = std::fs::read_dir(scratch) else { return };
    let is_run = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PREFIX))
    };
    for folder in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_run) {
        let lock = File::open(folder.join(LOCK)).ok();
        if lock.as_ref().is_some_and(|lock| lock.try_lock().is_err()) {
            continue;
        }
        let processes = std::fs::read_to_string(folder.join(PROCESSES)).unwrap_or_default();
        for process in processes.lines().filter_map(|line| line.parse().ok()) {
            kill(process);
        }
        let _ = std::fs::remove_dir_all(&folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_at_the_next_start_and_a_living_one_stays() {
        let scratch = tempfile::tempdir().unwrap();
        let living = RunFolder::make(scratch.path()).unwrap();
        let left = scratch.path().join("winlab-plane-left");
        std::fs::create_dir_all(left.join("etcd")).unwrap();
        std::fs::write(left.join(LOCK), "").unwrap();
        std::fs::write(left.join(PROCESSES), "not a process\n").unwrap();
        let unfinished = scratch.path().join("winlab-plane-unfinished");
        let foreign = scratch.path().join("something-else");
        for folder in [&unfinished, &foreign] {
            std::fs::create_dir(folder).unwrap();
        }

        let next = RunFolder::make(scratch.path()).unwrap();
        assert!(!left.exists() && !unfinished.exists());
        assert!(living.path().exists() && next.path().exists() && foreign.exists());
        let path = next.path().to_path_buf();
        drop(next);
        assert!(!path.exists(), "a folder goes with its run");
    }
}
