//! Paths of Windows.

use std::fmt;

use winlab_host::{Fault, HResult};

/// An absolute path on drive C:, without `.` and `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath {
    parts: Vec<String>,
}

/// Where a path without a root starts: a service's working directory.
const WORKING_DIRECTORY: [&str; 2] = ["Windows", "System32"];
const FORBIDDEN: [char; 6] = ['<', '>', '"', '|', '?', '*'];

impl FilePath {
    /// The root of drive C:.
    #[must_use]
    pub fn root() -> Self {
        Self { parts: Vec::new() }
    }

    /// Reads a path: either slash, with or without a drive (`/var/lib/kubelet` is on the system drive), and the
    /// `\\?\` prefix. Volume names are for [`FileSystem`](super::FileSystem) to follow.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` of another drive or a share, `ERROR_INVALID_NAME` of characters that no name has.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.replace('/', "\\");
        let text = text.strip_prefix(r"\\?\").unwrap_or(&text);
        if text.starts_with(r"\\") {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
        let (drive, rest) = match text.as_bytes() {
            [letter, b':', ..] => (letter.to_ascii_uppercase(), &text[2..]),
            _ => (b'C', text),
        };
        if drive != b'C' {
            return Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND));
        }
        let mut parts: Vec<String> =
            if rest.starts_with('\\') { Vec::new() } else { WORKING_DIRECTORY.map(String::from).to_vec() };
        for part in rest.split('\\') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                _ if part.contains(FORBIDDEN) || part.contains(':') => {
                    return Err(Fault::new(HResult::ERROR_INVALID_NAME));
                }
                _ => parts.push(part.trim_end_matches(['.', ' ']).to_owned()),
            }
        }
        Ok(Self { parts })
    }

    /// A path below this one.
    #[must_use]
    pub fn join(&self, rest: &[String]) -> Self {
        Self { parts: self.parts.iter().chain(rest).cloned().collect() }
    }

    /// The path of a name in this folder.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        self.join(&[name.to_owned()])
    }

    /// Its folder; none of the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.parts.split_last().map(|(_, parts)| Self { parts: parts.to_vec() })
    }

    /// Its own name; empty of the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// What follows `folder`, if this path is it or lies below it.
    #[must_use]
    pub fn below(&self, folder: &Self) -> Option<&[String]> {
        let (head, tail) = self.parts.split_at_checked(folder.parts.len())?;
        head.iter().zip(&folder.parts).all(|(a, b)| fold(a) == fold(b)).then_some(tail)
    }

    /// The form in which it is looked up.
    pub(super) fn folded(&self) -> String {
        fold(&self.parts.join("\\"))
    }

    /// Itself and every folder above it but the root, outermost first.
    pub(super) fn lineage(&self) -> impl Iterator<Item = Self> + '_ {
        (1..=self.parts.len()).map(|length| Self { parts: self.parts[..length].to_vec() })
    }
}

/// Names compare without regard to case.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

impl fmt::Display for FilePath {
    /// With drive and backslashes: `C:\k\kubelet.exe`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"C:\{}", self.parts.join("\\"))
    }
}

#[cfg(test)]
mod tests {
    use super::FilePath;
    use winlab_host::HResult;

    #[test]
    fn spellings_of_one_path() {
        let path = FilePath::parse(r"C:\var\lib\kubelet").unwrap();
        for other in [
            "/var/lib/kubelet",
            "c:/var/lib/kubelet/",
            r"\\?\C:\var\lib\.\kubelet",
            r"C:\var\x\..\lib\kubelet",
        ] {
            assert_eq!(FilePath::parse(other).unwrap().folded(), path.folded(), "{other}");
        }
        assert_eq!(FilePath::parse("hosts").unwrap().to_string(), r"C:\Windows\System32\hosts");
        let code = |text| FilePath::parse(text).unwrap_err().code;
        assert_eq!(code(r"D:\x"), HResult::ERROR_PATH_NOT_FOUND);
        assert_eq!(code(r"C:\a*"), HResult::ERROR_INVALID_NAME);
        assert_eq!(code(r"\\server\share"), HResult::ERROR_PATH_NOT_FOUND);
    }

    #[test]
    fn below_ignores_case() {
        let path = FilePath::parse(r"C:\Data\Web\index.html").unwrap();
        let folder = FilePath::parse(r"c:\data").unwrap();
        assert_eq!(path.below(&folder).unwrap(), ["Web", "index.html"]);
        assert!(folder.below(&path).is_none());
    }
}
