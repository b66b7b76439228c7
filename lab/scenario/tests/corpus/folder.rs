//! The files of a corpus below `tests`.
#![expect(clippy::disallowed_methods, reason = "the files of the corpus are read here")]

use std::fmt::Write as _;
use std::path::PathBuf;

use winlab_scenario::{Diagnostic, LoadError, Loader, Sources};

/// A folder whose files a scenario may name.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder `tests/name`.
    pub(crate) fn new(name: &str) -> Self {
        Self(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name))
    }

    /// The folder `scenarios/name` of the repository.
    pub(crate) fn shipped(name: &str) -> Self {
        Self(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name))
    }
}

impl Loader for Folder {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        let path = self.0.join(path);
        if path.is_dir() {
            return Err(LoadError { not_found: false, reason: "it is a folder".to_owned() });
        }
        let error = |error: std::io::Error| LoadError {
            not_found: error.kind() == std::io::ErrorKind::NotFound,
            reason: error.to_string(),
        };
        std::fs::read_to_string(path).map_err(error)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// The scenario files of `tests/name` with their texts, in order.
pub(crate) fn scenarios(name: &str) -> Vec<(String, String)> {
    let folder = Folder::new(name);
    let names = folder.list("").into_iter().filter(|name| name.ends_with(".winlab.yaml"));
    names.map(|name| (name.clone(), folder.load(&name).unwrap())).collect()
}

/// Problems as they are shown, one after the other.
pub(crate) fn rendered(problems: &[Diagnostic], sources: &Sources) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let _ = writeln!(text, "{}", problem.render(sources));
        text
    })
}
