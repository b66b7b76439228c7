//! What a host is before HNS does anything to it.

use winlab_host::Adapter;
use winlab_profiles::WindowsVersion;

/// The host an [`Hns`](crate::Hns) runs on.
#[derive(Debug, Clone)]
pub struct HnsConfig {
    /// Its Windows, with the version that `GET /globals/version` reports; it decides which calls, flags and policies
    /// there are.
    pub windows: WindowsVersion,
    /// The computer name.
    pub host_name: String,
    /// The host's DNS suffix; empty for none.
    pub dns_suffix: String,
    /// The host's adapters before any network takes one over.
    pub adapters: Vec<Adapter>,
    /// The date of [`VirtualInstant::START`](winlab_clock::VirtualInstant::START) as a FILETIME: units of 100 ns since
    /// 1601-01-01.
    pub epoch: u64,
}

impl HnsConfig {
    /// 2026-01-01T00:00:00Z as a FILETIME: where a lab's virtual clock starts.
    pub const EPOCH: u64 = 134_116_992_000_000_000;
}
