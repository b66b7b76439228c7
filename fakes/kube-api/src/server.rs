//! The server: its state, and clients of it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::Rng;
use winlab_document::Document;
use winlab_kube_client::{Client, Identity};

use crate::allocate::Allocators;
use crate::caller::Caller;
use crate::config::Config;
use crate::failure::Failure;
use crate::faults::Faults;
use crate::kinds::{self, KINDS, KindId};
use crate::kubelet::{Kubelets, Reach};
use crate::managed::Origin;
use crate::observe::{ObjectChange, Observer};
use crate::request::Target;
use crate::schema::FieldValidation;
use crate::service::ApiService;
use crate::store::{EventObject, Store};
use crate::tokens::Tokens;
use crate::{boot, bootstrap_token, meta, request, verbs};

/// An API server in this process.
pub struct ApiServer {
    pub(crate) config: Config,
    pub(crate) faults: Faults,
    pub(crate) kubelets: Reach,
    state: Mutex<State>,
    observers: Mutex<Vec<Arc<dyn Observer>>>,
}

/// What writes change.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) allocators: Allocators,
    pub(crate) uids: Rng,
    pub(crate) names: Rng,
    /// What service-account tokens are signed with.
    pub(crate) tokens: Tokens,
    /// Who sent the request at hand.
    pub(crate) caller: Arc<Caller>,
    /// Who writes, as far as fields are concerned.
    pub(crate) origin: Origin,
    /// What the request at hand did to the store.
    pub(crate) changes: Vec<ObjectChange>,
    /// What the request at hand wants done about unknown fields, and what its sender is to be warned of.
    pub(crate) field_validation: FieldValidation,
    pub(crate) warnings: Vec<String>,
}

impl ApiServer {
    /// A server with what a new cluster holds: the namespaces of the system, its priority classes and the
    /// `kubernetes` service.
    pub fn new(config: Config) -> Arc<Self> {
        let state = State {
            store: Store::new(config.history),
            allocators: Allocators::new(&config.service_ranges, config.node_ports),
            uids: config.seed.child("uid").rng(),
            names: config.seed.child("generate-name").rng(),
            tokens: Tokens::new(config.seed.child("service-account-key")),
            caller: Arc::new(Caller::local(Identity::new("kube-apiserver", "").user("system:apiserver"))),
            origin: Origin::default(),
            changes: Vec::new(),
            field_validation: FieldValidation::default(),
            warnings: Vec::new(),
        };
        let server = Arc::new(Self {
            faults: Faults::default(),
            kubelets: Reach::default(),
            config,
            state: Mutex::new(state),
            observers: Mutex::new(Vec::new()),
        });
        boot::create_system_objects(&server);
        server
    }

    /// A client for one component. Call it inside the runtime: kube spawns a task for the client's queue.
    pub fn client(self: &Arc<Self>, identity: Identity) -> Client {
        let shown = identity.clone();
        shown.client(self.service(identity))
    }

    /// The service below a client, for whoever brings a transport of their own.
    pub fn service(self: &Arc<Self>, identity: Identity) -> ApiService {
        ApiService::of_caller(Arc::clone(self), Arc::new(Caller::local(identity)))
    }

    /// The server's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What a lab can do to this server that a client cannot.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The kubelets that are models: they answer for logs and exec. The first set stays.
    pub fn set_kubelets(&self, kubelets: Arc<dyn Kubelets>) {
        self.kubelets.set_models(kubelets);
    }

    /// One more observer; it is told of writes from now on.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    pub(crate) fn observers(&self) -> Vec<Arc<dyn Observer>> {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The revision of the newest write.
    pub fn revision(&self) -> u64 {
        self.state().store.revision()
    }

    /// An object as it stands in the store: a lab's look, not a client's.
    pub fn object(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Document> {
        let kind = kinds::by_kind(api_version, kind)?;
        let key = request::key(namespace, name);
        self.state().store.kind(kind).get(&key).map(|stored| stored.document.clone())
    }

    /// All objects of a kind as they stand in the store, by namespace and name; none for a kind that is not served.
    pub fn objects(&self, api_version: &str, kind: &str) -> Vec<Document> {
        let Some(kind) = kinds::by_kind(api_version, kind) else { return Vec::new() };
        self.state().store.kind(kind).iter().map(|stored| stored.document.clone()).collect()
    }

    /// The user that a bearer token stands for, as long as its service account and its pod are there.
    pub(crate) fn user_of_token(&self, token: &str) -> Option<String> {
        let state = self.state();
        if let Some(user) = bootstrap_token::user(&state, token, self.config.clock.timestamp()) {
            return Some(user);
        }
        let claims = state.tokens.verify(token, self.config.clock.timestamp())?;
        let uid_of = |kind: &str, name: &str| {
            let stored =
                state.store.kind(kinds::by_name("", kind)).get(&request::key(&claims.namespace, name));
            stored.map(|stored| meta::text(&stored.document, "uid").to_owned())
        };
        let account = uid_of("ServiceAccount", &claims.account)? == claims.account_uid;
        let pod = claims.pod.as_ref().is_none_or(|(name, uid)| uid_of("Pod", name).as_ref() == Some(uid));
        (account && pod).then(|| format!("system:serviceaccount:{}:{}", claims.namespace, claims.account))
    }

    /// A token for a user that is a service account; none if there is no such account.
    pub(crate) fn token_of(&self, user: &str) -> Option<String> {
        let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        verbs::standing_token(&mut self.state(), &self.config, namespace, name)
    }

    /// Forgets the history of all kinds: whoever resumes a watch from before now gets 410 Gone.
    pub fn compact(&self) {
        let mut state = self.state();
        let revision = state.store.revision();
        for kind in 0..KINDS.len() {
            state.store.kind_mut(kind).compact(revision);
        }
    }

    /// Ends all watches and says how many there were.
    pub fn drop_watches(&self) -> usize {
        let state = self.state();
        (0..KINDS.len()).map(|kind| state.store.kind(kind).drop_watches()).sum()
    }

    /// Creates an object that is there before anybody can ask, as whoever set the cluster up.
    ///
    /// # Errors
    /// The server refuses it.
    pub fn seed_object(&self, object: Document) -> Result<(), Failure> {
        let (version, name) = (object.text(&["apiVersion"]), object.text(&["kind"]));
        let kind = kinds::by_kind(version, name).ok_or_else(Failure::no_such_resource)?;
        let namespace = meta::text(&object, "namespace").to_owned();
        self.create_own(kind, &namespace, object)?;
        self.state().changes.clear();
        Ok(())
    }

    /// Creates an object as the server itself.
    pub(crate) fn create_own(
        &self,
        kind: KindId,
        namespace: &str,
        object: Document,
    ) -> Result<Arc<EventObject>, Failure> {
        let target =
            Target { kind, namespace: namespace.to_owned(), name: String::new(), subresource: String::new() };
        verbs::create(&mut self.state(), &self.config, &target, object, false)
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiServer").field("version", &self.config.profile.version).finish_non_exhaustive()
    }
}
