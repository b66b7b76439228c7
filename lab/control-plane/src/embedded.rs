//! The API server in this process, with the model controllers and scheduler.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use ipnet::IpNet;
use winlab_clock::{Clock, Seed};
use winlab_controllers::{ControllerConfig, ControllerManager, Scheduler};
use winlab_document::Document;
use winlab_kube_api::kinds::Kind;
use winlab_kube_api::kubelet::Kubelets;
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::{Client, Error, Identity};
use winlab_pki::Authority;
use winlab_profiles::KubeVersion;

use crate::access::{ApiAccess, Listeners, Side};
use crate::authority;
use crate::control_plane::{ControlPlane, Endpoint, KubeconfigError};
use crate::faults::ApiFaults;
use crate::kubeadm;
use crate::observe::{Change, Observer, Write};
use crate::served::{ServeError, Served};

/// How an embedded control plane is set up.
#[derive(Clone, Debug)]
pub struct EmbeddedConfig {
    /// Its version.
    pub version: KubeVersion,
    /// Which parts run beside the API server.
    pub parts: Switches,
    /// Where the API server is reached, which the endpoints of the service `kubernetes` say.
    pub advertise_address: Option<IpAddr>,
    /// Where services get their addresses from, the default family first; empty for kubeadm's range.
    pub service_ranges: Vec<IpNet>,
}

/// Parts that can be left out, to measure or test one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switches {
    /// Controllers and scheduler.
    All,
    /// The API server alone.
    ApiServerOnly,
}

impl EmbeddedConfig {
    /// A whole control plane of that version.
    #[must_use]
    pub fn new(version: KubeVersion) -> Self {
        Self { version, parts: Switches::All, advertise_address: None, service_ranges: Vec::new() }
    }
}

/// A running embedded control plane; its controllers and scheduler end when it is dropped.
pub struct Embedded {
    version: KubeVersion,
    server: Arc<ApiServer>,
    authority: Arc<Authority>,
    served: OnceLock<Served>,
    _controllers: Option<ControllerManager>,
    _scheduler: Option<Scheduler>,
}

impl Embedded {
    /// Starts the API server, and the rest once the server answers. Call it inside the lab's runtime.
    pub async fn start(config: &EmbeddedConfig, clock: Clock, seed: Seed) -> Self {
        let version = config.version;
        let mut server = Config::new(clock, seed.child("kube-apiserver"), version.minor());
        server.profile.version = version.to_string();
        server.advertise_address = config.advertise_address;
        if !config.service_ranges.is_empty() {
            server = server.service_ranges(config.service_ranges.clone());
        }
        let server = ApiServer::new(server);
        let authority = authority::of_plane(clock, seed);
        let (controllers, scheduler) = match config.parts {
            Switches::ApiServerOnly => (None, None),
            Switches::All => {
                let text = version.to_string();
                for binding in kubeadm::bindings() {
                    let refused = |failure| panic!("kubeadm's own binding is refused: {failure:?}");
                    server.seed_object(binding).unwrap_or_else(refused);
                }
                let mut settings = ControllerConfig::kubeadm(version.minor(), &text);
                settings.signer = Some(authority.clone());
                let client = |identity| server.client(identity);
                let manager_seed = seed.child("kube-controller-manager");
                let controllers = ControllerManager::start(&settings, client, clock, manager_seed).await;
                let scheduler = Scheduler::start(&text, client, clock, seed.child("kube-scheduler"));
                (Some(controllers), Some(scheduler))
            }
        };
        Self {
            version,
            server,
            authority,
            served: OnceLock::new(),
            _controllers: controllers,
            _scheduler: scheduler,
        }
    }

    /// Lets programs outside this process in, over TCP and TLS: by the addresses of `access`, which are of the network that
    /// this thread is in, and by sockets that listen `outside` already. The first of a side is the one that
    /// [`endpoint`](ControlPlane::endpoint) and kubeconfigs name. Under a virtual clock nothing can be served.
    ///
    /// # Errors
    /// An address cannot be listened on, or it listens already.
    pub async fn serve(&self, access: &ApiAccess, outside: Listeners) -> Result<(), ServeError> {
        let config = self.server.config();
        let service = config.kubernetes_service_ip();
        let also = config.advertise_address.into_iter().chain(service);
        let sockets = (Listeners::open(&access.listen).await?, outside);
        let (server, authority) = (self.server.clone(), self.authority.clone());
        let served = Served::start(server, authority, &access.cluster, sockets, also)?;
        self.served.set(served).map_err(|_| ServeError::Twice)
    }

    /// The API server: what a lab may do and see that no client can.
    #[must_use]
    pub fn server(&self) -> &Arc<ApiServer> {
        &self.server
    }
}

impl ControlPlane for Embedded {
    fn client(&self, identity: Identity) -> Client {
        self.server.client(identity)
    }

    fn version(&self) -> KubeVersion {
        self.version
    }

    fn endpoint(&self, side: Side) -> Option<Endpoint> {
        self.served.get()?.endpoint(side)
    }

    fn authority_pem(&self) -> String {
        self.authority.certificate_pem()
    }

    fn kubeconfig(&self, identity: &Identity, side: Side) -> Result<String, KubeconfigError> {
        let made = self.served.get().and_then(|served| served.kubeconfig(identity, side));
        made.ok_or(KubeconfigError::NotServed)?.map_err(|error| KubeconfigError::Certificate {
            user: identity.user.clone(),
            source: error.into(),
        })
    }

    fn stored<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Document>, Error>> {
        let found = self.server.object(&kind.api_version(), kind.kind, namespace, name);
        Box::pin(std::future::ready(Ok(found)))
    }

    fn stored_all(&self, kind: &'static Kind) -> BoxFuture<'_, Result<Vec<Document>, Error>> {
        Box::pin(std::future::ready(Ok(self.server.objects(&kind.api_version(), kind.kind))))
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.server.observe(Arc::new(Told(observer)));
    }

    fn set_kubelets(&self, kubelets: Arc<dyn Kubelets>) {
        self.server.set_kubelets(kubelets);
    }

    fn faults(&self) -> Option<&dyn ApiFaults> {
        Some(&*self.server)
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        // Its tasks end with it, and nothing of it outlives this process.
        Box::pin(std::future::ready(()))
    }
}

/// An observer of the API server that tells in the words of every control plane.
struct Told(Arc<dyn Observer>);

impl winlab_kube_api::observe::Observer for Told {
    fn write(&self, write: &winlab_kube_api::observe::Write<'_>) {
        let changes = write.changes.iter().map(|change| Change {
            kind: change.kind.kind,
            before: change.before.as_ref(),
            after: &change.after,
            removed: change.removed,
        });
        self.0.write(&Write {
            actor: &write.identity.component,
            verb: write.verb,
            kind: write.kind.kind,
            namespace: write.namespace,
            name: write.name,
            code: write.code,
            message: write.message,
            changes: changes.collect(),
        });
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("version", &self.version).finish_non_exhaustive()
    }
}
