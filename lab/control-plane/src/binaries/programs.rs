//! Finding the programs of a control plane, in envtest's way and in our own layout.
//!
//! ```text
//! TEST_ASSET_KUBE_APISERVER=/some/kube-apiserver   one program (envtest: `process.BinPathFinder`)
//! KUBEBUILDER_ASSETS=/some/folder                  <folder>/kube-apiserver
//! --bin-dir /some/bin                              <bin>/linux-amd64/v1.34.4/kube-apiserver
//! ```
//!
//! etcd has versions of its own: `<bin>/linux-amd64/etcd-v3.6.5/etcd` is found too, and at last what `PATH` has.
#![expect(clippy::disallowed_methods, reason = "looking for programs is looking at files")]

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use winlab_profiles::KubeVersion;

/// The programs of a control plane, in the order in which they start.
pub const PROGRAMS: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// Where to look: values that the command line was given or has read from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramFolders {
    /// `TEST_ASSET_…`: program and its path. They count before all else.
    pub named: BTreeMap<String, PathBuf>,
    /// `KUBEBUILDER_ASSETS`: one folder with the programs of one version.
    pub assets: Option<PathBuf>,
    /// `--bin-dir`: folders of the layout `linux-amd64/v1.34.4/…`.
    pub layouts: Vec<PathBuf>,
    /// `PATH`, where etcd may be.
    pub path: Vec<PathBuf>,
}

/// The programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanePrograms {
    /// `etcd`
    pub etcd: PathBuf,
    /// `kube-apiserver`
    pub kube_apiserver: PathBuf,
    /// `kube-controller-manager`
    pub kube_controller_manager: PathBuf,
    /// `kube-scheduler`
    pub kube_scheduler: PathBuf,
}

/// Programs that are nowhere to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPrograms {
    /// The version asked for.
    pub version: KubeVersion,
    /// Their names.
    pub programs: Vec<&'static str>,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
}

impl ProgramFolders {
    /// The variable by which envtest is told the path of one program: `TEST_ASSET_KUBE_APISERVER`.
    #[must_use]
    pub fn variable(program: &str) -> String {
        format!("TEST_ASSET_{}", program.to_uppercase().replace('-', "_"))
    }

    /// The programs of a version.
    ///
    /// # Errors
    /// Which of them are missing, and where was looked.
    pub fn find(&self, version: KubeVersion) -> Result<PlanePrograms, MissingPrograms> {
        let mut missing = MissingPrograms { version, programs: Vec::new(), looked: Vec::new() };
        let found = PROGRAMS.map(|program| {
            let candidates = self.candidates(program, Some(version));
            let found = candidates.iter().find(|path| path.is_file()).cloned();
            if found.is_none() {
                missing.programs.push(program);
                let folders = candidates.iter().filter_map(|path| path.parent().map(Path::to_path_buf));
                let new: Vec<_> = folders.filter(|folder| !missing.looked.contains(folder)).collect();
                missing.looked.extend(new);
            }
            found
        });
        PlanePrograms::of(found).ok_or(missing)
    }

    /// The programs that count for any version, as the environment names them.
    #[must_use]
    pub fn of_any_version(&self) -> Option<PlanePrograms> {
        PlanePrograms::of(
            PROGRAMS.map(|program| self.candidates(program, None).into_iter().find(|path| path.is_file())),
        )
    }

    /// The folder of a layout that has this machine's programs: `linux-amd64`.
    #[must_use]
    pub fn platform() -> String {
        format!("linux-{}", architecture())
    }

    /// Where a program may be, the first that is there being taken.
    fn candidates(&self, program: &str, version: Option<KubeVersion>) -> Vec<PathBuf> {
        let named = self.named.get(program).cloned();
        let flat = self.assets.iter().map(|folder| folder.join(program));
        let platform = Self::platform();
        let versioned = version.into_iter().flat_map(|version| {
            let inside = Path::new(&platform).join(version.to_string()).join(program);
            self.layouts.iter().map(move |bin| bin.join(&inside))
        });
        let mut candidates: Vec<PathBuf> = named.into_iter().chain(flat).chain(versioned).collect();
        if program == "etcd" {
            candidates
                .extend(self.layouts.iter().flat_map(|bin| own_versions(&bin.join(&platform), "etcd-v")));
            candidates.extend(self.path.iter().map(|folder| folder.join(program)));
        }
        candidates
    }
}

impl PlanePrograms {
    /// All of them, in the order of [`PROGRAMS`].
    fn of(found: [Option<PathBuf>; PROGRAMS.len()]) -> Option<Self> {
        let [etcd, kube_apiserver, kube_controller_manager, kube_scheduler] = found;
        Some(Self {
            etcd: etcd?,
            kube_apiserver: kube_apiserver?,
            kube_controller_manager: kube_controller_manager?,
            kube_scheduler: kube_scheduler?,
        })
    }
}

/// Programs in folders with versions of their own, newest first.
fn own_versions(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<(Vec<u64>, String)> = names
        .filter_map(|name| {
            let numbers = name.strip_prefix(prefix)?.split('.').map(|part| part.parse().unwrap_or(0));
            Some((numbers.collect(), name))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, name)| folder.join(name).join("etcd")).collect()
}

/// The machine's architecture as Go names it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

impl MissingPrograms {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> String {
        format!(
            "`cargo xtask peers --kube {}` builds them; or name a folder that has them by --bin-dir or KUBEBUILDER_ASSETS",
            self.version
        )
    }
}

impl fmt::Display for MissingPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let looked: Vec<String> = self.looked.iter().map(|folder| folder.display().to_string()).collect();
        let looked = if looked.is_empty() { "no folder is named".to_owned() } else { looked.join(", ") };
        write!(f, "no {} of {} (looked in: {looked})", self.programs.join(", "), self.version)
    }
}

impl std::error::Error for MissingPrograms {}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }

    #[test]
    fn our_layout_envtests_folder_and_single_programs_are_found_in_that_order_of_weight() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let version: KubeVersion = "v1.34.4".parse().unwrap();
        let platform = root.join(format!("bin/linux-{}", architecture()));
        for program in &PROGRAMS[1..] {
            touch(&platform.join("v1.34.4").join(program));
        }
        for etcd in ["etcd-v3.6.9", "etcd-v3.6.10"] {
            touch(&platform.join(etcd).join("etcd"));
        }
        let mut folders = ProgramFolders { layouts: vec![root.join("bin")], ..ProgramFolders::default() };
        let found = folders.find(version).unwrap();
        assert_eq!(found.kube_apiserver, platform.join("v1.34.4/kube-apiserver"));
        assert_eq!(found.etcd, platform.join("etcd-v3.6.10/etcd"));

        touch(&root.join("assets/kube-apiserver"));
        folders.assets = Some(root.join("assets"));
        assert_eq!(folders.find(version).unwrap().kube_apiserver, root.join("assets/kube-apiserver"));

        touch(&root.join("mine"));
        folders.named.insert("kube-apiserver".to_owned(), root.join("mine"));
        assert_eq!(folders.find(version).unwrap().kube_apiserver, root.join("mine"));
    }

    #[test]
    fn what_is_missing_is_named_with_where_was_looked() {
        let folders =
            ProgramFolders { assets: Some(PathBuf::from("/nowhere/at/all")), ..ProgramFolders::default() };
        let missing = folders.find("v1.36.1".parse().unwrap()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no etcd, kube-apiserver, kube-controller-manager, kube-scheduler of v1.36.1 (looked in: /nowhere/at/all)"
        );
        assert!(missing.hint().contains("cargo xtask peers --kube v1.36.1"));
        assert_eq!(ProgramFolders::variable("kube-apiserver"), "TEST_ASSET_KUBE_APISERVER");
    }
}
