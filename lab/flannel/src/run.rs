//! The program (`main.go`).

use futures::future::{self, Either};
use winlab_component::{Context, Exit, HostFiles, Machine};
use winlab_host::Ask;
use winlab_host::linux::GetSysctl;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, WatchConfig, reflect};

use crate::config::NetConf;
use crate::error::FlannelError;
use crate::iface;
use crate::linux;
use crate::options::Options;
use crate::subnet::SubnetManager;
use crate::subnet_file::SubnetFile;
use crate::windows;

/// flanneld, registered as `flanneld`. Any failure before the network stands ends it with code 1; whoever started it
/// starts it again.
pub async fn run(context: Context) -> Exit {
    let mut stop = context.stop.clone();
    let ended = stop.or(main(&context)).await;
    match ended {
        None => Exit::SUCCESS,
        Some(error) => {
            context.log.fatal(error);
            Exit::FAILURE
        }
    }
}

/// Never ends but by a failure.
async fn main(context: &Context) -> FlannelError {
    let options = match Options::of(&context.command) {
        Ok(options) => options,
        Err(error) => return error,
    };
    let files = HostFiles::of(&context.machine);
    let conf = match files.read_text(&options.net_conf).await {
        Ok(text) => NetConf::parse(&text),
        Err(error) => Err(FlannelError::NetConf(error)),
    };
    let conf = match conf {
        Ok(conf) => conf,
        Err(error) => return error,
    };
    let api = Api::<Node>::all(context.client.clone());
    let (nodes, keep) = reflect(api, WatchConfig::all(), context.clock, context.seed.child("nodes"));
    let serve = async {
        let name = context.environment("NODE_NAME").await.unwrap_or_else(|| context.node.clone());
        match SubnetManager::start(context, &options, conf, nodes, name).await {
            Ok(manager) => serve(context, &options, &files, &manager).await,
            Err(error) => error,
        }
    };
    match future::select(std::pin::pin!(serve), std::pin::pin!(keep)).await {
        Either::Left((error, _)) => error,
        Either::Right(((), serve)) => serve.await,
    }
}

async fn serve(
    context: &Context,
    options: &Options,
    files: &HostFiles,
    manager: &SubnetManager,
) -> FlannelError {
    context.log.info(format_args!("Found network config - Backend type: {}", manager.conf().backend_type()));
    match start(context, options, files, manager).await {
        Ok(network) => network.run().await,
        Err(error) => error,
    }
}

/// A registered network, of one of the two systems.
enum Network {
    Windows(Box<windows::Network>),
    Linux(linux::Network),
}

impl Network {
    async fn run(self) -> FlannelError {
        match self {
            Self::Windows(network) => network.run().await,
            Self::Linux(network) => network.run().await,
        }
        FlannelError::NotModelled("a backend that ends by itself")
    }
}

/// Registers the network, writes the file for the CNI plugin and says that the node's network is there.
async fn start(
    context: &Context,
    options: &Options,
    files: &HostFiles,
    manager: &SubnetManager,
) -> Result<Network, FlannelError> {
    if let Machine::Linux(host) = &context.machine {
        // kubeadm no longer checks that the module is loaded.
        let name = "net.bridge.bridge-nf-call-iptables".to_owned();
        let bridged = host.ask(GetSysctl { namespace: String::new(), name }).await;
        bridged.map_err(FlannelError::BrNetfilter)?;
    }
    let external = iface::look_up(context, options, manager.stored_public_ip().await).await?;
    let (network, subnet, mtu) = match &context.machine {
        Machine::Windows(machine) => {
            let network = windows::Network::register(context, machine, manager, &external).await?;
            let (subnet, mtu) = (network.subnet(), network.mtu());
            (Network::Windows(Box::new(network)), subnet, mtu)
        }
        Machine::Linux(host) => {
            let previous = SubnetFile::read(files, &options.subnet_file).await;
            let network =
                linux::Network::register(context, host, options, manager, &external, previous).await?;
            let (subnet, mtu) = (network.subnet(), network.mtu());
            (Network::Linux(network), subnet, mtu)
        }
    };
    let file = SubnetFile { network: manager.conf().network, subnet, mtu, ip_masq: options.ip_masq };
    match file.write(files, &options.subnet_file).await {
        Ok(()) => context.log.info(format_args!("Wrote subnet file to {}", options.subnet_file)),
        Err(error) => context.log.warning(format_args!("Failed to write subnet file: {error}")),
    }
    context.log.info("Running backend.");
    manager.complete().await;
    Ok(network)
}

#[cfg(test)]
mod tests {
    /// What a program must be to be registered.
    #[test]
    fn it_can_be_registered() {
        let programs = winlab_component::Programs::new().with("flanneld", super::run);
        assert_eq!(programs.names().collect::<Vec<_>>(), ["flanneld"]);
    }
}
