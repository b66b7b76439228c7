//! A node's prefix: links to the template for Wine's own files, copies of what is written, and the node's identity.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use winlab_clock::Pace;
use winlab_profiles::WindowsVersion;

use crate::hive::{Data, Hive};
use crate::identity;
use crate::machine;
use crate::owner::Owner;
use crate::shims;
use crate::template::TemplateError;
use crate::wine::Wine;

/// Why there is no prefix.
#[derive(Debug, thiserror::Error)]
pub enum PrefixError {
    /// There is no template to make it from.
    #[error("there is no template")]
    Template(#[from] TemplateError),
    /// A folder cannot be read or written.
    #[error("the prefix {} cannot be made", folder.display())]
    Files {
        /// The prefix.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A prefix. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Prefix {
    folder: PathBuf,
}

impl Prefix {
    pub(crate) fn make(
        wine: &Wine,
        name: &str,
        windows: WindowsVersion,
        pace: Pace,
    ) -> Result<Self, PrefixError> {
        let template = wine.prepare()?;
        let folder = wine.nodes_folder().join(Owner::this(name).to_string());
        let this = Self { folder };
        this.fill(&template, wine, name, windows, pace)
            .map_err(|source| PrefixError::Files { folder: this.folder.clone(), source })?;
        Ok(this)
    }

    fn fill(
        &self,
        template: &Path,
        wine: &Wine,
        name: &str,
        windows: WindowsVersion,
        pace: Pace,
    ) -> io::Result<()> {
        let folder = &self.folder;
        fs::create_dir_all(folder.join("dosdevices"))?;
        machine::link(Path::new("../drive_c"), &folder.join("dosdevices/c:"))?;
        fs::copy(template.join(".update-timestamp"), folder.join(".update-timestamp"))?;
        link_tree(&template.join("drive_c"), &self.drive_c())?;
        lay_shims(&shims::keep(&wine.0.shims, &wine.0.cache)?, &self.drive_c())?;
        let hive = |file: &str, change: &dyn Fn(&mut Hive)| -> io::Result<()> {
            let mut hive = Hive::new(fs::read_to_string(template.join(file))?);
            change(&mut hive);
            fs::write(folder.join(file), hive.into_text())
        };
        hive("system.reg", &|hive| {
            identity::describe(hive, name, windows);
            hive.set(
                r"System\CurrentControlSet\Control",
                "ServicesPipeTimeout",
                &services_pipe_timeout(pace),
            );
        })?;
        for file in ["user.reg", "userdef.reg"] {
            fs::copy(template.join(file), folder.join(file))?;
        }
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn drive_c(&self) -> PathBuf {
        self.folder.join("drive_c")
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        // What stays is found by the next start's sweep.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How long the service control manager waits for the process of a service that it has started, in milliseconds: a minute
/// of the machine's time. By default Wine's waits 10 s of the node's (`programs/services/services.c`), half a second where
/// time is scaled by 20, and then goes on without the service: without nsiproxy, a program finds no network adapter.
fn services_pipe_timeout(pace: Pace) -> Data {
    const MINUTE: u32 = 60_000;
    match pace {
        Pace::Scaled(factor) => Data::Number(MINUTE.saturating_mul(factor)),
        Pace::Real | Pace::Virtual => Data::Number(MINUTE),
    }
}

/// Makes the folders anew, and links the files. A program that replaces a file so leaves the template's alone.
fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            link_tree(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            machine::link(&fs::read_link(entry.path())?, &target)?;
        } else {
            link_or_copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// File systems without hard links, or at their limit of them, cost a copy.
fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}

/// Puts DLLs and stand-ins where Windows has its own; powershell.exe has a folder for itself.
fn lay_shims(shims: &Path, drive_c: &Path) -> io::Result<()> {
    let system = drive_c.join("windows/system32");
    for entry in fs::read_dir(shims)? {
        let entry = entry?;
        let to = if entry.file_name() == "powershell.exe" {
            let folder = system.join("WindowsPowerShell/v1.0");
            fs::create_dir_all(&folder)?;
            folder.join("powershell.exe")
        } else {
            system.join(entry.file_name())
        };
        // Wine's own is a link to the template.
        match fs::remove_file(&to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => link_or_copy(&entry.path(), &to)?,
        }
    }
    Ok(())
}
