//! The repository's files, in memory.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the rules are about files, and git is asked which of them belong to the repository"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Every file of the repository by its path from the root, with `/` between the parts.
///
/// The files are those git knows or would take in; where there is no checkout (a source archive), those on disk
/// outside build output.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// A tree of the given paths and texts.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (path.to_owned(), Some(text.to_owned()))).collect();
        Self { files }
    }

    /// Reads the tree below `root`.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut paths = Vec::new();
        match listed_by_git(root) {
            Some(listed) => paths = listed,
            None => walk(root, Path::new(""), &mut paths)?,
        }
        let mut files = BTreeMap::new();
        for path in paths {
            match fs::read(root.join(&path)) {
                Ok(bytes) => drop(files.insert(path, String::from_utf8(bytes).ok())),
                // Deleted but still in git's index, or a submodule's folder.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {}
                Err(error) => return Err(io::Error::new(error.kind(), format!("{path}: {error}"))),
            }
        }
        Ok(Self { files })
    }

    /// Writes one file of the tree back below `root`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, root: &Path, path: &str) -> io::Result<()> {
        fs::write(root.join(path), self.text(path).unwrap_or_default())
    }

    /// Puts a text in a file's place.
    pub fn put(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), Some(text.to_owned()));
    }

    /// A file's text; `None` where there is no such file or it is not text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Every text file: path and text, in the order of the paths.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The text files whose path ends in `.` and `extension`.
    pub fn texts_ending(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.rsplit_once('.').is_some_and(|(_, end)| end == extension))
    }

    /// Every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a file or a folder of that path is there.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(below, _)| below.starts_with(&folder))
    }
}

/// `path` as seen from the folder of `from`, with `.` and `..` resolved; `None` where it leaves the repository.
#[must_use]
pub fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if path.starts_with('/') {
        parts.clear();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    if !root.join(".git").exists() {
        return None;
    }
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        .output()
        .ok()?;
    let listed = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| listed.split_terminator('\0').map(str::to_owned).collect())
}

fn walk(root: &Path, below: &Path, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path: PathBuf = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" && entry.file_name() != ".git" {
                walk(root, &path, paths)?;
            }
        } else {
            paths.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_held_as_their_files_are() {
        let tree = Tree::of([("docs/wire.md", ""), ("docsy.md", "")]);
        assert!(tree.holds("docs") && tree.holds("docs/") && tree.holds("docs/wire.md"));
        assert!(!tree.holds("doc") && !tree.holds("docs/wire"));
    }

    #[test]
    fn paths_resolve_from_the_folder_of_the_file_that_names_them() {
        assert_eq!(resolve("docs/a.md", "../README.md").as_deref(), Some("README.md"));
        assert_eq!(resolve("docs/a.md", "./b.md").as_deref(), Some("docs/b.md"));
        assert_eq!(resolve("docs/a.md", "/LICENSE").as_deref(), Some("LICENSE"));
        assert_eq!(resolve("a.md", "../b.md"), None);
    }

    #[test]
    fn a_plain_copy_is_walked_without_its_build_output() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tree = Tree::read(here).expect("this crate's own folder is readable");
        assert!(tree.holds("Cargo.toml") && tree.holds("src/tree.rs"));
        assert!(!tree.holds("target"));
    }
}
