//! The pause image by minor (`build/pause/CHANGELOG.md`, `cmd/kubeadm/app/constants/constants.go`).

/// The pause image that kubeadm of 1.`minor` names. Before 1.21 Windows nodes took Microsoft's own.
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
        34 => "registry.k8s.io/pause:3.10.1",
        _ => "registry.k8s.io/pause:3.10.2",
    }
}
