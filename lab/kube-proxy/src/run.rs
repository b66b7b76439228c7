//! The program (`cmd/kube-proxy/app/server.go`).

use std::net::IpAddr;

use futures::future::{self, BoxFuture, Either};
use winlab_component::{Context, Exit, HostFiles, Machine};
use winlab_kube_client::Store;
use winlab_kube_client::k8s::core::Node;
use winlab_profiles::{KubeVersion, NEWEST_MINOR};

use crate::node::{self, NodeAddresses};
use crate::options::{Options, OptionsError};
use crate::quirks::Quirks;
use crate::runner::{self, Pace, Sync};
use crate::source::Sources;
use crate::{iptables, winkernel};

/// The exit code of a Go program that panicked.
const PANIC: Exit = Exit(2);

/// kube-proxy of the newest minor that has a profile.
pub async fn run(context: Context) -> Exit {
    match KubeVersion::new(NEWEST_MINOR, 0) {
        Some(version) => run_version(version, context).await,
        None => Exit::FAILURE,
    }
}

/// kube-proxy of a version; see [`Quirks`] for what that decides.
pub async fn run_version(version: KubeVersion, context: Context) -> Exit {
    let mut stop = context.stop.clone();
    stop.or(main(version, context)).await.unwrap_or(Exit::SUCCESS)
}

async fn main(version: KubeVersion, mut context: Context) -> Exit {
    context.log.info(format_args!("Version info version={version}"));
    let options = match read_options(version, &context).await {
        Ok(options) => options,
        Err(error) => {
            context.log.fatal(error);
            return Exit::FAILURE;
        }
    };
    if options.hostname_override.is_empty() {
        context.node = context.node.to_lowercase();
    } else {
        context.node.clone_from(&options.hostname_override);
    }
    let (store, keep_node) = node::watch(&context, &context.node);
    let serve = async {
        let found = node::wait(&context, &store, &context.node).await;
        let addresses = node::detect(&found, options.bind_address);
        let (sources, keep_sources) = Sources::start(&context);
        match proxiers(version, &context, &options, &addresses, &sources, &store).await {
            Ok(proxiers) => {
                let leave = Quirks::of(version).heeds_node.then(|| left(&context, &store, &found));
                beside(keep_sources, until_left(run_all(proxiers), leave)).await
            }
            Err(exit) => exit,
        }
    };
    beside(keep_node, serve).await
}

/// Runs `work` with `keep` going on beside it; `keep` never ends by itself.
async fn beside<T>(keep: impl Future<Output = ()>, work: impl Future<Output = T>) -> T {
    let (keep, work) = (std::pin::pin!(keep), std::pin::pin!(work));
    match future::select(work, keep).await {
        Either::Left((output, _)) => output,
        Either::Right(((), work)) => work.await,
    }
}

async fn read_options(version: KubeVersion, context: &Context) -> Result<Options, OptionsError> {
    let files = HostFiles::of(&context.machine);
    let options = Options::read(&context.command, &files).await?;
    options.check(&context.command, version)?;
    if !options.kubeconfig.is_empty() {
        files.read(&options.kubeconfig).await?;
    }
    let windows = context.machine.windows().is_some();
    for flag in ["cleanup", "init-only"] {
        if windows && context.command.is_set(flag) {
            return Err(OptionsError::NotOnWindows(flag));
        }
    }
    let mode = options.mode.as_str();
    let known = if windows { ["", "kernelspace"] } else { ["", "iptables"] };
    if known.contains(&mode) { Ok(options) } else { Err(OptionsError::Mode(mode.to_owned())) }
}

/// The loop of each proxier, ready to run.
type Loops = Vec<BoxFuture<'static, ()>>;

async fn proxiers(
    version: KubeVersion,
    context: &Context,
    options: &Options,
    addresses: &NodeAddresses,
    sources: &Sources,
    node: &Store<Node>,
) -> Result<Loops, Exit> {
    match &context.machine {
        Machine::Windows(machine) => {
            let started = winkernel::start(context, machine, version, options, addresses, sources).await;
            let (proxiers, pace) = started.map_err(|error| {
                context.log.fatal(&error);
                if matches!(error, winkernel::StartError::NoV2Api) { PANIC } else { Exit::FAILURE }
            })?;
            Ok(proxiers.into_iter().map(|proxier| loop_of(context, sources, pace, proxier)).collect())
        }
        Machine::Linux(host) => {
            let node = node.get_cluster(&context.node);
            let proxier =
                iptables::start(context, host, version, options, addresses, node.as_deref(), sources).await;
            let proxier = proxier.map_err(|error| {
                context.log.fatal(error);
                Exit::FAILURE
            })?;
            let pace =
                Pace { min: options.min_sync_period, retry: options.sync_period, max: options.sync_period };
            Ok(vec![loop_of(context, sources, pace, proxier)])
        }
    }
}

/// Syncs once as soon as both first lists are in, then whenever it is due.
fn loop_of(
    context: &Context,
    sources: &Sources,
    pace: Pace,
    mut proxier: impl Sync + Send + 'static,
) -> BoxFuture<'static, ()> {
    let (clock, sources) = (context.clock, sources.clone());
    Box::pin(async move {
        sources.synced().await;
        proxier.gather();
        if proxier.sync().await != runner::Outcome::Crashed {
            runner::run(clock, pace, &mut proxier).await;
        }
    })
}

/// What comes first: a loop's end, or the end that a change of the node asks for.
async fn until_left(loops: impl Future<Output = Exit>, leave: Option<impl Future<Output = Exit>>) -> Exit {
    let loops = std::pin::pin!(loops);
    let Some(leave) = leave else { return loops.await };
    future::select(loops, std::pin::pin!(leave)).await.factor_first().0
}

/// The node is not what kube-proxy started with: whoever started it starts it anew.
async fn left(context: &Context, store: &Store<Node>, found: &[IpAddr]) -> Exit {
    context.log.info(node::changed(store, found).await);
    Exit::FAILURE
}

/// A loop ends only where the process would have crashed.
async fn run_all(loops: Loops) -> Exit {
    future::select_all(loops).await;
    PANIC
}
