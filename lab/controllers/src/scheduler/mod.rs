//! The scheduler: binds each pod to a node (`pkg/scheduler`).
//!
//! Filters: unschedulable, taints, node selector and affinity, host ports, resources of every name, pod affinity and
//! anti-affinity. Scores: least allocated, preferred node affinity, PreferNoSchedule taints, pods of the same owner
//! spread out. `spec.os` plays no part, as upstream. Left out: preemption, topology spread constraints, volume
//! binding, pod priority in the queue, scheduling gates beyond "not yet".

mod cache;
mod filter;
mod needs;
mod score;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use winlab_clock::{Clock, Rng, Seed, VirtualSpan};
use winlab_kube_client::api::{ObjectMeta, PostParams};
use winlab_kube_client::k8s::core::{Binding, Namespace, Node, ObjectReference, Pod, PodCondition};
use winlab_kube_client::k8s::meta::Time;
use winlab_kube_client::{
    Api, Changes, Client, Error, ErrorExt, Identity, ObjectKey, ResourceExt, WatchConfig, reflect,
};

use self::cache::{Cache, NodeInfo};
use self::needs::Needs;
use crate::conditions;
use crate::events::Recorder;
use crate::pod_state::is_terminal;

/// The scheduler's name in pods.
const NAME: &str = "default-scheduler";
/// A pod that fitted nowhere is tried again this late even if nothing changed (`podMaxInUnschedulablePodsDuration`).
const RETRY: VirtualSpan = VirtualSpan::from_secs(300);
/// This many fitting nodes are enough in any cluster (`minFeasibleNodesToFind`).
const ENOUGH: usize = 100;

/// The running scheduler; it ends when this is dropped.
#[derive(Debug)]
pub struct Scheduler {
    _tasks: JoinSet<()>,
}

impl Scheduler {
    /// Starts it.
    pub fn start(version: &str, client: impl Fn(Identity) -> Client, clock: Clock, seed: Seed) -> Self {
        let client = client(Identity::new("kube-scheduler", version).user("system:kube-scheduler"));
        let mut tasks = JoinSet::new();
        let pods_api: Api<Pod> = Api::all(client.clone());
        let nodes_api: Api<Node> = Api::all(client.clone());
        let (pods, drive) = reflect(pods_api, WatchConfig::all(), clock, seed.child("pods"));
        tasks.spawn(drive);
        let (nodes, drive) = reflect(nodes_api, WatchConfig::all(), clock, seed.child("nodes"));
        tasks.spawn(drive);
        let namespaces_api: Api<Namespace> = Api::all(client.clone());
        let config = WatchConfig::all();
        let (namespaces, drive) = reflect(namespaces_api, config, clock, seed.child("namespaces"));
        tasks.spawn(drive);
        let recorder = Recorder::new(client.clone(), clock, seed, NAME, "");
        let rng = seed.child("ties").rng();
        tasks.spawn(async move {
            nodes.synced().await;
            pods.synced().await;
            namespaces.synced().await;
            let work = Work {
                client,
                clock,
                recorder,
                rng,
                cache: Cache::new(namespaces),
                waiting: BTreeMap::new(),
                queue: BTreeSet::new(),
                start: String::new(),
                retry_at: None,
            };
            work.run(pods.changes(), nodes.changes()).await;
        });
        Self { _tasks: tasks }
    }
}

struct Work {
    client: Client,
    clock: Clock,
    recorder: Recorder,
    rng: Rng,
    cache: Cache,
    /// Pods without a node.
    waiting: BTreeMap<ObjectKey, Arc<Pod>>,
    /// Those of them that are to be tried now, the oldest first.
    queue: BTreeSet<(Option<Time>, ObjectKey)>,
    /// The node at which the next look over all of them starts, so that they take turns.
    start: String,
    retry_at: Option<winlab_clock::VirtualInstant>,
}

impl Work {
    async fn run(mut self, mut pods: Changes<Pod>, mut nodes: Changes<Node>) {
        loop {
            self.take_in(&mut pods, &mut nodes);
            if let Some((_, key)) = self.queue.pop_first() {
                self.schedule(&key).await;
                continue;
            }
            let (clock, retry_at) = (self.clock, self.retry_at);
            let idle = async move {
                match retry_at {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let (idle, pod, node) =
                (std::pin::pin!(idle), std::pin::pin!(pods.next()), std::pin::pin!(nodes.next()));
            let change = futures::future::select(pod, node);
            match futures::future::select(change, idle).await {
                futures::future::Either::Left((futures::future::Either::Left((changes, _)), _)) => {
                    self.take_pods(changes);
                }
                futures::future::Either::Left((futures::future::Either::Right((changes, _)), _)) => {
                    self.take_nodes(changes);
                }
                futures::future::Either::Right(_) => {
                    self.retry_at = None;
                    self.wake_all();
                }
            }
        }
    }

    fn take_in(&mut self, pods: &mut Changes<Pod>, nodes: &mut Changes<Node>) {
        self.take_nodes(nodes.take());
        self.take_pods(pods.take());
    }

    fn take_nodes(&mut self, changes: Vec<winlab_kube_client::Change<Node>>) {
        let mut better = false;
        for change in changes {
            better |= self.cache.node_changed(&change.key.name, change.before.as_deref(), change.now);
        }
        if better {
            self.wake_all();
        }
    }

    fn take_pods(&mut self, changes: Vec<winlab_kube_client::Change<Pod>>) {
        let mut freed = false;
        for change in changes {
            freed |= self.cache.pod_changed(&change.key, change.now.as_ref());
            match change.now {
                Some(pod) if is_ours(&pod) => {
                    let known = self.waiting.insert(change.key.clone(), pod.clone());
                    if known.as_ref().is_some_and(|known| same_spec(known, &pod)) {
                        continue;
                    }
                    if let Some(known) = known {
                        self.queue.remove(&turn(&change.key, &known));
                    }
                    self.queue.insert(turn(&change.key, &pod));
                }
                _ => {
                    if let Some(pod) = self.waiting.remove(&change.key) {
                        self.queue.remove(&turn(&change.key, &pod));
                    }
                }
            }
        }
        if freed {
            self.wake_all();
        }
    }

    fn wake_all(&mut self) {
        self.queue.extend(self.waiting.iter().map(|(key, pod)| turn(key, pod)));
    }

    async fn schedule(&mut self, key: &ObjectKey) {
        let Some(pod) = self.waiting.get(key).cloned() else { return };
        match self.choose(&pod) {
            Ok(node) => {
                if self.bind(&pod, &node).await.is_ok() {
                    self.cache.assume(key, &pod, &node);
                    self.waiting.remove(key);
                    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
                    self.recorder.normal(&*pod, "Scheduled", &message).await;
                } else {
                    self.later();
                }
            }
            Err(message) => {
                self.later();
                self.refuse(&pod, &message).await;
            }
        }
    }

    fn later(&mut self) {
        let at = self.clock.now() + RETRY;
        self.retry_at = Some(self.retry_at.map_or(at, |known| known.min(at)));
    }

    /// The best node, or why there is none, in the words of upstream's `FitError`.
    fn choose(&mut self, pod: &Pod) -> Result<String, String> {
        let needs = Needs::of(pod);
        let total = self.cache.len();
        let mut refusals = filter::Refusals::new();
        let mut fitting = Vec::new();
        let enough = enough(total);
        let mut nodes = self.cache.from(&self.start);
        for (name, node) in &mut nodes {
            if !filter::refuses(pod, &needs, node, &self.cache, &mut refusals) {
                fitting.push((name, node));
            }
            if fitting.len() >= enough {
                break;
            }
        }
        if let Some((next, _)) = nodes.next() {
            self.start.clone_from(next);
        }
        if fitting.is_empty() {
            let mut reasons: Vec<String> =
                refusals.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            reasons.sort();
            return Err(if total == 0 {
                "no nodes available to schedule pods".to_owned()
            } else {
                format!("0/{total} nodes are available: {}.", reasons.join(", "))
            });
        }
        Ok(best(pod, &needs, &fitting, &mut self.rng).to_owned())
    }

    async fn bind(&self, pod: &Pod, node: &str) -> Result<(), Error> {
        let namespace = pod.namespace().unwrap_or_default();
        let binding = Binding {
            metadata: ObjectMeta {
                name: Some(pod.name_any()),
                namespace: Some(namespace.clone()),
                uid: pod.uid(),
                ..ObjectMeta::default()
            },
            target: ObjectReference {
                kind: Some("Node".to_owned()),
                name: Some(node.to_owned()),
                ..ObjectReference::default()
            },
        };
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &namespace);
        let bound: Result<serde_json::Value, Error> =
            pods.create_subresource("binding", &pod.name_any(), &PostParams::default(), &binding).await;
        match bound {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Tells that a pod fits nowhere: once per message.
    async fn refuse(&self, pod: &Pod, message: &str) {
        let known = crate::pod_state::condition(pod, "PodScheduled");
        if known.is_some_and(|known| known.status == "False" && known.message.as_deref() == Some(message)) {
            return;
        }
        self.recorder.warning(pod, "FailedScheduling", message).await;
        let mut changed = pod.clone();
        let list = changed.status.get_or_insert_default().conditions.get_or_insert_default();
        conditions::set(
            list,
            PodCondition {
                type_: "PodScheduled".to_owned(),
                status: "False".to_owned(),
                reason: Some("Unschedulable".to_owned()),
                message: Some(message.to_owned()),
                last_transition_time: Some(Time(self.clock.timestamp())),
                ..PodCondition::default()
            },
        );
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        // Losing a race for the status is fine: the pod comes round again with what won.
        let _ = pods.replace_status(&pod.name_any(), &PostParams::default(), &changed).await;
    }
}

/// A pod's place in the queue.
fn turn(key: &ObjectKey, pod: &Pod) -> (Option<Time>, ObjectKey) {
    (pod.metadata.creation_timestamp.clone(), key.clone())
}

/// The node with the highest score; among equals the seed decides, as upstream's random choice does.
fn best<'a>(pod: &Pod, needs: &Needs, fitting: &[(&'a String, &NodeInfo)], rng: &mut Rng) -> &'a str {
    let scoring = score::Scoring::new(pod, needs, fitting.iter().map(|(_, node)| *node));
    let scored = fitting.iter().map(|(name, node)| (scoring.score(node), name.as_str()));
    let first = (i64::MIN, 0_u64, "");
    let (_, _, chosen) = scored.fold(first, |(best, ties, chosen), (score, name)| {
        if score > best {
            return (score, 1, name);
        }
        let ties = ties + u64::from(score == best);
        let replaces = score == best && rng.below(ties) == 0;
        (best, ties, if replaces { name } else { chosen })
    });
    chosen
}

/// How many fitting nodes are enough: fewer in large clusters (`numFeasibleNodesToFind`).
fn enough(total: usize) -> usize {
    if total < ENOUGH {
        return total;
    }
    let percent = 50_usize.saturating_sub(total / 125).max(5);
    (total * percent / 100).max(ENOUGH)
}

/// Whether the pod waits for this scheduler.
fn is_ours(pod: &Pod) -> bool {
    let Some(spec) = &pod.spec else { return false };
    spec.node_name.as_deref().unwrap_or_default().is_empty()
        && pod.metadata.deletion_timestamp.is_none()
        && !is_terminal(pod)
        && spec.scheduler_name.as_deref().unwrap_or(NAME) == NAME
        && spec.scheduling_gates.as_ref().is_none_or(Vec::is_empty)
}

fn same_spec(a: &Pod, b: &Pod) -> bool {
    a.spec == b.spec && a.metadata.labels == b.metadata.labels
}
