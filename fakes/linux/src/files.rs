//! Files of the host. A container's files are the host's, seen through its root and its mounts.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use winlab_host::linux::{Errno, LinuxFault};

use crate::context::Done;

/// Folders that live in memory and are empty after a boot.
const VOLATILE: [&str; 4] = ["/run", "/tmp", "/proc", "/dev"];

/// Files by their normal path; folders are what lies on the way to a file.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    files: BTreeMap<String, Vec<u8>>,
    used: u64,
    size: u64,
    full: bool,
}

impl Files {
    pub(crate) fn new(size: u64) -> Self {
        Self { files: BTreeMap::new(), used: 0, size, full: false }
    }

    pub(crate) fn set_full(&mut self, full: bool) {
        self.full = full;
    }

    pub(crate) fn used(&self) -> u64 {
        if self.full { self.size } else { self.used }
    }

    pub(crate) fn read(&self, path: &str) -> Done<Arc<[u8]>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Arc::from(bytes.as_slice())),
            None => Err(self.missing(path)),
        }
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(crate) fn write(&mut self, path: &str, bytes: &[u8]) -> Done<()> {
        self.may_write(path)?;
        let old = self.files.get(path).map_or(0, Vec::len) as u64;
        self.take_room((bytes.len() as u64).saturating_sub(old))?;
        self.used -= old.saturating_sub(bytes.len() as u64);
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    pub(crate) fn append(&mut self, path: &str, bytes: &[u8]) -> Done<()> {
        self.may_write(path)?;
        self.take_room(bytes.len() as u64)?;
        self.files.entry(path.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn remove(&mut self, path: &str) -> Done<()> {
        match self.files.remove(path) {
            Some(bytes) => {
                self.used -= bytes.len() as u64;
                Ok(())
            }
            None => Err(self.missing(path)),
        }
    }

    /// Removes all below a folder (or one file); gives the paths back.
    pub(crate) fn remove_tree(&mut self, path: &str) -> Vec<String> {
        let mut gone: Vec<String> = self.below(path).map(|(path, _)| path.clone()).collect();
        if self.files.contains_key(path) {
            gone.push(path.to_owned());
        }
        for path in &gone {
            let bytes = self.files.remove(path).unwrap_or_default();
            self.used -= bytes.len() as u64;
        }
        gone
    }

    pub(crate) fn list(&self, path: &str) -> Done<Vec<String>> {
        if self.files.contains_key(path) {
            return Err(LinuxFault::new(Errno::ENOTDIR));
        }
        let skip = path.trim_end_matches('/').len() + 1;
        let mut names: Vec<String> = self
            .below(path)
            .map(|(path, _)| path[skip..].split('/').next().unwrap_or_default().to_owned())
            .collect();
        names.dedup();
        if names.is_empty() && path != "/" { Err(LinuxFault::new(Errno::ENOENT)) } else { Ok(names) }
    }

    /// Empties the folders that live in memory.
    pub(crate) fn boot(&mut self) {
        for folder in VOLATILE {
            self.remove_tree(folder);
        }
    }

    fn below(&self, path: &str) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files
            .range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded))
            .take_while(move |(path, _)| path.starts_with(&folder))
    }

    fn missing(&self, path: &str) -> LinuxFault {
        if self.below(path).next().is_some() {
            LinuxFault::new(Errno::EISDIR)
        } else if self.file_on_the_way(path) {
            LinuxFault::new(Errno::ENOTDIR)
        } else {
            LinuxFault::new(Errno::ENOENT)
        }
    }

    fn may_write(&self, path: &str) -> Done<()> {
        if path == "/" || self.below(path).next().is_some() {
            return Err(LinuxFault::new(Errno::EISDIR));
        }
        if self.file_on_the_way(path) { Err(LinuxFault::new(Errno::ENOTDIR)) } else { Ok(()) }
    }

    fn file_on_the_way(&self, path: &str) -> bool {
        path.match_indices('/').any(|(at, _)| at > 0 && self.files.contains_key(&path[..at]))
    }

    fn take_room(&mut self, bytes: u64) -> Done<()> {
        if bytes > 0 && (self.full || self.used + bytes > self.size) {
            return Err(LinuxFault::new(Errno::ENOSPC));
        }
        self.used += bytes;
        Ok(())
    }
}

/// The path without `.`, `..` and doubled slashes, from the root; `/var/run` is a link to `/run`.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if let ["var", "run", ..] = parts[..] {
        parts.remove(0);
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use winlab_host::linux::Errno;

    use super::{Files, normal};

    #[test]
    fn folders_are_what_lies_on_the_way() {
        let mut files = Files::new(100);
        files.write("/etc/cni/net.d/10-flannel.conflist", b"{}").unwrap();
        assert_eq!(files.list("/etc").unwrap(), ["cni"]);
        assert_eq!(files.read("/etc/cni").unwrap_err().errno, Errno::EISDIR);
        assert_eq!(files.read("/etc/x").unwrap_err().errno, Errno::ENOENT);
        assert_eq!(files.list("/opt").unwrap_err().errno, Errno::ENOENT);
        let below = "/etc/cni/net.d/10-flannel.conflist/x";
        assert_eq!(files.write(below, b"").unwrap_err().errno, Errno::ENOTDIR);
        assert_eq!(normal("/a//b/./../c/"), "/a/c");
        assert_eq!(normal("/var/run/netns/x"), "/run/netns/x");
    }

    #[test]
    fn room_is_finite_and_comes_back() {
        let mut files = Files::new(4);
        files.write("/a", b"1234").unwrap();
        assert_eq!(files.append("/a", b"5").unwrap_err().errno, Errno::ENOSPC);
        files.write("/a", b"1").unwrap();
        files.append("/b", b"234").unwrap();
        files.remove_tree("/");
        assert_eq!(files.used(), 0);
        files.set_full(true);
        assert_eq!(files.write("/a", b"1").unwrap_err().errno, Errno::ENOSPC);
    }
}
