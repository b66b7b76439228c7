//! Which images run on which hosts (hcsshim `osversion/platform_compat_windows.go`; Microsoft's "Windows container
//! version compatibility").

/// How a container is kept apart from its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Shares the host's kernel: the builds must fit.
    Process,
    /// A virtual machine of its own: the image may be older.
    HyperV,
    /// A job object on the host: the image's build plays no part.
    HostProcess,
}

/// Server 2022: from here on a process-isolated container may be older than its host.
const LTSC2022: u32 = 20348;
/// Long-term releases that newer hosts still run, newest last.
const STABLE: [u32; 2] = [LTSC2022, 26100];

/// Whether a container of `image` (build number) runs on `host`.
#[must_use]
pub fn container_runs(host: u32, image: u32, isolation: Isolation) -> bool {
    match isolation {
        Isolation::HostProcess => true,
        Isolation::HyperV => image <= host,
        Isolation::Process if host <= LTSC2022 => image == host,
        Isolation::Process => {
            let oldest = STABLE.iter().rev().find(|stable| **stable < host).copied().unwrap_or(host);
            (oldest..=host).contains(&image)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Isolation, container_runs};

    #[test]
    fn process_isolation() {
        for (host, image, runs) in [
            (17763, 17763, true),
            (17763, 20348, false),
            (20348, 17763, false),
            (20348, 20348, true),
            (25398, 20348, true),
            (26100, 20348, true),
            (26100, 25398, true),
            (26100, 17763, false),
            (26200, 20348, false),
            (26200, 26100, true),
        ] {
            assert_eq!(container_runs(host, image, Isolation::Process), runs, "{image} on {host}");
        }
        assert!(container_runs(20348, 17763, Isolation::HyperV));
        assert!(!container_runs(17763, 20348, Isolation::HyperV));
    }
}
