//! The folder of built programs: `bin/<os>-<arch>/<version>/<program>`, outside the tree.
#![expect(clippy::disallowed_methods, reason = "the cache is a folder of the user's")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use super::selection::Chosen;

/// `$XDG_CACHE_HOME/winlab`, or the one below the home folder.
pub(crate) struct Cache {
    root: PathBuf,
}

/// What a program is, compared with its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// There, and of these sources.
    Built,
    /// There, and of others.
    Stale,
    /// Not there.
    Absent,
}

impl State {
    /// One word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Stale => "stale",
            Self::Absent => "absent",
        }
    }
}

impl Cache {
    /// The user's.
    pub(crate) fn find() -> Result<Self> {
        let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
        Ok(Self { root: caches.context("neither XDG_CACHE_HOME nor HOME is set")?.join("winlab") })
    }

    /// Where a program is, or will be.
    pub(crate) fn program(&self, chosen: &Chosen) -> PathBuf {
        self.root.join("bin").join(place(chosen))
    }

    /// What it was built from, as [`stamp`] says it.
    fn stamp_file(&self, chosen: &Chosen) -> PathBuf {
        self.root.join("stamps").join(place(chosen))
    }

    /// Compares what is there with what it would be built from.
    pub(crate) fn state(&self, chosen: &Chosen, stamp: &str) -> State {
        if !self.program(chosen).exists() {
            return State::Absent;
        }
        let is_of_these = fs::read_to_string(self.stamp_file(chosen)).is_ok_and(|kept| kept == stamp);
        if is_of_these { State::Built } else { State::Stale }
    }

    /// Makes the folder of a program, and says where it is to be built first: somebody may be running the old one.
    pub(crate) fn begin(&self, chosen: &Chosen) -> Result<PathBuf> {
        let program = self.program(chosen);
        for file in [&program, &self.stamp_file(chosen)] {
            let folder = file.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        Ok(program.with_file_name(format!(".{}.new", chosen.program.file())))
    }

    /// Puts a program that was built into its place.
    pub(crate) fn finish(&self, chosen: &Chosen, built: &Path, stamp: &str) -> Result<()> {
        let (program, kept) = (self.program(chosen), self.stamp_file(chosen));
        // An interruption between these leaves a program without a stamp, which is built again.
        let _ = fs::remove_file(&kept);
        fs::rename(built, &program).with_context(|| format!("{} cannot be written", program.display()))?;
        fs::write(&kept, stamp).with_context(|| format!("{} cannot be written", kept.display()))
    }
}

/// `windows-amd64/v1.34.4/kubelet.exe`.
fn place(chosen: &Chosen) -> PathBuf {
    let program = chosen.program;
    PathBuf::from(format!("{}-amd64", program.os.name())).join(&chosen.peer.release).join(program.file())
}

/// What a program is made from, in one line: the files of its module, the toolchain, the arguments.
pub(crate) fn stamp(folder: &Path, toolchain: &str, arguments: &[String]) -> Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let content = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        digest.update(format!("{name} {}\n", content.len()));
        digest.update(content);
    }
    digest.update(format!("{toolchain}\n{}\n", arguments.join("\n")));
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::super::selection::Selection;
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("winlab-peers-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_program_is_built_until_its_module_changes() {
        let folder = scratch("state");
        let cache = Cache { root: folder.join("cache") };
        let chosen = Selection::default().programs().unwrap().remove(0);
        let module = folder.join("module");
        fs::create_dir_all(&module).unwrap();
        fs::write(module.join("go.mod"), "module x\n").unwrap();
        let now = || stamp(&module, "go1.26.8", &["build".to_owned()]).unwrap();

        assert_eq!(cache.state(&chosen, &now()), State::Absent);
        let built = cache.begin(&chosen).unwrap();
        fs::write(&built, "MZ").unwrap();
        cache.finish(&chosen, &built, &now()).unwrap();
        assert_eq!(cache.state(&chosen, &now()), State::Built);
        assert!(cache.program(&chosen).ends_with("bin/windows-amd64/v1.34.4/kube-proxy.exe"));

        fs::write(module.join("go.sum"), "x v1\n").unwrap();
        assert_eq!(cache.state(&chosen, &now()), State::Stale);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_toolchain_makes_another_program() {
        let folder = scratch("toolchain");
        let of = |toolchain| stamp(&folder, toolchain, &[]).unwrap();
        assert_ne!(of("go1.26.8"), of("go1.27.0"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
