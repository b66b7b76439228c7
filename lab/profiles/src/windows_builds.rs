//! Windows builds.
//!
//! Build numbers: Microsoft's release information pages and hcsshim `osversion/windowsbuilds.go`. HNS versions as seen
//! on patched hosts (kubernetes#93304, kubernetes#131466, hcsshim#1003, microsoft/Windows-Containers#485); where only
//! the range is known the lowest of it stands.

use crate::hns_features::HnsVersion;

/// One build of Windows.
#[derive(Debug, PartialEq, Eq)]
pub struct WindowsBuild {
    /// Its name in scenarios: `ltsc2022`.
    pub name: &'static str,
    /// Other names it goes by.
    pub aliases: &'static [&'static str],
    /// Build number: 20348.
    pub build: u32,
    /// The revision (UBR) of a well-patched host.
    pub revision: u32,
    /// `ProductName` in the registry, the node's OS image.
    pub product: &'static str,
    /// `DisplayVersion`, or `ReleaseId` of older builds.
    pub display_version: &'static str,
    /// What HNS reports.
    pub hns: HnsVersion,
    /// The newest HCS schema version.
    pub hcs_schema: (u16, u16),
}

const fn build(
    name: &'static str,
    aliases: &'static [&'static str],
    numbers: (u32, u32),
    product: &'static str,
    display_version: &'static str,
    hns: (u16, u16),
    hcs_schema: (u16, u16),
) -> WindowsBuild {
    WindowsBuild {
        name,
        aliases,
        build: numbers.0,
        revision: numbers.1,
        product,
        display_version,
        hns: HnsVersion::new(hns.0, hns.1),
        hcs_schema,
    }
}

/// Every known build, oldest first.
pub static BUILDS: [WindowsBuild; 11] = [
    build("1803", &["rs4"], (17134, 2208), "Windows Server Standard", "1803", (7, 2), (1, 0)),
    build(
        "ltsc2019",
        &["1809", "rs5", "2019", "windows-2019"],
        (17763, 5936),
        "Windows Server 2019 Datacenter",
        "1809",
        (9, 5),
        (2, 1),
    ),
    build("1903", &["19h1"], (18362, 1256), "Windows Server Datacenter", "1903", (10, 3), (2, 2)),
    build("1909", &["19h2"], (18363, 1556), "Windows Server Datacenter", "1909", (10, 3), (2, 2)),
    build("2004", &["20h1"], (19041, 1415), "Windows Server Datacenter", "2004", (11, 10), (2, 3)),
    build("20h2", &[], (19042, 1889), "Windows Server Datacenter", "20H2", (11, 10), (2, 3)),
    build(
        "ltsc2022",
        &["21h2", "2022", "windows-2022"],
        (20348, 2762),
        "Windows Server 2022 Datacenter",
        "21H2",
        (13, 3),
        (2, 5),
    ),
    build("win11-21h2", &[], (22000, 2538), "Windows 10 Enterprise", "21H2", (14, 0), (2, 6)),
    build("win11-22h2", &[], (22621, 3007), "Windows 10 Enterprise", "22H2", (15, 0), (2, 6)),
    build("23h2", &["annual2023"], (25398, 1128), "Windows Server 2022 Datacenter", "23H2", (15, 1), (2, 6)),
    build(
        "ltsc2025",
        &["24h2", "2025", "windows-2025"],
        (26100, 4349),
        "Windows Server 2025 Datacenter",
        "24H2",
        (15, 5),
        (2, 6),
    ),
];

/// What `windows` means where no build is named.
pub const DEFAULT_BUILD: &str = "ltsc2022";

impl WindowsBuild {
    /// The build of that name or alias, whatever its case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let name = if name.eq_ignore_ascii_case("windows") { DEFAULT_BUILD } else { name };
        BUILDS.iter().find(|build| {
            build.name.eq_ignore_ascii_case(name)
                || build.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }

    /// The build with that number.
    #[must_use]
    pub fn by_number(number: u32) -> Option<&'static Self> {
        BUILDS.iter().find(|build| build.build == number)
    }
}

#[cfg(test)]
mod tests {
    use super::{BUILDS, WindowsBuild};

    #[test]
    fn builds_are_in_order_and_names_unique() {
        assert!(BUILDS.windows(2).all(|pair| pair[0].build < pair[1].build && pair[0].hns <= pair[1].hns));
        let mut names: Vec<&str> =
            BUILDS.iter().flat_map(|build| build.aliases.iter().copied().chain([build.name])).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(WindowsBuild::by_name("windows").map(|build| build.build), Some(20348));
        assert_eq!(WindowsBuild::by_name("LTSC2019").map(|build| build.build), Some(17763));
    }
}
