//! A node's files where programs and models both look at them: the folders that programs read and write lie on the drive
//! of the node's prefix, for everybody.

use std::io;
use std::path::Path;
use std::sync::Arc;

use futures::future::{BoxFuture, ready};
use winlab_host::system::{
    Answer, AppendFile, Call, CreateDirectory, DeleteFile, FileKind, FileStatus, ListDirectory, MoveFile,
    ReadFile, RemoveDirectory, Scope, StatFile, System, SystemEvent, WriteFile,
};
use winlab_host::{Boundary, EventStream, Fault, HResult, HostSystem};

use crate::files;
use crate::node::RealNode;

/// The folders that real programs share with models: configurations, flannel's and the CNI plugins' state, logs.
const FOLDERS: [&str; 6] = ["k", "etc", "run", "var/log", "var/lib/cni", "program files/containerd/cni"];

/// The system's boundary of a node with programs.
pub struct SharedFiles {
    inner: Arc<HostSystem>,
    node: Arc<RealNode>,
    seen: Seen,
}

/// What of the host's files is the drive's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// [`FOLDERS`]
    Folders,
    /// All of them.
    Drive,
}

impl SharedFiles {
    /// Over the node's own boundary.
    #[must_use]
    pub fn new(inner: Arc<HostSystem>, node: Arc<RealNode>) -> Self {
        Self { inner, node, seen: Seen::Folders }
    }

    /// The whole drive, as the node's programs see it.
    #[must_use]
    pub fn drive(inner: Arc<HostSystem>, node: Arc<RealNode>) -> Self {
        Self { inner, node, seen: Seen::Drive }
    }

    fn has(&self, path: &str) -> bool {
        self.seen == Seen::Drive || is_shared(path)
    }

    /// The answer of the drive, where it is the drive's to give.
    fn on_drive(&self, call: &Call) -> Option<Result<Answer, Fault>> {
        let path = |scope: &Scope, path: &str| {
            let shared = *scope == Scope::Host && self.has(path);
            shared.then(|| self.node.path(path))
        };
        Some(match call {
            Call::ReadFile(ReadFile { scope, path: name }) => {
                let path = path(scope, name)?;
                files::read(&path).map(|bytes| Answer::ReadFile(bytes.into())).map_err(|e| fault(&path, &e))
            }
            Call::WriteFile(WriteFile { scope, path: name, bytes }) => {
                let path = path(scope, name)?;
                files::write(&path, bytes).map(Answer::WriteFile).map_err(|e| fault(&path, &e))
            }
            Call::AppendFile(AppendFile { scope, path: name, bytes }) => {
                let path = path(scope, name)?;
                files::append(&path, bytes).map(Answer::AppendFile).map_err(|e| fault(&path, &e))
            }
            Call::DeleteFile(DeleteFile { scope, path: name }) => {
                let path = path(scope, name)?;
                files::remove_file(&path).map(Answer::DeleteFile).map_err(|e| fault(&path, &e))
            }
            Call::MoveFile(MoveFile { scope, from, to }) => {
                let (from, to) = (path(scope, from)?, path(scope, to)?);
                files::rename(&from, &to).map(Answer::MoveFile).map_err(|e| fault(&from, &e))
            }
            Call::CreateDirectory(CreateDirectory { scope, path: name }) => {
                let path = path(scope, name)?;
                files::create_folders(&path).map(Answer::CreateDirectory).map_err(|e| fault(&path, &e))
            }
            Call::RemoveDirectory(RemoveDirectory { scope, path: name, recursive }) => {
                let path = path(scope, name)?;
                let removed = files::remove_folder(&path, *recursive);
                removed.map(Answer::RemoveDirectory).map_err(|e| fault(&path, &e))
            }
            Call::ListDirectory(ListDirectory { scope, path: name }) => {
                let path = path(scope, name)?;
                files::list(&path).map(Answer::ListDirectory).map_err(|e| fault(&path, &e))
            }
            Call::StatFile(StatFile { scope, path: name }) => {
                let path = path(scope, name)?;
                status(&path).map(Answer::StatFile).map_err(|e| fault(&path, &e))
            }
            _ => return None,
        })
    }
}

impl std::fmt::Debug for SharedFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SharedFiles").field(&self.node).finish()
    }
}

impl Boundary<System> for SharedFiles {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
        match self.on_drive(&call) {
            Some(answer) => Box::pin(ready(answer)),
            None => self.inner.call(call),
        }
    }

    fn events(&self) -> EventStream<SystemEvent> {
        self.inner.events()
    }
}

/// Whether a path of the host lies in a shared folder.
fn is_shared(path: &str) -> bool {
    let lower = path.to_ascii_lowercase().replace('\\', "/");
    let inner = lower.strip_prefix("c:").unwrap_or(&lower).trim_matches('/');
    FOLDERS
        .iter()
        .any(|folder| inner.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn status(path: &Path) -> io::Result<FileStatus> {
    let metadata = files::metadata(path)?;
    Ok(if metadata.is_dir() {
        FileStatus { kind: FileKind::Directory, size: 0 }
    } else {
        FileStatus { kind: FileKind::File, size: metadata.len() }
    })
}

/// As Windows tells it apart: the name is not there, or the folder it would be in.
fn fault(path: &Path, error: &io::Error) -> Fault {
    let has_folder = path.parent().is_some_and(|folder| files::metadata(folder).is_ok());
    Fault::new(match error.kind() {
        io::ErrorKind::NotFound if has_folder => HResult::ERROR_FILE_NOT_FOUND,
        io::ErrorKind::NotFound => HResult::ERROR_PATH_NOT_FOUND,
        io::ErrorKind::DirectoryNotEmpty => HResult::ERROR_DIR_NOT_EMPTY,
        _ => HResult::E_ACCESSDENIED,
    })
}

#[cfg(test)]
mod tests {
    use super::is_shared;

    #[test]
    fn only_what_both_look_at_is_shared() {
        for (path, shared) in [
            (r"C:\k\config", true),
            (r"c:\K", true),
            (r"C:\kube", false),
            (r"C:\Program Files\containerd\cni\conf\10-flannel.conflist", true),
            (r"C:\ProgramData\containerd\root", false),
            ("/var/log/pods/x/0.log", true),
            (r"C:\var\lib\kubelet\pods", false),
        ] {
            assert_eq!(is_shared(path), shared, "{path}");
        }
    }
}
