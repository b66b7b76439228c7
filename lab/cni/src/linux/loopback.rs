//! loopback: brings `lo` up in the pod's namespace (`plugins/main/loopback`).

use winlab_document::Document;
use winlab_host::linux::{LinkSettings, SetLink};
use winlab_host::{Ask, HostLinux};

use crate::error::{Annotate, CniError};
use crate::result::{CniResult, Interface, IpConfig};
use crate::runner::{CniArgs, Command};

pub(crate) async fn run(
    command: Command,
    config: &Document,
    args: &CniArgs,
    host: &HostLinux,
) -> Result<Document, CniError> {
    let up = match command {
        Command::Add => true,
        Command::Del if args.netns.is_empty() => return Ok(Document::Null),
        Command::Del => false,
        Command::Check => return Ok(Document::Null),
    };
    let call = SetLink {
        namespace: args.namespace().to_owned(),
        name: "lo".to_owned(),
        settings: LinkSettings { up: Some(up), ..LinkSettings::default() },
    };
    let set = host.ask(call).await;
    if !up {
        // A namespace that is gone has no loopback either.
        return Ok(Document::Null);
    }
    set.annotate("failed to set lo up")?;
    let result = CniResult {
        interfaces: vec![Interface {
            name: "lo".into(),
            mac: "00:00:00:00:00:00".into(),
            sandbox: args.netns.clone(),
        }],
        ips: vec![IpConfig { address: "127.0.0.1/8".into(), gateway: String::new(), interface: Some(0) }],
        ..CniResult::default()
    };
    Ok(result.to_document(config.text(&["cniVersion"])))
}
