//! Pressure on memory and disk, and who has to go (`pkg/kubelet/eviction`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::quantity;

use super::core::Kubelet;
use super::events::EventType;
use super::node::{MachineInfo, spare, threshold};
use super::pod::admission::Rejection;
use super::pod::facts::{PodFacts, qos_class, request};
use crate::cri::POD_UID_LABEL;

/// How often is measured (`monitoringInterval`).
const PERIOD: VirtualSpan = VirtualSpan::from_secs(10);
/// How long a pressure that is over still shows (`evictionPressureTransitionPeriod`).
const LINGER: VirtualSpan = VirtualSpan::from_secs(300);

/// What is short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pressure {
    pub(crate) memory: bool,
    pub(crate) disk: bool,
}

/// Evicted pods, and what is short.
#[derive(Debug, Default)]
pub(crate) struct Evictions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    evicted: BTreeMap<String, Rejection>,
    memory_until: Option<VirtualInstant>,
    disk_until: Option<VirtualInstant>,
    pressure: Pressure,
}

impl Evictions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a pod was evicted, if it was.
    pub(crate) fn of(&self, uid: &str) -> Option<Rejection> {
        self.state().evicted.get(uid).cloned()
    }

    pub(crate) fn forget(&self, uid: &str) {
        self.state().evicted.remove(uid);
    }

    pub(crate) fn pressure(&self) -> Pressure {
        self.state().pressure
    }

    /// Under pressure new pods are turned away: all for want of disk, BestEffort ones for want of memory.
    pub(crate) fn refuses(&self, pod: &Pod) -> Option<Rejection> {
        let pressure = self.pressure();
        let tolerated = pod
            .spec()
            .tolerations
            .iter()
            .flatten()
            .any(|toleration| toleration.key.as_deref() == Some("node.kubernetes.io/memory-pressure"));
        let best_effort = qos_class(pod.spec()) == "BestEffort" && !tolerated;
        let kind = match pressure {
            Pressure { disk: true, .. } => "DiskPressure",
            Pressure { memory: true, .. } if best_effort => "MemoryPressure",
            _ => return None,
        };
        Some(Rejection {
            reason: "Evicted".to_owned(),
            message: format!("The node had condition: [{kind}]. "),
        })
    }
}

/// Measures and evicts for as long as the kubelet runs.
pub(crate) async fn manage(kubelet: Arc<Kubelet>) {
    loop {
        synchronize(&kubelet).await;
        kubelet.clock.sleep(PERIOD).await;
    }
}

async fn synchronize(kubelet: &Arc<Kubelet>) {
    let Some(now) = spare(&kubelet.machine).await else { return };
    let MachineInfo { memory, disk, .. } = kubelet.machine_info;
    let limit = |signal: &str, whole: u64| {
        kubelet.config.eviction_hard.get(signal).map_or(0, |text| threshold(text, whole))
    };
    let (least_memory, least_disk) = (limit("memory.available", memory), limit("nodefs.available", disk));
    let (short_memory, short_disk) = (now.memory < least_memory, now.disk < least_disk);
    let at = kubelet.clock.now();
    {
        let mut state = kubelet.evictions.state();
        if short_memory {
            state.memory_until = Some(at + LINGER);
        }
        if short_disk {
            state.disk_until = Some(at + LINGER);
        }
        let lasts = |until: Option<VirtualInstant>| until.is_some_and(|until| at < until);
        state.pressure = Pressure { memory: lasts(state.memory_until), disk: lasts(state.disk_until) };
    }
    if short_memory {
        let text = format!(
            "The node was low on resource: memory. Threshold quantity: {}, available: {}Ki. ",
            kubelet.config.eviction_hard.get("memory.available").map_or("", String::as_str),
            now.memory >> 10
        );
        evict(kubelet, "memory", &text).await;
    } else if short_disk {
        let text = format!(
            "The node was low on resource: ephemeral-storage. Threshold quantity: {}, available: {}Ki. ",
            least_disk,
            now.disk >> 10
        );
        evict(kubelet, "ephemeral-storage", &text).await;
    }
}

/// Evicts the one pod that is over its requests the most, of the lowest priority.
async fn evict(kubelet: &Arc<Kubelet>, resource: &str, text: &str) {
    let usage = memory_by_pod(kubelet).await;
    let pods = kubelet.pods.list();
    let candidates =
        pods.iter().filter(|pod| !pod.is_deleted() && !pod.is_terminal() && kubelet.workers.has(pod.uid()));
    let rank = |pod: &&Arc<Pod>| {
        let used = usage.get(pod.uid()).copied().unwrap_or(0);
        let asked: i64 =
            pod.containers().iter().filter_map(|c| request(c, "memory")).map(quantity::value).sum();
        let over = used - asked;
        (over <= 0, pod.spec().priority.unwrap_or(0), -over, pod.text())
    };
    let Some(victim) = candidates.min_by_key(rank) else {
        kubelet.log.info(format_args!("Eviction manager: no pods are active to evict, resource={resource}"));
        return;
    };
    let critical = victim.spec().priority.unwrap_or(0) >= 2_000_000_000;
    if critical {
        return;
    }
    let rejection = Rejection { reason: "Evicted".to_owned(), message: text.to_owned() };
    kubelet.evictions.state().evicted.insert(victim.uid().to_owned(), rejection);
    kubelet.recorder.pod(victim, EventType::Warning, "Evicted", text);
    // A hard threshold leaves no time.
    kubelet.workers.kill(victim.uid(), Some(1));
}

async fn memory_by_pod(kubelet: &Kubelet) -> BTreeMap<String, i64> {
    let mut usage = BTreeMap::new();
    let Ok(cri) = kubelet.cri() else { return usage };
    for stats in cri.list_container_stats().await.unwrap_or_default() {
        if let Some(uid) = stats.labels.get(POD_UID_LABEL) {
            *usage.entry(uid.clone()).or_insert(0) +=
                i64::try_from(stats.memory.working_set_bytes).unwrap_or(i64::MAX);
        }
    }
    usage
}
