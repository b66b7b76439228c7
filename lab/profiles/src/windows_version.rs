//! One host's or image's version of Windows.

use std::fmt;
use std::str::FromStr;

use crate::hns_features::HnsVersion;
use crate::windows_builds::{BUILDS, WindowsBuild};

/// A known build at a revision: `ltsc2022@20348.2582`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowsVersion {
    build: &'static WindowsBuild,
    revision: u32,
    hns: HnsVersion,
}

/// Text that names no known version of Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowsVersionError {
    /// No build of that name.
    UnknownBuild(String),
    /// Behind the `@` there is no `build.revision`.
    Revision(String),
    /// The number behind the `@` is not the named build's.
    OtherBuild {
        /// The build that was named.
        name: &'static str,
        /// Its number.
        build: u32,
        /// The number that was given.
        given: u32,
    },
}

impl fmt::Display for WindowsVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownBuild(name) => {
                let known: Vec<&str> = BUILDS.iter().map(|build| build.name).collect();
                write!(f, "unknown Windows build `{name}`; known are {}", known.join(", "))
            }
            Self::Revision(text) => write!(f, "`{text}` is not a build and revision, as `20348.2582` is"),
            Self::OtherBuild { name, build, given } => write!(f, "{name} is build {build}, not {given}"),
        }
    }
}

impl std::error::Error for WindowsVersionError {}

impl WindowsVersion {
    /// A build at its usual revision.
    #[must_use]
    pub const fn of(build: &'static WindowsBuild) -> Self {
        Self { build, revision: build.revision, hns: build.hns }
    }

    /// The same build at another revision.
    #[must_use]
    pub fn at_revision(self, revision: u32) -> Self {
        Self { revision, hns: hns_at(self.build, revision), ..self }
    }

    /// The same with another version of HNS: 15.4 on ltsc2025, say.
    #[must_use]
    pub const fn with_hns(self, hns: HnsVersion) -> Self {
        Self { hns, ..self }
    }

    /// Its build.
    #[must_use]
    pub const fn profile(&self) -> &'static WindowsBuild {
        self.build
    }

    /// Build number: 20348.
    #[must_use]
    pub const fn build(&self) -> u32 {
        self.build.build
    }

    /// Revision: 2582.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// What its HNS reports.
    #[must_use]
    pub const fn hns(&self) -> HnsVersion {
        self.hns
    }

    /// Name in scenarios: `ltsc2022`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.build.name
    }

    /// The value of `node.kubernetes.io/windows-build`: `10.0.20348`.
    #[must_use]
    pub fn kube_build(&self) -> String {
        format!("10.0.{}", self.build())
    }

    /// The kernel version and an image's `os.version`: `10.0.20348.2582`.
    #[must_use]
    pub fn os_version(&self) -> String {
        format!("10.0.{}.{}", self.build(), self.revision)
    }
}

/// Server 2019 got DSR and the rest by updates (kubernetes#93304: 9.3 from 17763.1432 on); Server 2025 began with 15.4
/// (kubernetes#131466).
fn hns_at(build: &WindowsBuild, revision: u32) -> HnsVersion {
    match (build.build, revision) {
        (17763, ..1432) => HnsVersion::new(9, 2),
        (17763, 1432..1879) => HnsVersion::new(9, 3),
        (26100, ..3000) => HnsVersion::new(15, 4),
        _ => build.hns,
    }
}

impl FromStr for WindowsVersion {
    type Err = WindowsVersionError;

    /// `windows`, `ltsc2022`, `ltsc2022@20348.2582`.
    fn from_str(text: &str) -> Result<Self, WindowsVersionError> {
        let (name, exact) = text.split_once('@').map_or((text, None), |(name, exact)| (name, Some(exact)));
        let build =
            WindowsBuild::by_name(name).ok_or_else(|| WindowsVersionError::UnknownBuild(name.to_owned()))?;
        let Some(exact) = exact else { return Ok(Self::of(build)) };
        let problem = || WindowsVersionError::Revision(exact.to_owned());
        let (number, revision) = exact.split_once('.').ok_or_else(problem)?;
        let given: u32 = number.parse().map_err(|_| problem())?;
        let revision: u32 = revision.parse().map_err(|_| problem())?;
        if given != build.build {
            return Err(WindowsVersionError::OtherBuild { name: build.name, build: build.build, given });
        }
        Ok(Self::of(build).at_revision(revision))
    }
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.revision == self.build.revision {
            f.write_str(self.build.name)
        } else {
            write!(f, "{}@{}.{}", self.build.name, self.build.build, self.revision)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WindowsVersion;
    use crate::HnsVersion;

    #[test]
    fn written_forms() {
        let version: WindowsVersion = "ltsc2022@20348.2582".parse().unwrap();
        assert_eq!(version.os_version(), "10.0.20348.2582");
        assert_eq!(version.to_string(), "ltsc2022@20348.2582");
        assert_eq!("windows".parse::<WindowsVersion>().unwrap().to_string(), "ltsc2022");
        assert_eq!("ltsc2019@17763.1".parse::<WindowsVersion>().unwrap().hns(), HnsVersion::new(9, 2));
        for (text, message) in [
            ("ltsc2020", "unknown Windows build `ltsc2020`; known are 1803, ltsc2019"),
            ("ltsc2022@20348", "`20348` is not a build and revision"),
            ("ltsc2022@17763.1", "ltsc2022 is build 20348, not 17763"),
        ] {
            let error = text.parse::<WindowsVersion>().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
