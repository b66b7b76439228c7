//! How good a node is for a pod; higher is better.

use winlab_kube_client::k8s::core::Pod;

use super::cache::NodeInfo;
use super::needs::Needs;
use crate::node_affinity::term_matches;
use crate::ownership::controller_of;
use crate::tolerations::untolerated;

/// The scoring of nodes for one pod.
pub(super) struct Scoring<'a> {
    pod: &'a Pod,
    needs: &'a Needs,
    owner: Option<&'a str>,
    /// The most pods of the pod's owner on any node that fits.
    most: usize,
}

impl<'a> Scoring<'a> {
    pub(super) fn new<'n>(
        pod: &'a Pod,
        needs: &'a Needs,
        fitting: impl Iterator<Item = &'n NodeInfo>,
    ) -> Self {
        let owner = controller_of(pod).map(|owner| owner.uid.as_str());
        let most = owner.and_then(|owner| fitting.map(|node| node.pods_of(owner)).max());
        Self { pod, needs, owner, most: most.unwrap_or_default() }
    }

    /// The sum of upstream's default score plugins that the model has, each from 0 to 100 times its weight: least
    /// allocated (1), balanced allocation is folded into it, preferred node affinity (2), PreferNoSchedule taints (3),
    /// spreading of one owner's pods (2).
    pub(super) fn score(&self, info: &NodeInfo) -> i64 {
        least_allocated(self.needs, info)
            + 2 * preferred(self.pod, info)
            + 3 * taints(self.pod, info)
            + 2 * self.spread(info)
    }

    fn spread(&self, info: &NodeInfo) -> i64 {
        let here = self.owner.map_or(0, |owner| info.pods_of(owner));
        if here == 0 {
            return 100;
        }
        let amount = |pods: usize| i64::try_from(pods).unwrap_or(i64::MAX);
        (amount(self.most) - amount(here)) * 100 / amount(self.most)
    }
}

/// A container without a request counts as much as this (`DefaultMilliCPURequest`, `DefaultMemoryRequest`).
const DEFAULT_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

fn least_allocated(needs: &Needs, info: &NodeInfo) -> i64 {
    let free = |need: i64, used: i64, has: i64| {
        if has <= 0 { 0 } else { ((has - used - need).max(0) * 100) / has }
    };
    let cpu = free(needs.cpu.max(DEFAULT_CPU), info.used.cpu, info.allocatable.cpu);
    let memory = free(needs.memory.max(DEFAULT_MEMORY), info.used.memory, info.allocatable.memory);
    i64::midpoint(cpu, memory)
}

fn preferred(pod: &Pod, info: &NodeInfo) -> i64 {
    let terms = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.affinity.as_ref()?.node_affinity.as_ref())
        .and_then(|affinity| affinity.preferred_during_scheduling_ignored_during_execution.as_deref())
        .unwrap_or_default();
    let total: i64 = terms.iter().map(|term| i64::from(term.weight)).sum();
    let met = terms.iter().filter(|term| term_matches(&term.preference, &info.node));
    if total == 0 { 0 } else { met.map(|term| i64::from(term.weight)).sum::<i64>() * 100 / total }
}

fn taints(pod: &Pod, info: &NodeInfo) -> i64 {
    let taints = info.node.spec.as_ref().and_then(|spec| spec.taints.as_deref()).unwrap_or_default();
    if untolerated(pod, taints, &["PreferNoSchedule"]).is_some() { 0 } else { 100 }
}
