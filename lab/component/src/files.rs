//! A machine's files, whichever its operating system.
//!
//! Programs that run on both systems spell paths the Unix way (`/run/flannel/subnet.env`); on Windows such a path lies
//! on the system drive, as Go's `os.Open` finds it there.

use std::fmt;
use std::sync::Arc;

use winlab_host::linux::{self, Errno, LinuxFault};
use winlab_host::system::{self, Scope};
use winlab_host::{Ask, Fault, HResult};

use crate::machine::Machine;

/// The files of one machine.
#[derive(Clone)]
pub struct HostFiles(Machine);

/// A file operation that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// What was tried: `open`, `remove`, `readdir`.
    pub operation: &'static str,
    /// The path as the program spelt it.
    pub path: String,
    /// Whether file or folder is not there.
    pub not_found: bool,
    /// The operating system's text.
    pub text: String,
}

impl fmt::Display for FileError {
    /// As Go's `os.PathError` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.operation, self.path, self.text)
    }
}

impl std::error::Error for FileError {}

impl HostFiles {
    /// The files of `machine`.
    #[must_use]
    pub fn of(machine: &Machine) -> Self {
        Self(machine.clone())
    }

    /// A file's content.
    ///
    /// # Errors
    /// [`FileError`], `not_found` where there is no such file.
    pub async fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        match &self.0 {
            Machine::Windows(machine) => {
                let call = system::ReadFile { scope: Scope::Host, path: windows_path(path) };
                machine.system.ask(call).await.map_err(|fault| windows_error("open", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::ReadFile { container: String::new(), path: path.to_owned() };
                host.ask(call).await.map_err(|fault| linux_error("open", path, &fault))
            }
        }
    }

    /// A file's content as text; bytes that are no UTF-8 are replaced.
    ///
    /// # Errors
    /// As [`HostFiles::read`].
    pub async fn read_text(&self, path: &str) -> Result<String, FileError> {
        Ok(String::from_utf8_lossy(&self.read(path).await?).into_owned())
    }

    /// Writes a file whole, making its folders where they are missing.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn write(&self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), FileError> {
        let bytes = bytes.into();
        match &self.0 {
            Machine::Windows(machine) => {
                let full = windows_path(path);
                let call = system::WriteFile { scope: Scope::Host, path: full.clone(), bytes: bytes.clone() };
                match machine.system.ask(call.clone()).await {
                    Err(fault) if fault.code == HResult::ERROR_PATH_NOT_FOUND => {
                        self.create_parent(&full).await?;
                        machine.system.ask(call).await
                    }
                    other => other,
                }
                .map_err(|fault| windows_error("open", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::WriteFile { container: String::new(), path: path.to_owned(), bytes };
                host.ask(call).await.map_err(|fault| linux_error("open", path, &fault))
            }
        }
    }

    /// Appends to a file, making it and its folders where they are missing.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn append(&self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), FileError> {
        let bytes = bytes.into();
        match &self.0 {
            Machine::Windows(machine) => {
                let full = windows_path(path);
                let call =
                    system::AppendFile { scope: Scope::Host, path: full.clone(), bytes: bytes.clone() };
                match machine.system.ask(call.clone()).await {
                    Err(fault) if fault.code == HResult::ERROR_PATH_NOT_FOUND => {
                        self.create_parent(&full).await?;
                        machine.system.ask(call).await
                    }
                    other => other,
                }
                .map_err(|fault| windows_error("open", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::AppendFile { container: String::new(), path: path.to_owned(), bytes };
                host.ask(call).await.map_err(|fault| linux_error("open", path, &fault))
            }
        }
    }

    /// Makes a folder and its parents. Linux folders come into being with their first file, so nothing is done there.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn create_directory(&self, path: &str) -> Result<(), FileError> {
        let Machine::Windows(machine) = &self.0 else { return Ok(()) };
        let call = system::CreateDirectory { scope: Scope::Host, path: windows_path(path) };
        machine.system.ask(call).await.map_err(|fault| windows_error("mkdir", path, &fault))
    }

    /// Removes a file; one that is not there is an error with `not_found`.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn remove(&self, path: &str) -> Result<(), FileError> {
        match &self.0 {
            Machine::Windows(machine) => {
                let call = system::DeleteFile { scope: Scope::Host, path: windows_path(path) };
                machine.system.ask(call).await.map_err(|fault| windows_error("remove", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::DeleteFile { container: String::new(), path: path.to_owned() };
                host.ask(call).await.map_err(|fault| linux_error("remove", path, &fault))
            }
        }
    }

    /// Removes a folder with all that is in it; one that is not there is fine.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn remove_all(&self, path: &str) -> Result<(), FileError> {
        let done = match &self.0 {
            Machine::Windows(machine) => {
                let path_there = windows_path(path);
                let call = system::RemoveDirectory { scope: Scope::Host, path: path_there, recursive: true };
                machine.system.ask(call).await.map_err(|fault| windows_error("remove", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::RemoveDirectory { container: String::new(), path: path.to_owned() };
                host.ask(call).await.map_err(|fault| linux_error("remove", path, &fault))
            }
        };
        done.or_else(|error| if error.not_found { Ok(()) } else { Err(error) })
    }

    /// Names in a folder, sorted; none where the folder is not there.
    ///
    /// # Errors
    /// [`FileError`] of the operating system.
    pub async fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let listed = match &self.0 {
            Machine::Windows(machine) => {
                let call = system::ListDirectory { scope: Scope::Host, path: windows_path(path) };
                machine.system.ask(call).await.map_err(|fault| windows_error("open", path, &fault))
            }
            Machine::Linux(host) => {
                let call = linux::ListDirectory { container: String::new(), path: path.to_owned() };
                host.ask(call).await.map_err(|fault| linux_error("open", path, &fault))
            }
        };
        listed.or_else(|error| if error.not_found { Ok(Vec::new()) } else { Err(error) })
    }

    async fn create_parent(&self, full: &str) -> Result<(), FileError> {
        match full.rsplit_once('\\') {
            Some((folder, _)) => self.create_directory(folder).await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for HostFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostFiles({})", self.0.os())
    }
}

/// A path as Windows spells it: backslashes, and the system drive where none is given.
#[must_use]
pub fn windows_path(path: &str) -> String {
    let path = path.replace('/', "\\");
    if path.starts_with('\\') && !path.starts_with(r"\\") { format!("C:{path}") } else { path }
}

fn windows_error(operation: &'static str, path: &str, fault: &Fault) -> FileError {
    let not_found = matches!(fault.code, HResult::ERROR_FILE_NOT_FOUND | HResult::ERROR_PATH_NOT_FOUND);
    FileError { operation, path: path.to_owned(), not_found, text: fault.message.clone() }
}

/// Go prints the C library's text in lower case.
fn linux_error(operation: &'static str, path: &str, fault: &LinuxFault) -> FileError {
    let not_found = matches!(fault.errno, Errno::ENOENT | Errno::ENOTDIR);
    let text = fault.errno.text();
    let text = text.get(..1).unwrap_or_default().to_ascii_lowercase() + text.get(1..).unwrap_or_default();
    FileError { operation, path: path.to_owned(), not_found, text }
}

#[cfg(test)]
mod tests {
    use super::windows_path;

    #[test]
    fn unix_spellings_lie_on_the_system_drive() {
        assert_eq!(windows_path("/run/flannel/subnet.env"), r"C:\run\flannel\subnet.env");
        assert_eq!(windows_path("c:/etc/cni/net.d"), r"c:\etc\cni\net.d");
        assert_eq!(windows_path(r"\\?\Volume{1}\x"), r"\\?\Volume{1}\x");
    }
}
