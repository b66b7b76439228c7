//! Files: finding scenarios, reading and writing.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the command line is where files are opened"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use winlab_profiles::KubeVersion;

/// How a scenario file's name ends.
pub const SUFFIX: &str = ".winlab.yaml";

/// Where scenarios are when the command line does not say.
pub const DEFAULT_FOLDER: &str = "scenarios";

/// The scenario files that the paths stand for, in the order of the paths and of names within a folder, each once.
///
/// A folder stands for every `*.winlab.yaml` in and below it, hidden folders left out; a file stands for itself whatever its name
/// is. Files are named as the command line names them, so that messages and editors agree. Without paths it is the folder
/// `scenarios`.
///
/// # Errors
/// A path does not exist or cannot be read.
pub fn find_scenarios(paths: &[PathBuf], directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let default = [PathBuf::from(DEFAULT_FOLDER)];
    if paths.is_empty() && !directory.join(DEFAULT_FOLDER).exists() {
        bail!(
            "no path given, and there is no folder `{DEFAULT_FOLDER}` here\n  hint: `winlab init` writes a first scenario"
        );
    }
    let mut found = Vec::new();
    for path in if paths.is_empty() { &default[..] } else { paths } {
        let metadata = fs::metadata(directory.join(path))
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        if metadata.is_dir() {
            walk(path, directory, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn walk(folder: &Path, directory: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let context = || format!("cannot read folder `{}`", folder.display());
    let entries = fs::read_dir(directory.join(folder)).with_context(context)?;
    let mut names = entries.collect::<Result<Vec<_>, _>>().with_context(context)?;
    names.sort_by_key(fs::DirEntry::file_name);
    for entry in names {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = folder.join(&*name);
        // Links to folders are not followed: a loop of them has no end.
        if entry.file_type().with_context(context)?.is_dir() {
            if !name.starts_with('.') {
                walk(&path, directory, found)?;
            }
        } else if name.ends_with(SUFFIX) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether something is there.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// The bytes of a file.
///
/// # Errors
/// It cannot be read.
pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

/// The names of the files in a folder, sorted; none if it cannot be read.
pub fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Opens a report for writing before the run starts, so that a wrong path costs nothing.
///
/// # Errors
/// It cannot be created.
pub fn create(path: &Path) -> anyhow::Result<BufWriter<fs::File>> {
    let file = fs::File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(BufWriter::new(file))
}

/// Opens a file to add to its end.
///
/// # Errors
/// It cannot be opened or created.
pub fn append(path: &Path) -> anyhow::Result<BufWriter<fs::File>> {
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("cannot write `{}`", path.display()))?))
}

/// Writes a file that is not there yet, and the folders above it.
///
/// # Errors
/// It is there already, or cannot be written.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}

/// Writes a file, with the folders above it, whether it is there or not.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// The versions of Kubernetes that a platform's folder has a folder of in any of these layouts, oldest first.
pub fn versions(layouts: &[PathBuf], platform: &str) -> BTreeSet<KubeVersion> {
    let folders = layouts.iter().filter_map(|layout| fs::read_dir(layout.join(platform)).ok());
    let names = folders.flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix('v')?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_found_in_order_and_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "scenarios/b.winlab.yaml",
            "scenarios/a/z.winlab.yaml",
            "scenarios/.hidden/x.winlab.yaml",
            "scenarios/manifests/web.yaml",
            "odd.yaml",
        ] {
            write_new(&folder.path().join(name), "").unwrap();
        }
        let find = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
            let found = find_scenarios(&paths, folder.path())?;
            anyhow::Ok(found.iter().map(|path| path.to_string_lossy().replace('\\', "/")).collect::<Vec<_>>())
        };
        assert_eq!(find(&[]).unwrap(), ["scenarios/a/z.winlab.yaml", "scenarios/b.winlab.yaml"]);
        assert_eq!(
            find(&["odd.yaml", "scenarios/b.winlab.yaml", "scenarios"]).unwrap(),
            ["odd.yaml", "scenarios/b.winlab.yaml", "scenarios/a/z.winlab.yaml"]
        );
        assert_eq!(find(&["nowhere"]).unwrap_err().to_string(), "cannot read `nowhere`");
    }

    #[test]
    fn an_existing_file_is_never_overwritten_by_write_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        write_new(&path, "mine").unwrap();
        assert_eq!(write_new(&path, "yours").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path).unwrap(), "mine");
    }
}
