//! Events about the node and its pods (`k8s.io/client-go/tools/record`).
//!
//! Equal events of one object become one with a count; an object that causes more than 25 in a row is heard again only
//! once in five minutes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use winlab_clock::{Clock, Rng, Seed, VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Container, Event, EventSource, Node, ObjectReference, Pod};
use winlab_kube_client::k8s::meta::{ObjectMeta, Time};
use winlab_kube_client::{Api, Client, ErrorExt};

/// How many events an object may cause at once (`defaultSpamBurst`).
const BURST: u64 = 25;
/// How long it takes until it may cause one more (`defaultSpamQPS` = 1/300).
const REFILL: VirtualSpan = VirtualSpan::from_secs(300);

/// `Normal` or `Warning`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventType {
    Normal,
    Warning,
}

impl EventType {
    fn word(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// Writes events, one after the other and beside the kubelet's work.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Inner>);

struct Inner {
    clock: Clock,
    node: String,
    queue: Option<mpsc::UnboundedSender<Note>>,
    state: Mutex<State>,
}

struct State {
    names: Rng,
    known: BTreeMap<String, Known>,
    tokens: BTreeMap<String, Tokens>,
}

#[derive(Clone)]
struct Known {
    name: String,
    namespace: String,
    count: i32,
}

struct Tokens {
    left: u64,
    at: VirtualInstant,
}

/// One write that is due.
enum Note {
    Create(Box<Event>),
    Count { namespace: String, name: String, count: i32, at: Time },
}

impl Recorder {
    /// A recorder and what drives it; a recorder that nobody wants to hear has nothing to drive.
    pub(crate) fn new(
        client: Client,
        clock: Clock,
        node: &str,
        seed: Seed,
        silent: bool,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = State { names: seed.rng(), known: BTreeMap::new(), tokens: BTreeMap::new() };
        let inner = Inner {
            clock,
            node: node.to_owned(),
            queue: (!silent).then_some(sender),
            state: Mutex::new(state),
        };
        (Self(Arc::new(inner)), drive(client, receiver))
    }

    /// An event about a pod.
    pub(crate) fn pod(&self, pod: &Pod, kind: EventType, reason: &str, message: impl Into<String>) {
        self.record(pod_reference(pod), kind, reason, message.into());
    }

    /// An event about a container of a pod.
    pub(crate) fn container(
        &self,
        pod: &Pod,
        container: &Container,
        kind: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        let init = pod.spec.as_ref().and_then(|spec| spec.init_containers.as_ref());
        let init = init.is_some_and(|containers| containers.iter().any(|init| init.name == container.name));
        let list = if init { "initContainers" } else { "containers" };
        let mut reference = pod_reference(pod);
        reference.field_path = Some(format!("spec.{list}{{{}}}", container.name));
        self.record(reference, kind, reason, message.into());
    }

    /// An event about the node.
    pub(crate) fn node(
        &self,
        node: Option<&Node>,
        kind: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        let uid = node.and_then(|node| node.metadata.uid.clone()).unwrap_or_else(|| self.0.node.clone());
        let reference = ObjectReference {
            kind: Some("Node".to_owned()),
            name: Some(self.0.node.clone()),
            uid: Some(uid),
            ..ObjectReference::default()
        };
        self.record(reference, kind, reason, message.into());
    }

    fn record(&self, object: ObjectReference, kind: EventType, reason: &str, message: String) {
        let Some(queue) = &self.0.queue else { return };
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let subject = format!("{:?} {:?}", object.uid, object.name);
        if !state.may_speak(&subject, self.0.clock.now()) {
            return;
        }
        let key = format!("{subject} {:?} {} {reason} {message}", object.field_path, kind.word());
        let at = Time(self.0.clock.timestamp());
        let note = match state.known.get_mut(&key) {
            Some(known) => {
                known.count += 1;
                let known = known.clone();
                Note::Count { namespace: known.namespace, name: known.name, count: known.count, at }
            }
            None => {
                let namespace = object.namespace.clone().unwrap_or_else(|| "default".to_owned());
                let name =
                    format!("{}.{:016x}", object.name.as_deref().unwrap_or_default(), state.names.next_u64());
                state.known.insert(key, Known { name: name.clone(), namespace: namespace.clone(), count: 1 });
                Note::Create(Box::new(Event {
                    metadata: ObjectMeta {
                        name: Some(name),
                        namespace: Some(namespace),
                        ..ObjectMeta::default()
                    },
                    involved_object: object,
                    reason: Some(reason.to_owned()),
                    message: Some(message),
                    type_: Some(kind.word().to_owned()),
                    count: Some(1),
                    first_timestamp: Some(at.clone()),
                    last_timestamp: Some(at),
                    source: Some(EventSource {
                        component: Some("kubelet".to_owned()),
                        host: Some(self.0.node.clone()),
                    }),
                    reporting_component: Some("kubelet".to_owned()),
                    reporting_instance: Some(self.0.node.clone()),
                    ..Event::default()
                }))
            }
        };
        // The receiver lives as long as the kubelet; afterwards nobody wants events.
        queue.send(note).ok();
    }

    /// Forgets what was said about a pod that is gone.
    pub(crate) fn forget(&self, pod: &Pod) {
        let object = pod_reference(pod);
        let subject = format!("{:?} {:?}", object.uid, object.name);
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.known.retain(|key, _| !key.starts_with(&subject));
        state.tokens.remove(&subject);
    }
}

impl State {
    fn may_speak(&mut self, subject: &str, now: VirtualInstant) -> bool {
        let tokens = self.tokens.entry(subject.to_owned()).or_insert(Tokens { left: BURST, at: now });
        let earned = now.since(tokens.at).as_nanos() / REFILL.as_nanos();
        if earned > 0 {
            tokens.left = (tokens.left + earned).min(BURST);
            tokens.at = tokens.at + REFILL * earned;
        }
        let speaks = tokens.left > 0;
        tokens.left = tokens.left.saturating_sub(1);
        speaks
    }
}

fn pod_reference(pod: &Pod) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("Pod".to_owned()),
        namespace: pod.metadata.namespace.clone(),
        name: pod.metadata.name.clone(),
        uid: pod.metadata.uid.clone(),
        resource_version: pod.metadata.resource_version.clone(),
        field_path: None,
    }
}

async fn drive(client: Client, mut notes: mpsc::UnboundedReceiver<Note>) {
    while let Some(note) = notes.recv().await {
        // An event that cannot be written is dropped in the end, as client-go does after its retries.
        match note {
            Note::Create(event) => {
                let api: Api<Event> = Api::namespaced(client.clone(), &namespace_of(&event));
                api.create(&PostParams::default(), &event).await.ok();
            }
            Note::Count { namespace, name, count, at } => {
                let api: Api<Event> = Api::namespaced(client.clone(), &namespace);
                let patch =
                    doc!({"count": count, "lastTimestamp": Document::encode(&at).unwrap_or_default()});
                let patched = api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch)).await;
                if patched.is_err_and(|error| error.is_not_found()) {
                    continue;
                }
            }
        }
    }
}

fn namespace_of(event: &Event) -> String {
    event.metadata.namespace.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use winlab_clock::{Seed, VirtualInstant, VirtualSpan};

    use super::{BURST, State};

    #[test]
    fn an_object_that_says_too_much_is_heard_less() {
        let mut state = State { names: Seed::new(1).rng(), known: BTreeMap::new(), tokens: BTreeMap::new() };
        let start = VirtualInstant::START;
        assert!((0..BURST).all(|_| state.may_speak("pod", start)));
        assert!(!state.may_speak("pod", start));
        assert!(state.may_speak("other", start));
        assert!(state.may_speak("pod", start + VirtualSpan::from_secs(301)));
        assert!(!state.may_speak("pod", start + VirtualSpan::from_secs(302)));
    }
}
