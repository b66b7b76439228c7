//! The shims: the built folder, and a copy of it in the cache that nobody builds over while it is in use.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use crate::lock;
use crate::probe::{Lacking, Part};

/// The file that a whole build leaves.
const STAMP: &str = "built-by";
/// Not for a node: the tests' own program.
const TESTS_OWN: &str = "probe.exe";

/// The folder, if a build has been finished there.
pub(crate) fn find(folder: &Path) -> Result<PathBuf, Lacking> {
    if folder.join(STAMP).is_file() {
        return Ok(folder.to_owned());
    }
    Err(Lacking {
        part: Part::Shims,
        detail: format!("no built shims in {}", folder.display()),
        hint: "`cargo xtask shims` in a clone of winlab builds them, or says what it needs",
    })
}

/// Copies the shims into the cache, once for each build of them, and gives back the folder.
pub(crate) fn keep(shims: &Path, cache: &Path) -> io::Result<PathBuf> {
    let files = files(shims)?;
    let kept = cache.join(format!("shims-{:016x}", identity(&files)?));
    let _lock = lock::take(cache, "shims")?;
    if kept.is_dir() {
        return Ok(kept);
    }
    let aside = cache.join("shims-aside");
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    fs::create_dir_all(&aside)?;
    for (name, path) in &files {
        fs::copy(path, aside.join(name))?;
    }
    fs::rename(&aside, &kept)?;
    Ok(kept)
}

/// DLLs and stand-ins of programs, by name.
fn files(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if (name.ends_with(".dll") || name.ends_with(".exe")) && name != TESTS_OWN {
            files.insert(name, entry.path());
        }
    }
    Ok(files)
}

/// FNV-1a over names, sizes and dates: what a new build changes.
fn identity(files: &BTreeMap<String, PathBuf>) -> io::Result<u64> {
    let mut text = String::new();
    for (name, path) in files {
        let file = fs::metadata(path)?;
        let date = file.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let _ = writeln!(text, "{name} {} {}", file.len(), date.as_nanos());
    }
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    Ok(text.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}
