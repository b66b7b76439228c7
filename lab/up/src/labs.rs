//! Folders of labs that are up: `BASE/NAME/kubeconfig` and `BASE/NAME/control.sock`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the folder of a lab that is up, with its socket, is what this crate is for"
)]

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// The folder that holds one folder for each lab that is up.
#[derive(Clone, Debug)]
pub struct Labs(PathBuf);

/// The folder of one lab; it goes when this is dropped.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    listener: UnixListener,
}

/// Why a lab cannot come up under a name.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// One of the name is up.
    #[error("a lab named `{0}` is up already")]
    Taken(String),
    /// The folder cannot be made.
    #[error("cannot use {path}", path = path.display())]
    Folder {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why no lab is found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// None is up.
    #[error("no lab is up: `winlab up` starts one")]
    None,
    /// None of the name is up.
    #[error("no lab named `{name}` is up; there is {there}", there = there.join(", "))]
    NotThere {
        /// The name asked for.
        name: String,
        /// Those that are up.
        there: Vec<String>,
    },
    /// Several are up, and none was named.
    #[error("several labs are up: say which with --lab ({})", .0.join(", "))]
    Several(Vec<String>),
}

impl Labs {
    /// Those below a folder, which need not be there yet.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Takes a name, and listens on its socket. What a killed lab of that name left is cleared away. Call it inside
    /// the runtime.
    ///
    /// # Errors
    /// The name is taken, or the folder cannot be made.
    pub fn claim(&self, name: &str) -> Result<Claim, ClaimError> {
        let folder = self.0.join(name);
        let failed = |source| ClaimError::Folder { path: folder.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(failed)?;
        if is_up(&folder) {
            return Err(ClaimError::Taken(name.to_owned()));
        }
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
        let listener = UnixListener::bind(socket(&folder)).map_err(failed)?;
        Ok(Claim { folder, listener })
    }

    /// The socket of a lab that is up: of that name, or the only one.
    ///
    /// # Errors
    /// There is none, or there are several and none was named.
    pub fn find(&self, name: Option<&str>) -> Result<PathBuf, FindError> {
        let mut there = self.names();
        match name {
            Some(name) if there.iter().any(|one| one == name) => Ok(socket(&self.0.join(name))),
            _ if there.is_empty() => Err(FindError::None),
            Some(name) => Err(FindError::NotThere { name: name.to_owned(), there }),
            None if there.len() == 1 => Ok(socket(&self.0.join(there.remove(0)))),
            None => Err(FindError::Several(there)),
        }
    }

    /// The labs that are up, by name.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let up = entries.filter(|entry| is_up(&entry.path()));
        let mut names: Vec<String> = up.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

impl Claim {
    /// Writes the kubeconfig, for its owner alone, and says where it is.
    ///
    /// # Errors
    /// The operating system's.
    pub fn write_kubeconfig(&self, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.join("kubeconfig");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        Ok(path)
    }

    /// What other terminals connect to.
    #[must_use]
    pub fn listener(&self) -> &UnixListener {
        &self.listener
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // There is nobody left to be told; the next lab of the name tries again.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

/// Whether somebody listens there.
fn is_up(folder: &Path) -> bool {
    UnixStream::connect(socket(folder)).is_ok()
}
