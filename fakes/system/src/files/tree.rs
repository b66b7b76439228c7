//! A tree of files and folders.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use winlab_host::system::{FileKind, FileStatus};
use winlab_host::{Fault, HResult};

use super::content::Content;
use super::path::FilePath;

/// What a path leads to.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    File(Content),
    Directory,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Box<str>,
    node: Node,
}

/// Files and folders by folded path; the root is always there. A clone shares every entry until one side writes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    entries: BTreeMap<Arc<str>, Arc<Entry>>,
    bytes: u64,
}

impl Tree {
    pub(crate) fn stat(&self, path: &FilePath) -> Option<FileStatus> {
        if path.name().is_empty() {
            return Some(FileStatus { kind: FileKind::Directory, size: 0 });
        }
        self.entries.get(path.folded().as_str()).map(|entry| match &entry.node {
            Node::File(content) => FileStatus { kind: FileKind::File, size: content.len() },
            Node::Directory => FileStatus { kind: FileKind::Directory, size: 0 },
        })
    }

    pub(crate) fn is_directory(&self, path: &FilePath) -> bool {
        self.stat(path).is_some_and(|status| status.kind == FileKind::Directory)
    }

    pub(crate) fn read(&mut self, path: &FilePath) -> Option<Arc<[u8]>> {
        let entry = self.entries.get_mut(path.folded().as_str())?;
        if matches!(entry.node, Node::Directory) {
            return None;
        }
        match &mut Arc::make_mut(entry).node {
            Node::File(content) => Some(content.read()),
            Node::Directory => None,
        }
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes a folder and those above it.
    pub(crate) fn create_directory(&mut self, path: &FilePath) -> Result<(), Fault> {
        for folder in path.lineage() {
            match self.stat(&folder) {
                Some(status) if status.kind == FileKind::File => {
                    return Err(Fault::new(HResult::ERROR_ALREADY_EXISTS));
                }
                Some(_) => {}
                None => self.put(&folder, Node::Directory),
            }
        }
        Ok(())
    }

    /// Writes a file whole; its folder is there.
    pub(crate) fn write(&mut self, path: &FilePath, content: Content) {
        self.put(path, Node::File(content));
    }

    /// Appends to a file, making it where it is missing; its folder is there.
    pub(crate) fn append(&mut self, path: &FilePath, bytes: &[u8]) {
        match self.entries.get_mut(path.folded().as_str()).map(|entry| &mut Arc::make_mut(entry).node) {
            Some(Node::File(content)) => {
                content.append(bytes);
                self.bytes += bytes.len() as u64;
            }
            _ => self.put(path, Node::File(Content::new(bytes.into()))),
        }
    }

    /// Removes one entry; what is below a folder must be gone.
    pub(crate) fn remove(&mut self, path: &FilePath) -> Option<Node> {
        let entry = self.entries.remove(path.folded().as_str())?;
        self.bytes -= size(&entry.node);
        Some(entry.node.clone())
    }

    /// Removes an entry with all below it.
    pub(crate) fn remove_tree(&mut self, path: &FilePath) {
        let below: Vec<Arc<str>> = self.range(path).map(|(name, _)| name.clone()).collect();
        for name in below {
            if let Some(entry) = self.entries.remove(&name) {
                self.bytes -= size(&entry.node);
            }
        }
        self.remove(path);
    }

    /// Names in a folder, in order.
    pub(crate) fn names(&self, path: &FilePath) -> Vec<String> {
        let depth = if path.name().is_empty() { 0 } else { path.folded().matches('\\').count() + 1 };
        self.range(path)
            .filter(|(name, _)| name.matches('\\').count() == depth)
            .map(|(_, entry)| entry.name.to_string())
            .collect()
    }

    /// Copies a file or a whole folder; shares the bytes.
    pub(crate) fn copy(&mut self, from: &FilePath, to: &FilePath) -> Result<(), Fault> {
        let Some(status) = self.stat(from) else { return Err(Fault::new(HResult::ERROR_FILE_NOT_FOUND)) };
        if status.kind == FileKind::File {
            if let Some(bytes) = self.read(from) {
                self.write(to, Content::new(bytes));
            }
            return Ok(());
        }
        self.create_directory(to)?;
        for name in self.names(from) {
            self.copy(&from.child(&name), &to.child(&name))?;
        }
        Ok(())
    }

    /// Bytes of the files at and below a path.
    pub(crate) fn bytes_below(&self, path: &FilePath) -> u64 {
        let own = self.stat(path).map_or(0, |status| status.size);
        own + self.range(path).map(|(_, entry)| size(&entry.node)).sum::<u64>()
    }

    fn put(&mut self, path: &FilePath, node: Node) {
        let folded = path.folded();
        let old = self.entries.get(folded.as_str());
        let name = old.map_or_else(|| Box::from(path.name()), |entry| entry.name.clone());
        self.bytes = self.bytes + size(&node) - old.map_or(0, |entry| size(&entry.node));
        self.entries.insert(Arc::from(folded), Arc::new(Entry { name, node }));
    }

    /// Everything below a folder. The separator's successor in ASCII ends the range.
    fn range(&self, path: &FilePath) -> impl Iterator<Item = (&Arc<str>, &Arc<Entry>)> {
        let folded = path.folded();
        let (from, to) = if folded.is_empty() {
            (String::new(), String::from(char::MAX))
        } else {
            (format!("{folded}\\"), format!("{folded}]"))
        };
        self.entries.range::<str, _>((Bound::Included(from.as_str()), Bound::Excluded(to.as_str())))
    }
}

fn size(node: &Node) -> u64 {
    if let Node::File(content) = node { content.len() } else { 0 }
}
