//! Whether a host can run an image in its own kernel.

/// Windows Server builds from which on an older image runs: hcsshim `osversion/platform_compat_windows.go`.
const STABLE_RELEASES: [u32; 2] = [20348, 26100];

/// Whether a host of build `host` runs a process-isolated container of build `image`: the rule of hcsshim's
/// `osversion.CheckHostAndContainerCompat`. Before Server 2022 builds must be equal; from then on the newest long-term
/// release older than the host, and everything up to the host itself, is compatible.
#[must_use]
pub fn is_compatible(host: u32, image: u32) -> bool {
    if host < STABLE_RELEASES[0] {
        return host == image;
    }
    let oldest = STABLE_RELEASES.iter().rev().find(|release| host > **release).unwrap_or(&STABLE_RELEASES[0]);
    (*oldest..=host).contains(&image)
}

/// Build and revision of `10.0.17763.1`; none where that is not one of Windows 10 and its kin.
pub(crate) fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    if (parts.next(), parts.next()) != (Some("10"), Some("0")) {
        return None;
    }
    let build = parts.next()?.parse().ok()?;
    Some((build, parts.next().and_then(|revision| revision.parse().ok()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{is_compatible, parse_version};

    #[test]
    fn the_table_of_microsoft() {
        for (host, image, runs) in [
            (17763, 17763, true),
            (17763, 20348, false),
            (20348, 17763, false),
            (20348, 20348, true),
            (25398, 20348, true),
            (26100, 20348, true),
            (26100, 26100, true),
            (26100, 26200, false),
            (26200, 20348, false),
            (26200, 26100, true),
        ] {
            assert_eq!(is_compatible(host, image), runs, "{image} on {host}");
        }
        assert_eq!(parse_version("10.0.17763.1"), Some((17763, 1)));
        assert_eq!(parse_version("6.1.7601"), None);
    }
}
