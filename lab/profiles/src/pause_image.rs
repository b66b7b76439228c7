//! The pause image by minor (`build/pause/CHANGELOG.md`, `cmd/kubeadm/app/constants/constants.go`).

/// The pause images of one minor: what holds a pod's namespaces on each system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseImages {
    /// On Linux nodes.
    pub linux: &'static str,
    /// On Windows nodes.
    pub windows: &'static str,
}

/// The pause images of 1.`minor`: the one that its kubeadm names, but for Windows nodes before 1.21, which took
/// Microsoft's own, as kubeadm's (3.2) had no Windows. 1.20 and 1.21 name `k8s.gcr.io` to the last; early patches of 1.22 to 1.24 did so too.
#[must_use]
pub fn pause_images(minor: u32) -> PauseImages {
    let both = match minor {
        ..=20 => {
            return PauseImages {
                linux: "k8s.gcr.io/pause:3.2",
                windows: "mcr.microsoft.com/oss/kubernetes/pause:1.4.1",
            };
        }
        21 => "k8s.gcr.io/pause:3.4.1",
        22 => "registry.k8s.io/pause:3.5",
        23 => "registry.k8s.io/pause:3.6",
        24 => "registry.k8s.io/pause:3.7",
        25 => "registry.k8s.io/pause:3.8",
        26..=30 => "registry.k8s.io/pause:3.9",
        31..=33 => "registry.k8s.io/pause:3.10",
        34..=35 => "registry.k8s.io/pause:3.10.1",
        _ => "registry.k8s.io/pause:3.10.2",
    };
    PauseImages { linux: both, windows: both }
}

#[cfg(test)]
mod tests {
    use super::pause_images;

    #[test]
    fn as_kubeadm_of_each_minor_names_it() {
        for (minor, linux, windows) in [
            (20, "3.2", "1.4.1"),
            (21, "3.4.1", "3.4.1"),
            (22, "3.5", "3.5"),
            (23, "3.6", "3.6"),
            (24, "3.7", "3.7"),
            (25, "3.8", "3.8"),
            (26, "3.9", "3.9"),
            (30, "3.9", "3.9"),
            (31, "3.10", "3.10"),
            (33, "3.10", "3.10"),
            (34, "3.10.1", "3.10.1"),
            (35, "3.10.1", "3.10.1"),
            (36, "3.10.2", "3.10.2"),
            (37, "3.10.2", "3.10.2"),
        ] {
            let images = pause_images(minor);
            let tag = |image: &'static str| image.rsplit(':').next();
            assert_eq!((tag(images.linux), tag(images.windows)), (Some(linux), Some(windows)), "1.{minor}");
        }
    }
}
