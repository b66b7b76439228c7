//! Pressure on memory and disk, and who has to go (`pkg/kubelet/eviction`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_kube_client::k8s::core::{Pod, Taint};
use winlab_kube_client::{quantity, tolerates};

use super::core::Kubelet;
use super::events::EventType;
use super::node::{MachineInfo, spare, threshold};
use super::pod::admission::Rejection;
use super::pod::facts::{PodFacts, qos_class, request};
use super::setup::EvictionConfig;
use crate::cri::POD_UID_LABEL;

/// How often is measured (`monitoringInterval`).
const PERIOD: VirtualSpan = VirtualSpan::from_secs(10);
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
    /// Since when each threshold is met, without a break.
    first_met: BTreeMap<Threshold, VirtualInstant>,
    /// Thresholds that were acted upon: they are met until there is more room than they ask for.
    acted: BTreeSet<Threshold>,
    last_short: BTreeMap<Signal, VirtualInstant>,
    pressure: Pressure,
}

/// What is measured; memory comes first (`byEvictionPriority`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Signal {
    Memory,
    Disk,
}

impl Signal {
    /// Its name in the configuration, and that of its resource.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Memory => ("memory.available", "memory"),
            Self::Disk => ("nodefs.available", "ephemeral-storage"),
        }
    }
}

/// One bound. Hard ones come before soft ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Threshold {
    signal: Signal,
    /// How long it may be met; none: not at all.
    grace: Option<VirtualSpan>,
    least: u64,
    /// Beyond `least`, once it was acted upon.
    reclaim: u64,
    text: String,
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

    /// Under pressure new pods are turned away: all for want of disk, BestEffort ones for want of memory, critical ones never
    /// (`Admit`, `pkg/kubelet/eviction/eviction_manager.go`).
    pub(crate) fn refuses(&self, pod: &Pod) -> Option<Rejection> {
        let pressure = self.pressure();
        if pressure == Pressure::default() || is_critical(pod) {
            return None;
        }
        if !pressure.disk && (qos_class(pod.spec()) != "BestEffort" || tolerates_want_of_memory(pod)) {
            return None;
        }
        let kinds = [(pressure.memory, "MemoryPressure"), (pressure.disk, "DiskPressure")];
        let kinds: Vec<&str> = kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind).collect();
        Some(Rejection {
            reason: "Evicted".to_owned(),
            message: format!("The node had condition: [{}]. ", kinds.join(" ")),
        })
    }

    /// Takes a measurement in; the thresholds that are to be acted upon, the most urgent first (`synchronize`).
    fn observe(
        &self,
        thresholds: &[Threshold],
        spare: impl Fn(Signal) -> u64,
        now: VirtualInstant,
        transition: VirtualSpan,
    ) -> Vec<Threshold> {
        let mut state = self.state();
        let is_met = |threshold: &&Threshold| {
            let more = if state.acted.contains(*threshold) { threshold.reclaim } else { 0 };
            spare(threshold.signal) < threshold.least.saturating_add(more)
        };
        let met: BTreeSet<Threshold> = thresholds.iter().filter(is_met).cloned().collect();
        state.first_met.retain(|threshold, _| met.contains(threshold));
        for threshold in &met {
            state.first_met.entry(threshold.clone()).or_insert(now);
            state.last_short.insert(threshold.signal, now);
        }
        let shows = |signal| state.last_short.get(&signal).is_some_and(|last| now.since(*last) < transition);
        let seen = |signal| shows(signal) || met.iter().any(|threshold| threshold.signal == signal);
        state.pressure = Pressure { memory: seen(Signal::Memory), disk: seen(Signal::Disk) };
        let due = |threshold: &&Threshold| {
            let since = state.first_met.get(*threshold).map_or(VirtualSpan::ZERO, |first| now.since(*first));
            threshold.grace.is_none_or(|grace| since >= grace)
        };
        let due: Vec<Threshold> = met.iter().filter(due).cloned().collect();
        state.acted = due.iter().cloned().collect();
        due
    }
}

/// System pods (`IsCriticalPod`, `pkg/kubelet/types/pod_update.go`).
fn is_critical(pod: &Pod) -> bool {
    pod.spec().priority.unwrap_or(0) >= 2_000_000_000
}

fn tolerates_want_of_memory(pod: &Pod) -> bool {
    let taint = Taint {
        key: "node.kubernetes.io/memory-pressure".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    pod.spec().tolerations.iter().flatten().any(|toleration| tolerates(toleration, &taint))
}

/// Measures and evicts for as long as the kubelet runs.
pub(crate) async fn manage(kubelet: Arc<Kubelet>) {
    loop {
        synchronize(&kubelet).await;
        kubelet.clock.sleep(PERIOD).await;
    }
}

/// The thresholds of the configuration, by the size of the machine.
fn thresholds(config: &EvictionConfig, machine: &MachineInfo) -> Vec<Threshold> {
    let whole = |signal| if signal == Signal::Memory { machine.memory } else { machine.disk };
    let of = |signal: Signal, amounts: &BTreeMap<String, String>, grace: Option<VirtualSpan>| {
        let (name, _) = signal.names();
        let text = amounts.get(name)?;
        let reclaim = config.minimum_reclaim.get(name);
        Some(Threshold {
            signal,
            grace,
            least: threshold(text, whole(signal)),
            reclaim: reclaim.map_or(0, |text| threshold(text, whole(signal))),
            text: text.clone(),
        })
    };
    let of_signal = |signal: Signal| {
        let grace = config.soft_grace.get(signal.names().0).copied();
        [of(signal, &config.hard, None), of(signal, &config.soft, grace.or(Some(VirtualSpan::ZERO)))]
    };
    [Signal::Memory, Signal::Disk].into_iter().flat_map(of_signal).flatten().collect()
}

async fn synchronize(kubelet: &Arc<Kubelet>) {
    let Some(now) = spare(&kubelet.machine).await else { return };
    let config = &kubelet.config.eviction;
    let spare = |signal| if signal == Signal::Memory { now.memory } else { now.disk };
    let all = thresholds(config, &kubelet.machine_info);
    let due = kubelet.evictions.observe(&all, spare, kubelet.clock.now(), config.transition);
    let Some(first) = due.first() else { return };
    let (_, resource) = first.signal.names();
    let node = kubelet.node_object();
    let attempt = format!("Attempting to reclaim {resource}");
    kubelet.recorder.node(node.as_deref(), EventType::Warning, "EvictionThresholdMet", attempt);
    let least = if first.text.ends_with('%') { first.least.to_string() } else { first.text.clone() };
    let text = format!(
        "The node was low on resource: {resource}. Threshold quantity: {least}, available: {}Ki. ",
        spare(first.signal) >> 10
    );
    evict(kubelet, resource, &text, first.grace.is_some()).await;
}

/// Evicts the one pod that is over its requests the most, of the lowest priority; critical ones are passed over.
async fn evict(kubelet: &Arc<Kubelet>, resource: &str, text: &str, is_soft: bool) {
    let usage = memory_by_pod(kubelet).await;
    let pods = kubelet.pods.list();
    let is_active =
        |pod: &&Arc<Pod>| !pod.is_deleted() && !pod.is_terminal() && kubelet.workers.has(pod.uid());
    let rank = |pod: &&Arc<Pod>| {
        let used = usage.get(pod.uid()).copied().unwrap_or(0);
        let asked: i64 =
            pod.containers().iter().filter_map(|c| request(c, "memory")).map(quantity::value).sum();
        let over = used - asked;
        (over <= 0, pod.spec().priority.unwrap_or(0), -over, pod.text())
    };
    let candidates = pods.iter().filter(is_active).filter(|pod| !is_critical(pod));
    let Some(victim) = candidates.min_by_key(rank) else {
        kubelet.log.info(format_args!("Eviction manager: unable to evict any pods, resource={resource}"));
        return;
    };
    let rejection = Rejection { reason: "Evicted".to_owned(), message: text.to_owned() };
    kubelet.evictions.state().evicted.insert(victim.uid().to_owned(), rejection);
    kubelet.recorder.pod(victim, EventType::Warning, "Evicted", text);
    kubelet.workers.kill(victim.uid(), grace(victim, &kubelet.config.eviction, is_soft));
}

/// How many seconds an evicted pod has to end: a hard threshold leaves it one.
fn grace(pod: &Pod, config: &EvictionConfig, is_soft: bool) -> Option<i64> {
    let own = pod.spec().termination_grace_period_seconds;
    match config.max_pod_grace {
        _ if !is_soft => Some(1),
        most @ 0.. => Some(own.map_or(most, |own| own.min(most))),
        _ => own,
    }
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

#[cfg(test)]
mod tests {
    use winlab_clock::{VirtualInstant, VirtualSpan};
    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::core::Pod;

    use super::{Evictions, Pressure, Signal, Threshold};

    fn pod(extra: Document) -> Pod {
        let spec = doc!({"containers": [{"name": "a"}]}).merge_patch(&extra);
        doc!({"spec": spec}).decode().unwrap()
    }

    #[test]
    fn pressure_turns_away_all_but_those_that_may_come() {
        let evictions = Evictions::default();
        let exists = || doc!({"tolerations": [{"operator": "Exists"}]});
        let other = || doc!({"tolerations": [{"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoExecute"}]});
        let critical = || doc!({"priority": 2_000_001_000});
        let burstable = || doc!({"containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}}}]});
        let turned_away = |memory: bool, disk: bool| {
            evictions.state().pressure = Pressure { memory, disk };
            [doc!({}), exists(), other(), critical(), burstable()]
                .map(|extra| evictions.refuses(&pod(extra)).map(|why| why.message))
        };
        let because = |kinds: &str| Some(format!("The node had condition: [{kinds}]. "));
        let (memory, disk) = (because("MemoryPressure"), because("DiskPressure"));
        let both = because("MemoryPressure DiskPressure");
        assert_eq!(turned_away(true, false), [memory.clone(), None, memory, None, None]);
        assert_eq!(turned_away(false, true), [disk.clone(), disk.clone(), disk.clone(), None, disk]);
        assert_eq!(turned_away(true, true), [both.clone(), both.clone(), both.clone(), None, both]);
        assert_eq!(turned_away(false, false), [None, None, None, None, None]);
    }

    #[test]
    fn soft_thresholds_wait_and_what_was_acted_upon_must_be_reclaimed() {
        let evictions = Evictions::default();
        let threshold = |least, grace: Option<u64>, reclaim| Threshold {
            signal: Signal::Memory,
            grace: grace.map(VirtualSpan::from_secs),
            least,
            reclaim,
            text: least.to_string(),
        };
        let all = [threshold(100, None, 50), threshold(200, Some(30), 0)];
        let due = |secs, spare| {
            let now = VirtualInstant::START + VirtualSpan::from_secs(secs);
            let due = evictions.observe(&all, |_| spare, now, VirtualSpan::from_secs(60));
            (due.iter().map(|threshold| threshold.least).collect::<Vec<_>>(), evictions.pressure().memory)
        };
        assert_eq!(due(0, 300), (vec![], false));
        assert_eq!(due(10, 180), (vec![], true), "a soft one shows at once and waits");
        assert_eq!(due(20, 250), (vec![], true));
        assert_eq!(due(30, 180), (vec![], true), "a break begins its wait anew");
        assert_eq!(due(50, 180), (vec![], true));
        assert_eq!(due(60, 180), (vec![200], true));
        assert_eq!(due(70, 90), (vec![100, 200], true));
        assert_eq!(due(80, 140), (vec![100, 200], true), "more than 100, not yet 150");
        assert_eq!(due(90, 220), (vec![], true));
        assert_eq!(due(139, 220), (vec![], true), "shows for a minute");
        assert_eq!(due(140, 220), (vec![], false));
    }
}
