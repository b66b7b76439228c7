//! The program.

use std::fmt;
use std::sync::Arc;

use futures::future::{self, Either};
use winlab_clock::VirtualSpan;
use winlab_component::{Context, Exit};
use winlab_kube_client::{Api, WatchConfig, reflect};

use crate::server::DnsServer;
use crate::upstream::{NoUpstream, Upstream};
use crate::zone::{Zone, ZoneData};

/// What the `Corefile` says, and where the server is met.
#[derive(Clone)]
pub struct Options {
    /// The address in the node's [`LocalEndpoints`](winlab_component::LocalEndpoints) where the server is published as
    /// `dyn DnsServer`. Two servers of one node need two addresses.
    pub address: String,
    /// The cluster's domain.
    pub domain: String,
    /// Seconds an answer may be kept.
    pub ttl: u32,
    /// Who is asked for all other names.
    pub upstream: Arc<dyn Upstream>,
}

impl Default for Options {
    /// As kubeadm sets it up, with nobody upstream.
    fn default() -> Self {
        Self {
            address: "udp://0.0.0.0:53".to_owned(),
            domain: "cluster.local".to_owned(),
            ttl: 30,
            upstream: Arc::new(NoUpstream),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("address", &self.address)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// How long the server waits for the API server before it serves without it.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(5);
/// How long it goes on answering after it was asked to end (`health { lameduck 5s }`).
const LAMEDUCK: VirtualSpan = VirtualSpan::from_secs(5);

/// CoreDNS as kubeadm sets it up, registered as `coredns`.
pub async fn run(context: Context) -> Exit {
    run_with(context, Options::default()).await
}

/// CoreDNS with options.
pub async fn run_with(context: Context, options: Options) -> Exit {
    let client = &context.client;
    let seed = |name| context.seed.child(name);
    let all = WatchConfig::all;
    let (namespaces, keep_namespaces) =
        reflect(Api::all(client.clone()), all(), context.clock, seed("namespaces"));
    let (services, keep_services) = reflect(Api::all(client.clone()), all(), context.clock, seed("services"));
    let (slices, keep_slices) = reflect(Api::all(client.clone()), all(), context.clock, seed("slices"));
    let data = ZoneData { namespaces, services, slices };
    let keep = std::pin::pin!(future::join3(keep_namespaces, keep_services, keep_slices));
    let serve = std::pin::pin!(serve(&context, &options, data));
    match future::select(serve, keep).await {
        Either::Left((exit, _)) => exit,
        Either::Right((_, serve)) => serve.await,
    }
}

async fn serve(context: &Context, options: &Options, data: ZoneData) -> Exit {
    let synced = async {
        data.namespaces.synced().await;
        data.services.synced().await;
        data.slices.synced().await;
    };
    if context.clock.within(PATIENCE, synced).await.is_err() {
        context.log.warning("plugin/kubernetes: starting server with unsynced Kubernetes API");
    }
    let zone = Zone::new(data, &options.domain, options.ttl, options.upstream.clone());
    context.endpoints.listen::<dyn DnsServer>(&options.address, Arc::new(zone));
    context.log.info(format_args!(".:53 (published at {})", options.address));
    context.stop.clone().asked().await;
    context.log.info(format_args!("Going into lameduck mode for {LAMEDUCK}"));
    context.clock.sleep(LAMEDUCK).await;
    context.endpoints.close(&options.address);
    Exit::SUCCESS
}
