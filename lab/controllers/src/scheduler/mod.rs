//! The scheduler: binds each pod to a node (`pkg/scheduler`).
//!
//! Filters: node name, unschedulable, taints, node selector and affinity, resources, host ports, pod affinity and
//! anti-affinity. Scores: least allocated, preferred node affinity, PreferNoSchedule taints, pods of the same owner
//! spread out. `spec.os` plays no part, as upstream. Left out: preemption, topology spread constraints, volume
//! binding, pod priority in the queue, scheduling gates beyond "not yet".

mod cache;
mod filter;
mod score;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;
use winlab_clock::{Clock, Rng, Seed, VirtualSpan};
use winlab_kube_client::api::{ObjectMeta, PostParams};
use winlab_kube_client::k8s::core::{Binding, Node, ObjectReference, Pod, PodCondition};
use winlab_kube_client::{
    Api, Changes, Client, Error, ErrorExt, Identity, ObjectKey, ResourceExt, WatchConfig, reflect,
};

use self::cache::Cache;
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
        let recorder = Recorder::new(client.clone(), clock, seed, NAME, "");
        let rng = seed.child("ties").rng();
        tasks.spawn(async move {
            nodes.synced().await;
            pods.synced().await;
            let work = Work {
                client,
                clock,
                recorder,
                rng,
                cache: Cache::default(),
                waiting: BTreeMap::new(),
                start: 0,
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
    /// Pods without a node, with whether they are to be tried now.
    waiting: BTreeMap<ObjectKey, (Arc<Pod>, bool)>,
    /// Where the next look over the nodes starts, so that they take turns.
    start: usize,
    retry_at: Option<winlab_clock::VirtualInstant>,
}

impl Work {
    async fn run(mut self, mut pods: Changes<Pod>, mut nodes: Changes<Node>) {
        loop {
            self.take_in(&mut pods, &mut nodes);
            if let Some(key) = self.next_key() {
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
                    let known =
                        self.waiting.get(&change.key).is_some_and(|(known, _)| same_spec(known, &pod));
                    let now = !known || self.waiting.get(&change.key).is_some_and(|(_, now)| *now);
                    self.waiting.insert(change.key, (pod, now));
                }
                _ => {
                    self.waiting.remove(&change.key);
                }
            }
        }
        if freed {
            self.wake_all();
        }
    }

    fn wake_all(&mut self) {
        for (_, now) in self.waiting.values_mut() {
            *now = true;
        }
    }

    /// The oldest pod that is to be tried.
    fn next_key(&self) -> Option<ObjectKey> {
        let ready = self.waiting.iter().filter(|(_, (_, now))| *now);
        ready
            .min_by_key(|(key, (pod, _))| (pod.metadata.creation_timestamp.clone(), (*key).clone()))
            .map(|(k, _)| k.clone())
    }

    async fn schedule(&mut self, key: &ObjectKey) {
        let Some((pod, now)) = self.waiting.get_mut(key) else { return };
        *now = false;
        let pod = pod.clone();
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
        let needs = filter::Needs::of(pod);
        let names = self.cache.names();
        let total = names.len();
        let mut refusals: BTreeMap<String, usize> = BTreeMap::new();
        let mut fitting = Vec::new();
        let enough = enough(total);
        let mut looked = 0;
        for at in 0..total {
            let name = &names[(self.start + at) % total];
            looked += 1;
            let Some(node) = self.cache.node(name) else { continue };
            match filter::refusal(pod, &needs, node, &self.cache) {
                None => fitting.push(name.clone()),
                Some(reason) => *refusals.entry(reason).or_default() += 1,
            }
            if fitting.len() >= enough {
                break;
            }
        }
        if total > 0 {
            self.start = (self.start + looked) % total;
        }
        if fitting.is_empty() {
            let reasons: Vec<String> =
                refusals.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            return Err(if total == 0 {
                "no nodes available to schedule pods".to_owned()
            } else {
                format!("0/{total} nodes are available: {}.", reasons.join(", "))
            });
        }
        Ok(self.best(pod, &needs, fitting))
    }

    /// The highest score; among equals the seed decides, as upstream's random choice does.
    fn best(&mut self, pod: &Pod, needs: &filter::Needs, fitting: Vec<String>) -> String {
        let scoring = score::Scoring::new(pod, needs, &self.cache);
        fitting
            .into_iter()
            .filter_map(|name| Some((scoring.score(self.cache.node(&name)?), name)))
            .fold((i64::MIN, 0_u64, String::new()), |(best, ties, chosen), (score, name)| {
                if score > best {
                    return (score, 1, name);
                }
                let ties = ties + u64::from(score == best);
                let replaces = score == best && self.rng.below(ties) == 0;
                (best, ties, if replaces { name } else { chosen })
            })
            .2
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
                last_transition_time: Some(winlab_kube_client::k8s::meta::Time(self.clock.timestamp())),
                ..PodCondition::default()
            },
        );
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        // Losing a race for the status is fine: the pod comes round again with what won.
        let _ = pods.replace_status(&pod.name_any(), &PostParams::default(), &changed).await;
    }
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
