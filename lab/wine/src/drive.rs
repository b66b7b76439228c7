//! Drive `C:` as a folder: which file of this machine a Windows path names.

use std::fs;
use std::path::{Path, PathBuf};

/// The file that `path` names below `drive_c`: names are compared without case, as Windows does, and a part that is not
/// there yet is taken as written. Relative paths are relative to the drive's root, and `..` does not lead out of it.
pub(crate) fn locate(drive_c: &Path, path: &str) -> PathBuf {
    let bytes = path.as_bytes();
    let inner = if bytes.len() >= 2 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic() {
        &path[2..]
    } else {
        path
    };
    let mut found = drive_c.to_owned();
    for part in inner.split(['\\', '/']).filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            if found != drive_c {
                found.pop();
            }
            continue;
        }
        let direct = found.join(part);
        found = if direct.symlink_metadata().is_ok() {
            direct
        } else {
            other_case(&found, part).unwrap_or(direct)
        };
    }
    found
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

    use super::locate;

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
