//! Figures (containerd `container_stats_list.go`, `sandbox_stats_windows.go`).

use super::core::Core;
use super::records::{ContainerRecord, SandboxRecord};
use crate::cri::{
    Code, ContainerState, ContainerStats, CpuUsage, CriError, MemoryUsage, PodSandboxState, PodSandboxStats,
};

/// What a task has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TaskStatistics {
    pub(crate) cpu_nanos: u64,
    pub(crate) working_set_bytes: u64,
    pub(crate) commit_bytes: u64,
    pub(crate) processes: u64,
}

impl Core {
    /// Figures of every running container.
    pub(crate) async fn container_stats(&self) -> Vec<ContainerStats> {
        let mut stats = Vec::new();
        for record in self.running_containers(None) {
            if let Some((_, figures)) = self.stats_of(&record).await {
                stats.push(figures);
            }
        }
        stats
    }

    fn running_containers(&self, sandbox: Option<&str>) -> Vec<ContainerRecord> {
        let state = self.state();
        let running = state.containers.values().filter(|record| {
            record.state == ContainerState::Running && sandbox.is_none_or(|id| id == record.sandbox_id)
        });
        running.cloned().collect()
    }

    async fn stats_of(&self, record: &ContainerRecord) -> Option<(u64, ContainerStats)> {
        let used = self.runtime.statistics(record.task.as_ref()?).await?;
        let timestamp = self.now();
        let figures = ContainerStats {
            id: record.id.clone(),
            pod_sandbox_id: record.sandbox_id.clone(),
            metadata: record.config.metadata.clone(),
            labels: record.config.labels.clone(),
            annotations: record.config.annotations.clone(),
            timestamp,
            cpu: self.cpu_usage(&record.id, used.cpu_nanos, timestamp),
            memory: MemoryUsage { working_set_bytes: used.working_set_bytes, usage_bytes: used.commit_bytes },
            writable_layer: self.snapshotter_root(),
        };
        Some((used.processes, figures))
    }

    /// `getUsageNanoCores`: what was used per second since the last question; 0 at the first one.
    fn cpu_usage(&self, id: &str, used: u64, at: i64) -> CpuUsage {
        let mut state = self.state();
        let before = state.usage.get(id).copied();
        let rate = match before {
            Some((then, earlier)) if at > then && used >= earlier => {
                let interval = u128::from(at.abs_diff(then));
                u64::try_from(u128::from(used - earlier) * 1_000_000_000 / interval).unwrap_or(u64::MAX)
            }
            _ => 0,
        };
        if before.is_none_or(|(then, earlier)| at > then && used >= earlier) {
            state.usage.insert(id.to_owned(), (at, used));
        }
        CpuUsage { usage_core_nano_seconds: used, usage_nano_cores: rate }
    }

    /// Figures of a sandbox that is ready: those of its pause container and of its containers together.
    pub(crate) async fn sandbox_stats(&self, record: &SandboxRecord) -> Result<PodSandboxStats, CriError> {
        if record.state != PodSandboxState::Ready {
            return Err(CriError::new(
                Code::Unavailable,
                format!(
                    "failed to get pod sandbox stats since sandbox container {:?} is not in ready state: unavailable",
                    record.id
                ),
            ));
        }
        let timestamp = self.now();
        let own = match &record.task {
            Some(task) => self.runtime.statistics(task).await.unwrap_or_default(),
            None => TaskStatistics::default(),
        };
        let mut memory =
            MemoryUsage { working_set_bytes: own.working_set_bytes, usage_bytes: own.commit_bytes };
        let (mut cpu, mut process_count, mut containers) = (own.cpu_nanos, own.processes, Vec::new());
        for container in self.running_containers(Some(&record.id)) {
            let Some((processes, figures)) = self.stats_of(&container).await else { continue };
            cpu += figures.cpu.usage_core_nano_seconds;
            memory.working_set_bytes += figures.memory.working_set_bytes;
            memory.usage_bytes += figures.memory.usage_bytes;
            process_count += processes;
            containers.push(figures);
        }
        Ok(PodSandboxStats {
            id: record.id.clone(),
            metadata: record.config.metadata.clone(),
            labels: record.config.labels.clone(),
            annotations: record.config.annotations.clone(),
            timestamp,
            cpu: self.cpu_usage(&record.id, cpu, timestamp),
            memory,
            interfaces: self.runtime.interfaces(&record.netns).await,
            process_count,
            containers,
        })
    }

    /// Where the snapshotter keeps its layers: the mount point of the image file system.
    pub(crate) fn snapshotter_root(&self) -> String {
        if self.runtime.is_windows() {
            format!(r"{}\io.containerd.snapshotter.v1.windows", self.config.root)
        } else {
            format!("{}/io.containerd.snapshotter.v1.overlayfs", self.config.root)
        }
    }
}
