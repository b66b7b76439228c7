//! What win-bridge and win-overlay have in common: the end of an ADD, the DEL, the IPAM plugin they delegate to.

use winlab_component::{Machine, WindowsMachine};
use winlab_document::Document;
use winlab_hcn::Hcn;
use winlab_host::linux::Prefix;

use super::endpoint_name::endpoint_name;
use super::netconf::NetConf;
use super::{endpoint_v1, endpoint_v2};
use crate::error::{Annotate, CniError};
use crate::result::CniResult;
use crate::runner::{CniArgs, CniRunner, Command};

/// A pod's endpoint before the second half of an ADD.
pub(super) enum Planned {
    /// It is there from an earlier ADD.
    Existing(Document),
    /// Settings of one to be made.
    New(Document),
}

/// What an ADD answers; one that failed gives the pod's address back.
pub(super) async fn added(
    runner: &dyn CniRunner,
    conf: &NetConf,
    args: &CniArgs,
    machine: &Machine,
    added: Result<CniResult, CniError>,
) -> Result<Document, CniError> {
    match added {
        Ok(result) => result.print(conf.cni_version()),
        Err(error) => {
            release(runner, conf, args, machine).await.ok();
            Err(error)
        }
    }
}

/// DEL
pub(super) async fn delete(
    runner: &dyn CniRunner,
    conf: &NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
) -> Result<Document, CniError> {
    release(runner, conf, args, machine).await?;
    let name = endpoint_name(args, &conf.name);
    if conf.api_version == 2 {
        endpoint_v2::remove(&Hcn::new(host.network.clone()), &name).await?;
    } else {
        endpoint_v1::remove(host, &name, args).await?;
    }
    Ok(Document::Null)
}

/// Gives the pod's address back to the IPAM plugin.
async fn release(
    runner: &dyn CniRunner,
    conf: &NetConf,
    args: &CniArgs,
    machine: &Machine,
) -> Result<(), CniError> {
    if conf.ipam().is_empty() {
        return Ok(());
    }
    runner.run(conf.ipam(), Command::Del, conf.document.clone(), args, machine).await.map(drop)
}

/// Runs the IPAM plugin's ADD; its first address. `problem` is how the caller's error begins.
pub(super) async fn ipam_address(
    runner: &dyn CniRunner,
    conf: &NetConf,
    args: &CniArgs,
    machine: &Machine,
    problem: &str,
) -> Result<Prefix, CniError> {
    let result = match conf.ipam() {
        "" => Err(CniError::new("no plugin name provided")),
        ipam => runner.run(ipam, Command::Add, conf.document.clone(), args, machine).await,
    };
    let result = CniResult::from_document(&result.annotate(problem)?);
    let first = result.ips.first().and_then(|ip| ip.address.parse().ok());
    first.ok_or_else(|| CniError::new("IPAM plugin return is missing IP config"))
}
