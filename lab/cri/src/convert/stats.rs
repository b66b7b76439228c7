//! Figures.

use winlab_node::cri;

use super::{container, count, sandbox};
use crate::proto;

fn attributes(stats: &cri::ContainerStats) -> Option<proto::ContainerAttributes> {
    Some(proto::ContainerAttributes {
        id: stats.id.clone(),
        metadata: Some(container::metadata(stats.metadata.clone())),
        labels: stats.labels.clone(),
        annotations: stats.annotations.clone(),
    })
}

fn identifier(mountpoint: &str) -> Option<proto::FilesystemIdentifier> {
    Some(proto::FilesystemIdentifier { mountpoint: mountpoint.to_owned() })
}

/// `ContainerStats`. The snapshotter of Windows tells no size of a writable layer: it is 0
/// (containerd `container_stats_list.go`, windowsContainerMetrics).
pub(crate) fn container_stats(stats: &cri::ContainerStats) -> proto::ContainerStats {
    proto::ContainerStats {
        attributes: attributes(stats),
        cpu: Some(proto::CpuUsage {
            timestamp: stats.timestamp,
            usage_core_nano_seconds: count(stats.cpu.usage_core_nano_seconds),
            usage_nano_cores: count(stats.cpu.usage_nano_cores),
            ..Default::default()
        }),
        memory: Some(proto::MemoryUsage {
            timestamp: stats.timestamp,
            working_set_bytes: count(stats.memory.working_set_bytes),
            usage_bytes: count(stats.memory.usage_bytes),
            ..Default::default()
        }),
        writable_layer: Some(proto::FilesystemUsage {
            timestamp: stats.timestamp,
            fs_id: identifier(&stats.writable_layer),
            used_bytes: count(0),
            inodes_used: count(0),
        }),
        ..Default::default()
    }
}

fn windows_cpu(timestamp: i64, cpu: cri::CpuUsage) -> Option<proto::WindowsCpuUsage> {
    Some(proto::WindowsCpuUsage {
        timestamp,
        usage_core_nano_seconds: count(cpu.usage_core_nano_seconds),
        usage_nano_cores: count(cpu.usage_nano_cores),
    })
}

fn windows_memory(timestamp: i64, memory: cri::MemoryUsage) -> Option<proto::WindowsMemoryUsage> {
    Some(proto::WindowsMemoryUsage {
        timestamp,
        working_set_bytes: count(memory.working_set_bytes),
        commit_memory_bytes: count(memory.usage_bytes),
        ..Default::default()
    })
}

fn windows_container(stats: &cri::ContainerStats) -> proto::WindowsContainerStats {
    proto::WindowsContainerStats {
        attributes: attributes(stats),
        cpu: windows_cpu(stats.timestamp, stats.cpu),
        memory: windows_memory(stats.timestamp, stats.memory),
        writable_layer: Some(proto::WindowsFilesystemUsage {
            timestamp: stats.timestamp,
            fs_id: identifier(&stats.writable_layer),
            used_bytes: count(0),
        }),
    }
}

fn interface(usage: &cri::InterfaceUsage) -> proto::WindowsNetworkInterfaceUsage {
    proto::WindowsNetworkInterfaceUsage {
        name: usage.name.clone(),
        rx_bytes: count(usage.rx_bytes),
        rx_packets_dropped: count(usage.rx_packets_dropped),
        tx_bytes: count(usage.tx_bytes),
        tx_packets_dropped: count(usage.tx_packets_dropped),
    }
}

/// `PodSandboxStats` of a Windows pod.
pub(crate) fn sandbox_stats(stats: &cri::PodSandboxStats) -> proto::PodSandboxStats {
    let timestamp = stats.timestamp;
    proto::PodSandboxStats {
        attributes: Some(proto::PodSandboxAttributes {
            id: stats.id.clone(),
            metadata: Some(sandbox::metadata(stats.metadata.clone())),
            labels: stats.labels.clone(),
            annotations: stats.annotations.clone(),
        }),
        linux: None,
        windows: Some(proto::WindowsPodSandboxStats {
            cpu: windows_cpu(timestamp, stats.cpu),
            memory: windows_memory(timestamp, stats.memory),
            network: Some(proto::WindowsNetworkUsage {
                timestamp,
                default_interface: stats.interfaces.first().map(interface),
                interfaces: stats.interfaces.iter().map(interface).collect(),
            }),
            process: Some(proto::WindowsProcessUsage {
                timestamp,
                process_count: count(stats.process_count),
            }),
            containers: stats.containers.iter().map(windows_container).collect(),
        }),
    }
}

/// Whether labels have all that a selector asks for.
fn selected(
    labels: &std::collections::BTreeMap<String, String>,
    selector: &std::collections::BTreeMap<String, String>,
) -> bool {
    selector.iter().all(|(name, value)| labels.get(name) == Some(value))
}

/// Whether a filter selects a container's figures. An id may be the beginning of one.
pub(crate) fn selects_container(filter: &proto::ContainerStatsFilter, stats: &cri::ContainerStats) -> bool {
    stats.id.starts_with(&filter.id)
        && stats.pod_sandbox_id.starts_with(&filter.pod_sandbox_id)
        && selected(&stats.labels, &filter.label_selector)
}

/// The sandboxes whose figures a filter selects: ready ones.
pub(crate) fn sandbox_stats_filter(filter: proto::PodSandboxStatsFilter) -> cri::PodSandboxFilter {
    cri::PodSandboxFilter {
        id: filter.id,
        state: Some(cri::PodSandboxState::Ready),
        label_selector: filter.label_selector,
    }
}
