//! A running plane of programs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_document::Document;
use winlab_kube_api::kinds::Kind;
use winlab_kube_api::kubelet::Kubelets;
use winlab_kube_client::{Client, Error, Identity};
use winlab_profiles::KubeVersion;

use super::credentials::Credentials;
use super::folder::RunFolder;
use super::process::Process;
use super::{look, witness};
use crate::access::Side;
use crate::control_plane::{ControlPlane, Endpoint, KubeconfigError};
use crate::faults::ApiFaults;
use crate::observe::Observer;

/// How long a program may take to end when asked to. Nothing of what they would still write is needed.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(3);

/// A control plane of programs. They end when it is dropped.
pub struct Binaries {
    pub(super) version: KubeVersion,
    pub(super) clock: Clock,
    pub(super) seed: Seed,
    /// Where the API server listens.
    pub(super) endpoint: Endpoint,
    /// Where connections from outside the lab's network are taken, if anywhere else.
    pub(super) outside: Option<Endpoint>,
    pub(super) credentials: Credentials,
    /// The lab's own look at what is stored.
    pub(super) administrator: Client,
    pub(super) served: Vec<&'static Kind>,
    pub(super) running: Mutex<Running>,
}

/// What ends with the plane; fields are dropped in this order.
#[derive(Default)]
pub(super) struct Running {
    /// Observers' watches, and what carries connections from outside.
    pub(super) tasks: Vec<JoinSet<()>>,
    /// In the order in which they were started.
    pub(super) processes: Vec<Process>,
    pub(super) folder: Option<RunFolder>,
}

impl Running {
    /// Ends all in the order opposite to their start.
    pub(super) async fn stop(mut self, clock: Clock) {
        self.tasks.clear();
        while let Some(mut process) = self.processes.pop() {
            process.stop(clock, PATIENCE).await;
        }
    }
}

impl Binaries {
    fn seen_from(&self, side: Side) -> &Endpoint {
        match (side, &self.outside) {
            (Side::Outside, Some(outside)) => outside,
            _ => &self.endpoint,
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ControlPlane for Binaries {
    fn client(&self, identity: Identity) -> Client {
        let remote =
            self.credentials.remote(&identity.user).expect("a key was made at the start, so it can be now");
        identity.remote_client(&remote).expect("the certificate is of our own making")
    }

    fn version(&self) -> KubeVersion {
        self.version
    }

    fn endpoint(&self, side: Side) -> Option<Endpoint> {
        Some(self.seen_from(side).clone())
    }

    fn authority_pem(&self) -> String {
        self.credentials.authority_pem()
    }

    fn kubeconfig(&self, identity: &Identity, side: Side) -> Result<String, KubeconfigError> {
        let made = self.credentials.kubeconfig_at(&identity.user, &self.seen_from(side).url());
        made.map_err(|error| KubeconfigError::Certificate {
            user: identity.user.clone(),
            source: Box::new(error),
        })
    }

    fn stored<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Document>, Error>> {
        Box::pin(look::object(&self.administrator, kind, namespace, name))
    }

    fn stored_all(&self, kind: &'static Kind) -> BoxFuture<'_, Result<Vec<Document>, Error>> {
        Box::pin(look::objects(&self.administrator, kind))
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        let seed = self.seed.child("witness");
        let watches = witness::watch_all(&self.administrator, &self.served, self.clock, seed, &observer);
        self.running().tasks.push(watches);
    }

    fn set_kubelets(&self, _: Arc<dyn Kubelets>) {
        // A server of its own reaches kubelets over the network, where models are not.
    }

    fn faults(&self) -> Option<&dyn ApiFaults> {
        None
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        let running = std::mem::take(&mut *self.running());
        Box::pin(running.stop(self.clock))
    }
}

impl fmt::Debug for Binaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binaries")
            .field("version", &self.version)
            .field("endpoint", &self.endpoint.url())
            .finish()
    }
}
