//! Limits.

use winlab_node::cri;

use crate::proto;

/// `LinuxContainerResources`
pub(crate) fn linux(resources: proto::LinuxContainerResources) -> cri::LinuxContainerResources {
    cri::LinuxContainerResources {
        cpu_period: resources.cpu_period,
        cpu_quota: resources.cpu_quota,
        cpu_shares: resources.cpu_shares,
        memory_limit_in_bytes: resources.memory_limit_in_bytes,
        oom_score_adj: resources.oom_score_adj,
    }
}

/// `WindowsContainerResources`
pub(crate) fn windows(resources: proto::WindowsContainerResources) -> cri::WindowsContainerResources {
    cri::WindowsContainerResources {
        cpu_shares: resources.cpu_shares,
        cpu_count: resources.cpu_count,
        cpu_maximum: resources.cpu_maximum,
        memory_limit_in_bytes: resources.memory_limit_in_bytes,
        rootfs_size_in_bytes: resources.rootfs_size_in_bytes,
    }
}

/// Both systems' limits of an update.
pub(crate) fn container_resources(
    linux_limits: Option<proto::LinuxContainerResources>,
    windows_limits: Option<proto::WindowsContainerResources>,
) -> cri::ContainerResources {
    cri::ContainerResources { linux: linux_limits.map(linux), windows: windows_limits.map(windows) }
}

/// `ContainerResources`
pub(crate) fn to_proto(resources: cri::ContainerResources) -> proto::ContainerResources {
    let linux = resources.linux.map(|linux| proto::LinuxContainerResources {
        cpu_period: linux.cpu_period,
        cpu_quota: linux.cpu_quota,
        cpu_shares: linux.cpu_shares,
        memory_limit_in_bytes: linux.memory_limit_in_bytes,
        oom_score_adj: linux.oom_score_adj,
        ..Default::default()
    });
    let windows = resources.windows.map(|windows| proto::WindowsContainerResources {
        cpu_shares: windows.cpu_shares,
        cpu_count: windows.cpu_count,
        cpu_maximum: windows.cpu_maximum,
        memory_limit_in_bytes: windows.memory_limit_in_bytes,
        rootfs_size_in_bytes: windows.rootfs_size_in_bytes,
        ..Default::default()
    });
    proto::ContainerResources { linux, windows }
}
