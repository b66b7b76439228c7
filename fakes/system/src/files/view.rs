//! A container's view of files.

use std::collections::BTreeSet;
use std::sync::Arc;

use winlab_host::system::{FileKind, FileStatus};
use winlab_host::{Fault, HResult};

use super::path::FilePath;
use super::tree::{Node, Tree};
use super::{Content, FileSystem};

/// A host folder or file that a container sees at a path of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedDirectory {
    /// Where it is on the host.
    pub host: FilePath,
    /// Where the container sees it.
    pub container: FilePath,
    /// Whether the container may only read it.
    pub read_only: bool,
}

/// What a container's file system is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerView {
    /// The host folder of its scratch.
    pub scratch: FilePath,
    /// The host folders of its layers, topmost first.
    pub layers: Vec<FilePath>,
    /// Mapped directories.
    pub mapped: Vec<MappedDirectory>,
    /// What it deleted of its layers, by folded path.
    deleted: BTreeSet<String>,
}

/// Where a path of a container leads.
enum Place {
    /// Into a mapped directory.
    Mapped(FilePath, bool),
    /// Into its own layers.
    Own,
}

impl ContainerView {
    /// A view over a scratch and layers, topmost first.
    #[must_use]
    pub fn new(scratch: FilePath, layers: Vec<FilePath>, mapped: Vec<MappedDirectory>) -> Self {
        Self { scratch, layers, mapped, deleted: BTreeSet::new() }
    }

    fn place(&self, path: &FilePath) -> Place {
        let deepest = self
            .mapped
            .iter()
            .filter_map(|mapped| path.below(&mapped.container).map(|rest| (rest, mapped)))
            .min_by_key(|(rest, _)| rest.len());
        match deepest {
            Some((rest, mapped)) => Place::Mapped(mapped.host.join(rest), mapped.read_only),
            None => Place::Own,
        }
    }

    /// Host paths that may hold a path of the container, first wins. A layer's files are below `Files`; a layer
    /// without such a folder is all files.
    fn candidates(&self, tree: &Tree, path: &FilePath) -> Vec<FilePath> {
        let rest = path.below(&FilePath::root()).unwrap_or_default();
        let scratch = content_root(tree, &self.scratch, true).join(rest);
        let hidden = path.lineage().any(|folder| self.deleted.contains(&folder.folded()));
        let layers = self.layers.iter().filter(|_| !hidden);
        std::iter::once(scratch).chain(layers.map(|l| content_root(tree, l, false).join(rest))).collect()
    }

    fn find(&self, files: &FileSystem, path: &FilePath) -> Option<FilePath> {
        self.candidates(files.tree(), path)
            .into_iter()
            .find(|candidate| files.tree().stat(candidate).is_some())
    }

    fn is_there_by_nature(&self, files: &FileSystem, path: &FilePath) -> bool {
        !path.lineage().any(|folder| self.deleted.contains(&folder.folded()))
            && files.image().stat(path).is_some()
    }

    pub(super) fn stat(&self, files: &FileSystem, path: &FilePath) -> Option<FileStatus> {
        if let Place::Mapped(host, _) = self.place(path) {
            return files.tree().stat(&host);
        }
        let leads_to_mapped = self.mapped.iter().any(|mapped| mapped.container.below(path).is_some());
        let own = self.find(files, path).and_then(|host| files.tree().stat(&host));
        own.or_else(|| files.image().stat(path).filter(|_| self.is_there_by_nature(files, path)))
            .or_else(|| leads_to_mapped.then_some(FileStatus { kind: FileKind::Directory, size: 0 }))
    }

    pub(super) fn read(&self, files: &mut FileSystem, path: &FilePath) -> Option<Arc<[u8]>> {
        if let Place::Mapped(host, _) = self.place(path) {
            return files.tree_mut().read(&host);
        }
        match self.find(files, path) {
            Some(host) => files.tree_mut().read(&host),
            None if self.is_there_by_nature(files, path) => files.image_mut().read(path),
            None => None,
        }
    }

    pub(super) fn names(&self, files: &FileSystem, path: &FilePath) -> Vec<String> {
        if let Place::Mapped(host, _) = self.place(path) {
            return files.tree().names(&host);
        }
        let mut names: Vec<String> =
            self.candidates(files.tree(), path).iter().flat_map(|host| files.tree().names(host)).collect();
        if self.is_there_by_nature(files, path) {
            names.extend(files.image().names(path));
        }
        names.retain(|name| {
            let child = path.child(name);
            !self.deleted.contains(&child.folded()) || self.is_in_scratch(files, &child)
        });
        let mapped = self.mapped.iter().filter_map(|mapped| mapped.container.below(path)?.first().cloned());
        names.extend(mapped);
        names.sort_by_key(|name| name.to_lowercase());
        names.dedup_by_key(|name| name.to_lowercase());
        names
    }

    fn is_in_scratch(&self, files: &FileSystem, path: &FilePath) -> bool {
        let rest = path.below(&FilePath::root()).unwrap_or_default();
        files.tree().stat(&content_root(files.tree(), &self.scratch, true).join(rest)).is_some()
    }

    /// The host path to write to, with its folders made in the scratch.
    pub(super) fn target(&mut self, files: &mut FileSystem, path: &FilePath) -> Result<FilePath, Fault> {
        match self.place(path) {
            Place::Mapped(_, true) => Err(Fault::new(HResult::E_ACCESSDENIED)),
            Place::Mapped(host, false) => Ok(host),
            Place::Own => {
                let rest = path.below(&FilePath::root()).unwrap_or_default();
                let host = content_root(files.tree(), &self.scratch, true).join(rest);
                if let Some(folder) = host.parent() {
                    files.tree_mut().create_directory(&folder)?;
                }
                Ok(host)
            }
        }
    }

    /// Before a change in place: the scratch has its own copy.
    pub(super) fn copy_up(&mut self, files: &mut FileSystem, path: &FilePath) -> Result<FilePath, Fault> {
        let before = self.read(files, path);
        let target = self.target(files, path)?;
        if files.tree().stat(&target).is_none()
            && let Some(bytes) = before
        {
            files.tree_mut().write(&target, Content::new(bytes));
        }
        Ok(target)
    }

    /// Removes a path from the container's sight.
    pub(super) fn remove(&mut self, files: &mut FileSystem, path: &FilePath) -> Result<Option<Node>, Fault> {
        match self.place(path) {
            Place::Mapped(_, true) => Err(Fault::new(HResult::E_ACCESSDENIED)),
            Place::Mapped(host, false) => {
                files.tree_mut().remove_tree(&host);
                Ok(None)
            }
            Place::Own => {
                let rest = path.below(&FilePath::root()).unwrap_or_default();
                let host = content_root(files.tree(), &self.scratch, true).join(rest);
                files.tree_mut().remove_tree(&host);
                self.deleted.insert(path.folded());
                Ok(None)
            }
        }
    }
}

/// The folder of a layer or scratch that shows as `C:\`. A scratch always writes below `Files`.
fn content_root(tree: &Tree, layer: &FilePath, scratch: bool) -> FilePath {
    let files = layer.child("Files");
    if scratch || tree.is_directory(&files) { files } else { layer.clone() }
}
