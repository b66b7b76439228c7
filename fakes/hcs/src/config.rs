//! What a host is before any container runs on it.

/// The host an [`Hcs`](crate::Hcs) runs on.
#[derive(Debug, Clone)]
pub struct HcsConfig {
    /// Build and revision of Windows.
    pub build: (u32, u32),
    /// Whether the feature Hyper-V is installed: without it there are no virtual machines.
    pub hyper_v: bool,
    /// Logical processors.
    pub processors: u32,
    /// Physical memory in bytes.
    pub memory: u64,
}
