//! The host's file system, and calls on it or on a container's view of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_host::system::{FileKind, FileStatus, Scope};
use winlab_host::{Fault, HResult};

use super::content::Content;
use super::path::{FilePath, fold};
use super::tree::Tree;
use super::view::ContainerView;

/// Drive C: of a host, its mounted volumes, and the views of its containers.
#[derive(Debug, Clone)]
pub struct FileSystem {
    tree: Tree,
    image: Tree,
    views: BTreeMap<String, ContainerView>,
    volumes: BTreeMap<String, FilePath>,
    capacity: u64,
    changed: Vec<FilePath>,
}

/// Folders that every Windows image has.
const IMAGE_FOLDERS: [&str; 9] = [
    r"C:\Program Files",
    r"C:\ProgramData",
    r"C:\Users\Public",
    r"C:\Users\ContainerAdministrator\AppData\Local\Temp",
    r"C:\Users\ContainerUser\AppData\Local\Temp",
    r"C:\Windows\System32\config",
    r"C:\Windows\System32\drivers\etc",
    r"C:\Windows\System32\WindowsPowerShell\v1.0",
    r"C:\Windows\Temp",
];
/// Folders that a host has beside those.
const HOST_FOLDERS: [&str; 2] = [r"C:\Program Files (x86)", r"C:\Users\Administrator\AppData\Local\Temp"];
/// The `hosts` file as Windows ships it: no entry at all.
const HOSTS: &[u8] = b"# localhost name resolution is handled within DNS itself.\r\n#\t127.0.0.1       localhost\r\n#\t::1             localhost\r\n";

impl FileSystem {
    /// A freshly installed drive C: of so many bytes.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        let mut image = Tree::default();
        for folder in IMAGE_FOLDERS {
            make(&mut image, folder);
        }
        if let Ok(hosts) = FilePath::parse(r"C:\Windows\System32\drivers\etc\hosts") {
            image.write(&hosts, Content::new(HOSTS.into()));
        }
        let mut tree = image.clone();
        for folder in HOST_FOLDERS {
            make(&mut tree, folder);
        }
        Self { tree, image, views: BTreeMap::new(), volumes: BTreeMap::new(), capacity, changed: Vec::new() }
    }

    /// The size of the drive in bytes.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes in use.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.tree.bytes()
    }

    /// Sets the drive's size: one that is full already takes nothing more.
    pub fn set_capacity(&mut self, bytes: u64) {
        self.capacity = bytes;
    }

    /// Gives a container its view.
    pub fn add_view(&mut self, container: &str, view: ContainerView) {
        self.views.insert(container.to_owned(), view);
    }

    /// A container's view, for mapping directories while it runs.
    pub fn view_mut(&mut self, container: &str) -> Option<&mut ContainerView> {
        self.views.get_mut(container)
    }

    /// The container is gone; its scratch stays on disk.
    pub fn remove_view(&mut self, container: &str) {
        self.views.remove(container);
    }

    /// Lets `\\?\Volume{GUID}\` lead to a folder of the host.
    pub fn mount_volume(&mut self, volume: &str, folder: &FilePath) {
        self.volumes.insert(fold(volume), folder.clone());
    }

    /// Ends what [`FileSystem::mount_volume`] did.
    pub fn unmount_volume(&mut self, volume: &str) {
        self.volumes.remove(&fold(volume));
    }

    /// What a boot does: no volume is mounted and no container runs.
    pub fn forget_containers(&mut self) {
        self.volumes.clear();
        self.views.clear();
    }

    /// Host paths that calls changed since the last time.
    pub(crate) fn take_changed(&mut self) -> Vec<FilePath> {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) fn tree_mut(&mut self) -> &mut Tree {
        &mut self.tree
    }

    pub(super) fn image(&self) -> &Tree {
        &self.image
    }

    pub(super) fn image_mut(&mut self) -> &mut Tree {
        &mut self.image
    }

    /// A host path, with a volume's name followed.
    ///
    /// # Errors
    /// Those of [`FilePath::parse`]; `ERROR_PATH_NOT_FOUND` of a volume that is not mounted.
    pub fn resolve(&self, text: &str) -> Result<FilePath, Fault> {
        let Some(rest) = text.strip_prefix(r"\\?\Volume{").and_then(|rest| rest.split_once('}')) else {
            return FilePath::parse(text);
        };
        let (id, rest) = rest;
        let folder = self.volumes.get(&fold(id)).ok_or(Fault::new(HResult::ERROR_PATH_NOT_FOUND))?;
        let rest = FilePath::parse(&format!(r"C:\{rest}"))?;
        Ok(folder.join(rest.below(&FilePath::root()).unwrap_or_default()))
    }

    fn path(&self, scope: &Scope, text: &str) -> Result<FilePath, Fault> {
        match scope {
            Scope::Host => self.resolve(text),
            Scope::Container(id) if self.views.contains_key(id) => FilePath::parse(text),
            Scope::Container(_) => Err(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND)),
        }
    }

    /// What a path is.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND`, or `ERROR_PATH_NOT_FOUND` where its folder is missing too.
    pub fn stat(&self, scope: &Scope, text: &str) -> Result<FileStatus, Fault> {
        let path = self.path(scope, text)?;
        self.stat_at(scope, &path).ok_or_else(|| self.missing(scope, &path))
    }

    fn stat_at(&self, scope: &Scope, path: &FilePath) -> Option<FileStatus> {
        match scope {
            Scope::Host => self.tree.stat(path),
            Scope::Container(id) => self.views.get(id)?.stat(self, path),
        }
    }

    fn is_directory(&self, scope: &Scope, path: &FilePath) -> bool {
        self.stat_at(scope, path).is_some_and(|status| status.kind == FileKind::Directory)
    }

    fn missing(&self, scope: &Scope, path: &FilePath) -> Fault {
        let folder_is_there = path.parent().is_none_or(|folder| self.is_directory(scope, &folder));
        Fault::new(if folder_is_there {
            HResult::ERROR_FILE_NOT_FOUND
        } else {
            HResult::ERROR_PATH_NOT_FOUND
        })
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// As [`FileSystem::stat`]; `E_ACCESSDENIED` of a folder.
    pub fn read(&mut self, scope: &Scope, text: &str) -> Result<Arc<[u8]>, Fault> {
        let path = self.path(scope, text)?;
        if self.is_directory(scope, &path) {
            return Err(Fault::new(HResult::E_ACCESSDENIED));
        }
        let found = match scope {
            Scope::Host => self.tree.read(&path),
            Scope::Container(id) => self.views.get(id).cloned().and_then(|view| view.read(self, &path)),
        };
        found.ok_or_else(|| self.missing(scope, &path))
    }

    /// Writes a file whole.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` without its folder, `E_ACCESSDENIED` of a folder or where it may not be written,
    /// `ERROR_DISK_FULL`.
    pub fn write(&mut self, scope: &Scope, text: &str, bytes: Arc<[u8]>) -> Result<(), Fault> {
        let path = self.writable(scope, text)?;
        let old = self.stat_at(scope, &path).map_or(0, |status| status.size);
        self.make_room((bytes.len() as u64).saturating_sub(old))?;
        let target = self.target(scope, &path)?;
        self.tree.write(&target, Content::new(bytes));
        self.changed.push(target);
        Ok(())
    }

    /// Appends to a file, making it where it is missing.
    ///
    /// # Errors
    /// As [`FileSystem::write`].
    pub fn append(&mut self, scope: &Scope, text: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.writable(scope, text)?;
        self.make_room(bytes.len() as u64)?;
        let target = match scope {
            Scope::Host => path,
            Scope::Container(id) => self.with_view(id, |view, files| view.copy_up(files, &path))?,
        };
        self.tree.append(&target, bytes);
        self.changed.push(target);
        Ok(())
    }

    fn writable(&self, scope: &Scope, text: &str) -> Result<FilePath, Fault> {
        let path = self.path(scope, text)?;
        if !path.parent().is_some_and(|folder| self.is_directory(scope, &folder)) {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
        if self.is_directory(scope, &path) {
            return Err(Fault::new(HResult::E_ACCESSDENIED));
        }
        Ok(path)
    }

    fn make_room(&self, bytes: u64) -> Result<(), Fault> {
        if bytes > 0 && self.used() + bytes > self.capacity {
            return Err(Fault::new(HResult::ERROR_DISK_FULL));
        }
        Ok(())
    }

    fn target(&mut self, scope: &Scope, path: &FilePath) -> Result<FilePath, Fault> {
        match scope {
            Scope::Host => Ok(path.clone()),
            Scope::Container(id) => self.with_view(id, |view, files| view.target(files, path)),
        }
    }

    /// Works on a view and the tree below it at once.
    fn with_view<T>(
        &mut self,
        container: &str,
        work: impl FnOnce(&mut ContainerView, &mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut view =
            self.views.remove(container).ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))?;
        let result = work(&mut view, self);
        self.views.insert(container.to_owned(), view);
        result
    }

    /// Removes a file.
    ///
    /// # Errors
    /// As [`FileSystem::stat`]; `E_ACCESSDENIED` of a folder or where it may not be written.
    pub fn delete(&mut self, scope: &Scope, text: &str) -> Result<(), Fault> {
        let path = self.path(scope, text)?;
        match self.stat_at(scope, &path) {
            None => Err(self.missing(scope, &path)),
            Some(status) if status.kind == FileKind::Directory => Err(Fault::new(HResult::E_ACCESSDENIED)),
            Some(_) => self.erase(scope, &path),
        }
    }

    fn erase(&mut self, scope: &Scope, path: &FilePath) -> Result<(), Fault> {
        match scope {
            Scope::Host => self.tree.remove_tree(path),
            Scope::Container(id) => {
                self.with_view(id, |view, files| view.remove(files, path))?;
            }
        }
        if *scope == Scope::Host {
            self.changed.push(path.clone());
        }
        Ok(())
    }

    /// Moves a file or folder, replacing a file that is in the way.
    ///
    /// # Errors
    /// As [`FileSystem::stat`] for what is moved, as [`FileSystem::write`] for where it goes.
    pub fn rename(&mut self, scope: &Scope, from: &str, to: &str) -> Result<(), Fault> {
        let source = self.path(scope, from)?;
        let Some(status) = self.stat_at(scope, &source) else { return Err(self.missing(scope, &source)) };
        let target = self.writable(scope, to)?;
        if source.folded() == target.folded() {
            return Ok(());
        }
        if status.kind == FileKind::Directory {
            if self.stat_at(scope, &target).is_some() || target.below(&source).is_some() {
                return Err(Fault::new(HResult::E_ACCESSDENIED));
            }
            self.create_directory(scope, &target.to_string())?;
            for name in self.names_at(scope, &source) {
                let (from, to) = (source.child(&name).to_string(), target.child(&name).to_string());
                self.rename(scope, &from, &to)?;
            }
        } else {
            let bytes = self.read(scope, from)?;
            let place = self.target(scope, &target)?;
            self.tree.write(&place, Content::new(bytes));
            self.changed.push(place);
        }
        self.erase(scope, &source)
    }

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// `ERROR_ALREADY_EXISTS` where a file is in the way, `E_ACCESSDENIED` where it may not be written.
    pub fn create_directory(&mut self, scope: &Scope, text: &str) -> Result<(), Fault> {
        let path = self.path(scope, text)?;
        match self.stat_at(scope, &path) {
            Some(status) if status.kind == FileKind::Directory => return Ok(()),
            Some(_) => return Err(Fault::new(HResult::ERROR_ALREADY_EXISTS)),
            None => {}
        }
        let is_file = |folder: FilePath| {
            self.stat_at(scope, &folder).is_some_and(|status| status.kind == FileKind::File)
        };
        if path.lineage().any(is_file) {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
        let target = self.target(scope, &path)?;
        self.tree.create_directory(&target)
    }

    /// Removes a folder.
    ///
    /// # Errors
    /// As [`FileSystem::stat`]; `ERROR_DIRECTORY` of a file, `ERROR_DIR_NOT_EMPTY` unless `recursive`.
    pub fn remove_directory(&mut self, scope: &Scope, text: &str, recursive: bool) -> Result<(), Fault> {
        let path = self.path(scope, text)?;
        match self.stat_at(scope, &path) {
            None => return Err(self.missing(scope, &path)),
            Some(status) if status.kind == FileKind::File => {
                return Err(Fault::new(HResult::ERROR_DIRECTORY));
            }
            Some(_) => {}
        }
        if path.name().is_empty() {
            return Err(Fault::new(HResult::E_ACCESSDENIED));
        }
        if !recursive && !self.names_at(scope, &path).is_empty() {
            return Err(Fault::new(HResult::ERROR_DIR_NOT_EMPTY));
        }
        self.erase(scope, &path)
    }

    /// Names in a folder, in order.
    ///
    /// # Errors
    /// As [`FileSystem::stat`]; `ERROR_DIRECTORY` of a file.
    pub fn list(&self, scope: &Scope, text: &str) -> Result<Vec<String>, Fault> {
        let path = self.path(scope, text)?;
        match self.stat_at(scope, &path) {
            None => Err(self.missing(scope, &path)),
            Some(status) if status.kind == FileKind::File => Err(Fault::new(HResult::ERROR_DIRECTORY)),
            Some(_) => Ok(self.names_at(scope, &path)),
        }
    }

    fn names_at(&self, scope: &Scope, path: &FilePath) -> Vec<String> {
        match scope {
            Scope::Host => self.tree.names(path),
            Scope::Container(id) => self.views.get(id).map_or_else(Vec::new, |view| view.names(self, path)),
        }
    }

    /// Copies a file or folder of the host: how layers are imported and exported.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` without the source, `ERROR_DISK_FULL`.
    pub fn copy(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        let (source, target) = (self.resolve(from)?, self.resolve(to)?);
        if self.tree.stat(&source).is_none() {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
        if source.folded() == target.folded() {
            return Ok(());
        }
        self.make_room(self.tree.bytes_below(&source))?;
        if let Some(folder) = target.parent() {
            self.tree.create_directory(&folder)?;
        }
        self.tree.copy(&source, &target)
    }
}

fn make(tree: &mut Tree, folder: &str) {
    let made = FilePath::parse(folder).and_then(|path| tree.create_directory(&path));
    debug_assert!(made.is_ok(), "an empty tree has nothing in the way");
}
