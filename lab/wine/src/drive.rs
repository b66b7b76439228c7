//! Drive `C:` as a folder: which file of this machine a Windows path names.

use std::fs;
use std::path::{Path, PathBuf};

/// What begins a file that stands for a symbolic link, which Wine cannot make; then comes the target, then NULs up to this
/// size (`fakes/shims/bcryptprimitives/src/symbolic_links.rs`).
const LINK: &[u8] = b"SYMLINK ";
const LINK_SIZE: u64 = 264;
/// More links in one path than this are a circle.
const MOST_LINKS: u32 = 32;

/// The file that `path` names below `drive_c`: names are compared without case, as Windows does, and a part that is not
/// there yet is taken as written. Relative paths are relative to the drive's root, and `..` does not lead out of it.
/// Symbolic links that programs under Wine have made are followed.
pub(crate) fn locate(drive_c: &Path, path: &str) -> PathBuf {
    let mut left = parts(path);
    let mut found = drive_c.to_owned();
    let mut links = 0;
    while let Some(part) = left.pop() {
        if part == ".." {
            if found != drive_c {
                found.pop();
            }
            continue;
        }
        let direct = found.join(&part);
        let next = if direct.symlink_metadata().is_ok() {
            direct
        } else {
            other_case(&found, &part).unwrap_or(direct)
        };
        match target(&next).filter(|_| links < MOST_LINKS) {
            Some(target) => {
                links += 1;
                if inner(&target).starts_with(['\\', '/']) {
                    drive_c.clone_into(&mut found);
                }
                left.extend(parts(&target));
            }
            None => found = next,
        }
    }
    found
}

/// A path without its drive.
fn inner(path: &str) -> &str {
    let bytes = path.as_bytes();
    if bytes.len() >= 2 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic() { &path[2..] } else { path }
}

/// The parts of a path, the last first.
fn parts(path: &str) -> Vec<String> {
    let parts = inner(path).split(['\\', '/']).filter(|part| !part.is_empty() && *part != ".");
    parts.rev().map(str::to_owned).collect()
}

/// Where a file leads that stands for a symbolic link.
fn target(path: &Path) -> Option<String> {
    let metadata = path.symlink_metadata().ok()?;
    if !metadata.is_file() || metadata.len() != LINK_SIZE {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let text = bytes.strip_prefix(LINK)?.split(|byte| *byte == 0).next()?;
    String::from_utf8(text.to_vec()).ok()
}

fn other_case(folder: &Path, name: &str) -> Option<PathBuf> {
    let wanted = name.to_lowercase();
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    entries
        .into_iter()
        .find(|entry| entry.file_name().to_string_lossy().to_lowercase() == wanted)
        .map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use std::path::Path;

    use super::{LINK, LINK_SIZE, locate};

    fn link(path: &Path, target: &str) {
        let mut bytes = [LINK, target.as_bytes()].concat();
        bytes.resize(usize::try_from(LINK_SIZE).unwrap(), 0);
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn links_of_windows_programs_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let drive = folder.path();
        fs::create_dir_all(drive.join("volume/..2026_01")).unwrap();
        fs::write(drive.join("volume/..2026_01/colour"), "blue").unwrap();
        link(&drive.join("volume/..data"), "..2026_01");
        link(&drive.join("volume/colour"), r"..data\colour");
        link(&drive.join("elsewhere"), r"C:\volume");
        link(&drive.join("circle"), "circle");
        for (path, expected) in [
            (r"C:\volume\colour", "volume/..2026_01/colour"),
            (r"C:\volume\..data", "volume/..2026_01"),
            ("/elsewhere/Colour", "volume/..2026_01/colour"),
            (r"C:\circle", "circle"),
        ] {
            assert_eq!(locate(drive, path), drive.join(expected), "{path}");
        }
    }

    #[test]
    fn names_are_found_whatever_their_case_and_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let drive = folder.path();
        fs::create_dir_all(drive.join("windows/system32")).unwrap();
        for (path, expected) in [
            (r"C:\Windows\System32\new.dll", "windows/system32/new.dll"),
            ("/var/lib/kubelet", "var/lib/kubelet"),
            (r"c:\k\..\..\..\etc", "etc"),
            (r"C:\", ""),
        ] {
            assert_eq!(locate(drive, path), drive.join(expected), "{path}");
        }
    }
}
