//! Where Wine and the programs are.

use std::fmt;
use std::path::{Path, PathBuf};

use winlab_profiles::KubeVersion;
use winlab_wine::Places;

use winlab_component::Programs;

use crate::component::RealComponent;
use crate::files;

/// What this machine is said to have for unmodified programs. Nothing is looked at before it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// Wine, the shims and the cache.
    pub wine: Places,
    /// Folders of programs with the layout `windows-amd64/v1.34.4/kube-proxy.exe`, `windows-amd64/cni-v1.9.1/win-bridge.exe`;
    /// the first that has a program wins.
    pub layouts: Vec<PathBuf>,
    /// Programs of whoever asks for the lab: they take the place of the models of their names, on every node.
    pub stand_ins: Programs,
}

/// A program that is in none of the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProgram {
    /// The program and its version.
    pub program: String,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
    /// What helps.
    pub hint: String,
}

impl fmt::Display for NoProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let looked: Vec<String> = self.looked.iter().map(|path| path.display().to_string()).collect();
        let looked = if looked.is_empty() { "no folder is named".to_owned() } else { looked.join(", ") };
        write!(f, "no {} (looked for {looked}); {}", self.program, self.hint)
    }
}

impl std::error::Error for NoProgram {}

impl Means {
    /// The program of a component's version.
    ///
    /// # Errors
    /// [`NoProgram`] where none of the folders has it.
    pub fn program(&self, component: RealComponent, version: KubeVersion) -> Result<PathBuf, NoProgram> {
        let (file, folder) = (component.file(), component.folder(version));
        let inside = Path::new("windows-amd64").join(&folder).join(&file);
        let looked: Vec<PathBuf> = self.layouts.iter().map(|layout| layout.join(&inside)).collect();
        let found = looked.iter().find(|path| files::is_file(path)).cloned();
        found.ok_or_else(|| NoProgram {
            program: format!("{file} {folder}"),
            looked,
            hint: format!(
                "`cargo xtask peers {}` builds it, `--bin-dir` names a folder that has it",
                match component.own_release() {
                    Some(release) => format!("--only {release}"),
                    None => format!("--kube {version}"),
                }
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Means;
    use crate::{RealComponent, files};

    #[test]
    fn a_program_is_found_by_its_version_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows-amd64/v1.34.4/kube-proxy.exe");
        files::write(&path, b"MZ").unwrap();
        let means = Means { layouts: vec![folder.path().to_owned()], ..Means::default() };
        let program = |version: &str| means.program(RealComponent::KubeProxy, version.parse().unwrap());
        assert_eq!(program("v1.34.4").unwrap(), path);
        let missing = program("v1.36.1").unwrap_err();
        assert_eq!(missing.program, "kube-proxy.exe v1.36.1");
        assert!(missing.to_string().contains("cargo xtask peers --kube v1.36.1"), "{missing}");
    }
}
