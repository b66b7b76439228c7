//! The program `kubelet`.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinSet;
use winlab_component::{Context, Exit, HostFiles, LocalEndpoints};
use winlab_kube_client::k8s::core::{Pod, Service};
use winlab_kube_client::{Api, WatchConfig, reflect};

use super::backoff::ItemBackoff;
use super::bootstrap::bootstrap;
use super::container::images::Images;
use super::core::{Kubelet, RuntimeState, dial};
use super::device_plugins;
use super::events::Recorder;
use super::eviction::{self, Evictions};
use super::garbage;
use super::node::{self, MachineInfo};
use super::pod::workers::Workers;
use super::probe::Probes;
use super::server::{KubeletApi, Server, kubelet_endpoint};
use super::setup::{KubeletConfig, KubeletOptions};
use super::status::{self, Reasons, Statuses};
use crate::cri::{Code, CriError, VersionResponse};

/// Ends everything that the kubelet started when it ends, however it ends.
struct Running {
    kubelet: Arc<Kubelet>,
    endpoints: LocalEndpoints,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.endpoints.close(kubelet_endpoint());
        self.kubelet.workers.abort();
        self.kubelet.probes.stop_all();
    }
}

/// Runs the kubelet until it is asked to stop. Containers go on without it.
pub async fn kubelet(context: Context, options: KubeletOptions) -> Exit {
    // Boxed here and in the loops below it: what a step needs is let go of when the step is over. A node's loops spend
    // their life waiting, and a lab may have thousands of nodes.
    match Box::pin(start(&context, options)).await {
        Ok((kubelet, tasks)) => run(&context, kubelet, tasks).await,
        Err(exit) => exit,
    }
}

/// Everything up to a kubelet whose copies of objects are kept.
async fn start(context: &Context, options: KubeletOptions) -> Result<(Arc<Kubelet>, JoinSet<()>), Exit> {
    let os = context.machine.os();
    let files = HostFiles::of(&context.machine);
    let minor = options.version.minor();
    let config = match KubeletConfig::load(&context.command, minor, os, &files, &context.log).await {
        Ok(config) => config,
        Err(text) => return Err(fail(context, &text)),
    };
    let machine_info = match MachineInfo::of(&context.machine).await {
        Ok(mut info) => {
            if !config.node_ip.is_empty() {
                info.addresses = config.node_ip.split(',').map(str::to_owned).collect();
            }
            info
        }
        Err(text) => return Err(fail(context, &format!("failed to run Kubelet: {text}"))),
    };
    let node = node_name(&config, &machine_info);
    if let Err(text) = bootstrap(context, &files, &node, options.bootstrap.as_ref()).await {
        return Err(fail(context, &text));
    }
    // The kubelet does not start without a runtime: whoever started it starts it again.
    let version = match runtime_version(context, &options, &config).await {
        Ok(version) => version,
        Err(error) => {
            let text = format!(
                "failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint {:?}: {error}",
                config.runtime_endpoint
            );
            return Err(fail(context, &text));
        }
    };
    if context.machine.windows().is_some() && !options.hollow {
        let bound = device_plugins::bind(&config.root_dir, options.version, &files).await;
        if let Err(text) = bound {
            context.log.error(format_args!("\"Failed to start ContainerManager\" err={text:?}"));
            return Err(Exit::FAILURE);
        }
    }
    let mut tasks = JoinSet::new();
    let kubelet = assemble(context, options, config, machine_info, version, &mut tasks);
    Ok((kubelet, tasks))
}

/// The runtime, if it speaks a version of CRI that this kubelet knows: v1alpha2 went with 1.26.
async fn runtime_version(
    context: &Context,
    options: &KubeletOptions,
    config: &KubeletConfig,
) -> Result<VersionResponse, CriError> {
    let version = dial(options, &context.endpoints, &config.runtime_endpoint)?.version().await?;
    if config.gates.since(26) && version.runtime_api_version != "v1" {
        return Err(CriError::new(Code::Unimplemented, "unknown service runtime.v1.RuntimeService"));
    }
    Ok(version)
}

fn fail(context: &Context, text: &str) -> Exit {
    context.log.fatal(format_args!("\"command failed\" err={text:?}"));
    Exit::FAILURE
}

/// The name that the kubelet registers under.
fn node_name(config: &KubeletConfig, machine: &MachineInfo) -> String {
    let hostname =
        if config.hostname_override.is_empty() { &machine.hostname } else { &config.hostname_override };
    hostname.trim().to_ascii_lowercase()
}

/// Puts the kubelet together and starts what keeps its copies of objects.
fn assemble(
    context: &Context,
    options: KubeletOptions,
    config: KubeletConfig,
    machine_info: MachineInfo,
    version: VersionResponse,
    tasks: &mut JoinSet<()>,
) -> Arc<Kubelet> {
    let node_name = node_name(&config, &machine_info);
    let (clock, seed, hollow) = (context.clock, context.seed, options.hollow);
    let (recorder, recording) =
        Recorder::new(context.client.clone(), clock, &node_name, seed.child("events"), hollow);
    let on_node = WatchConfig::all().fields(format!("spec.nodeName={node_name}"));
    let (pods, following) =
        reflect(Api::<Pod>::all(context.client.clone()), on_node, clock, seed.child("pods"));
    tasks.spawn(recording);
    tasks.spawn(following);
    let services = (!hollow).then(|| {
        let api = Api::<Service>::all(context.client.clone());
        let (store, following) = reflect(api, WatchConfig::all(), clock, seed.child("services"));
        tasks.spawn(following);
        store
    });
    Arc::new(Kubelet {
        node_name,
        machine: context.machine.clone(),
        machine_info,
        files: HostFiles::of(&context.machine),
        clock,
        started: clock.now(),
        log: context.log.clone(),
        seed,
        client: context.client.clone(),
        endpoints: context.endpoints.clone(),
        options,
        config,
        runtime_version: format!(
            "{}://{}",
            version.runtime_name,
            version.runtime_version.trim_start_matches('v')
        ),
        runtime_name: version.runtime_name,
        pods,
        services,
        recorder,
        statuses: Statuses::new(clock),
        reasons: Reasons::default(),
        probes: Probes::default(),
        images: Images::new(clock),
        crashes: ItemBackoff::new(clock),
        evictions: Evictions::default(),
        workers: Workers::default(),
        state: watch::Sender::new(RuntimeState {
            runtime: Some("container runtime status check may not have completed yet".to_owned()),
            network: Some(
                "NetworkReady=false reason:NetworkPluginNotReady message:network state unknown".to_owned(),
            ),
        }),
        node: Mutex::new(None),
    })
}

/// Runs everything until the kubelet is asked to stop.
async fn run(context: &Context, kubelet: Arc<Kubelet>, mut tasks: JoinSet<()>) -> Exit {
    let hollow = kubelet.options.hollow;
    let _running = Running { kubelet: kubelet.clone(), endpoints: context.endpoints.clone() };
    let server: Arc<dyn KubeletApi> = Arc::new(Server(Arc::downgrade(&kubelet)));
    context.endpoints.listen::<dyn KubeletApi>(kubelet_endpoint(), server);
    tasks.spawn(status::drive(kubelet.clone()));
    tasks.spawn(node::watch_runtime(kubelet.clone()));
    tasks.spawn(kubelet.clone().follow_runtime());
    if !hollow {
        tasks.spawn(eviction::manage(kubelet.clone()));
        tasks.spawn(garbage::collect(kubelet.clone()));
    }
    let life = kubelet.clone();
    tasks.spawn(async move {
        Box::pin(node::register(life.clone())).await;
        let mut loops = JoinSet::new();
        loops.spawn(node::renew(life.clone()));
        loops.spawn(node::report(life.clone()));
        if !life.options.hollow {
            loops.spawn(node::follow(life.clone()));
        }
        loops.spawn(life.follow_pods());
        // They never end; they go with this task.
        while loops.join_next().await.is_some() {}
    });
    let mut stop = context.stop.clone();
    stop.asked().await;
    Exit::SUCCESS
}
