//! The pause image by minor (`build/pause/CHANGELOG.md`, `cmd/kubeadm/app/constants/constants.go`).

/// The pause image that kubeadm of 1.`minor` names. Before 1.21 Windows nodes took Microsoft's own, as the one that
/// kubeadm named (3.2) had no Windows. Early patches up to 1.24 wrote the registry as `k8s.gcr.io`.
#[must_use]
pub fn pause_image(minor: u32) -> &'static str {
    match minor {
        ..=20 => "mcr.microsoft.com/oss/kubernetes/pause:1.4.1",
        21 => "registry.k8s.io/pause:3.4.1",
        22 => "registry.k8s.io/pause:3.5",
        23 => "registry.k8s.io/pause:3.6",
        24 => "registry.k8s.io/pause:3.7",
        25 => "registry.k8s.io/pause:3.8",
        26..=30 => "registry.k8s.io/pause:3.9",
        31..=33 => "registry.k8s.io/pause:3.10",
        34..=35 => "registry.k8s.io/pause:3.10.1",
        _ => "registry.k8s.io/pause:3.10.2",
    }
}

#[cfg(test)]
mod tests {
    use super::pause_image;

    #[test]
    fn as_kubeadm_of_each_minor_names_it() {
        for (minor, tag) in [
            (20, "1.4.1"),
            (21, "3.4.1"),
            (22, "3.5"),
            (23, "3.6"),
            (24, "3.7"),
            (25, "3.8"),
            (26, "3.9"),
            (30, "3.9"),
            (31, "3.10"),
            (33, "3.10"),
            (34, "3.10.1"),
            (35, "3.10.1"),
            (36, "3.10.2"),
            (37, "3.10.2"),
        ] {
            assert_eq!(pause_image(minor).rsplit(':').next(), Some(tag), "1.{minor}");
        }
    }
}
