//! Kubernetes versions.

use std::fmt;
use std::str::FromStr;

/// The oldest minor with a profile.
pub const OLDEST_MINOR: u32 = 20;
/// The newest minor with a profile.
pub const NEWEST_MINOR: u32 = 37;

/// A version of Kubernetes 1: any patch of a minor that has a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubeVersion {
    minor: u32,
    patch: u32,
}

/// Text that is no version with a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionError {
    /// Not of the form `v1.36.1`.
    Form(String),
    /// A version, but of a minor without a profile.
    Unknown(String),
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(text) => {
                write!(f, "`{text}` is not a Kubernetes version, as `v1.{NEWEST_MINOR}.0` is")
            }
            Self::Unknown(text) => write!(
                f,
                "unknown Kubernetes version `{text}`; known are v1.{OLDEST_MINOR} to v1.{NEWEST_MINOR}, any patch"
            ),
        }
    }
}

impl std::error::Error for VersionError {}

impl KubeVersion {
    /// 1.`minor`.`patch`, if the minor has a profile.
    #[must_use]
    pub fn new(minor: u32, patch: u32) -> Option<Self> {
        (OLDEST_MINOR..=NEWEST_MINOR).contains(&minor).then_some(Self { minor, patch })
    }

    /// The minor: 36 of v1.36.1.
    #[must_use]
    pub const fn minor(self) -> u32 {
        self.minor
    }

    /// The patch: 1 of v1.36.1.
    #[must_use]
    pub const fn patch(self) -> u32 {
        self.patch
    }

    /// Whether it is 1.`minor`.`patch` or later of the same minor, or of a later minor: where a fix was released.
    #[must_use]
    pub fn is_at_least(self, minor: u32, patch: u32) -> bool {
        (self.minor, self.patch) >= (minor, patch)
    }
}

impl FromStr for KubeVersion {
    type Err = VersionError;

    /// `v1.36.1` or `1.36.1`; `v1.36` is its first patch.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let form = || VersionError::Form(text.to_owned());
        let mut numbers = Vec::new();
        for part in text.strip_prefix('v').unwrap_or(text).split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(form());
            }
            numbers.push(part.parse::<u32>().map_err(|_| form())?);
        }
        let (major, minor, patch) = match numbers[..] {
            [major, minor] => (major, minor, 0),
            [major, minor, patch] => (major, minor, patch),
            _ => return Err(form()),
        };
        let known = (major == 1).then(|| Self::new(minor, patch)).flatten();
        known.ok_or_else(|| VersionError::Unknown(text.to_owned()))
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}.{}", self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::KubeVersion;

    #[test]
    fn written_forms() {
        assert_eq!("v1.36.1".parse::<KubeVersion>().unwrap().to_string(), "v1.36.1");
        assert_eq!("1.20".parse::<KubeVersion>().unwrap().to_string(), "v1.20.0");
        for (text, message) in [
            ("latest", "`latest` is not a Kubernetes version, as `v1.37.0` is"),
            ("v1.36.x", "`v1.36.x` is not a Kubernetes version, as `v1.37.0` is"),
            ("v1.19.3", "unknown Kubernetes version `v1.19.3`; known are v1.20 to v1.37, any patch"),
            ("v2.1.0", "unknown Kubernetes version `v2.1.0`; known are v1.20 to v1.37, any patch"),
        ] {
            assert_eq!(text.parse::<KubeVersion>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn fixes_count_from_their_patch_on() {
        let version: KubeVersion = "v1.34.2".parse().unwrap();
        assert!(version.is_at_least(34, 2) && version.is_at_least(33, 9) && !version.is_at_least(34, 4));
    }
}
