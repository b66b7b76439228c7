//! flannel's plugin: reads what flanneld wrote about the node's subnet and delegates to a plugin that makes interfaces.
//!
//! Source: flannel-io/cni-plugin `flannel.go`, `flannel_linux.go`, `flannel_windows.go`.

use winlab_component::{HostFiles, Machine};
use winlab_document::{Document, doc};

use crate::error::{Annotate, CniError};
use crate::runner::{CniArgs, CniRunner, Command};
use crate::windows::endpoint_name::sandbox_container_id;

/// Where flanneld writes the node's subnet.
const SUBNET_FILE: &str = "/run/flannel/subnet.env";
/// Where the plugin remembers what it delegated.
const DATA_DIR: &str = "/var/lib/cni/flannel";

pub(crate) async fn run(
    runner: &dyn CniRunner,
    command: Command,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
) -> Result<Document, CniError> {
    match command {
        Command::Add => add(runner, config, args, machine).await,
        Command::Del => del(runner, config, args, machine).await,
        Command::Check => Ok(Document::Null),
    }
}

async fn add(
    runner: &dyn CniRunner,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
) -> Result<Document, CniError> {
    let file = text_or(config, "subnetFile", SUBNET_FILE);
    let env = SubnetEnv::load(file, machine).await.map_err(|error| {
        let text = error.msg;
        CniError::new(format!(
            "failed to load flannel 'subnet.env' file: {text}. Check the flannel pod log for this node."
        ))
    })?;
    let mut delegate = config.get("delegate").cloned().unwrap_or_else(Document::empty_object);
    check_delegate(&delegate)?;
    if let Some(runtime) = config.get("runtimeConfig") {
        delegate.set("runtimeConfig", runtime);
    }
    delegate.set("name", config.text(&["name"]));
    let id = match machine {
        Machine::Windows(_) => {
            fill_windows(&mut delegate, config, &env);
            sandbox_container_id(args).to_owned()
        }
        Machine::Linux(_) => {
            fill_linux(&mut delegate, config, &env);
            args.container_id.clone()
        }
    };
    let kind = delegate.text(&["type"]).to_owned();
    HostFiles::of(machine).write(&scratch(config, &id), delegate.to_bytes()).await?;
    runner.run(&kind, Command::Add, delegate, args, machine).await.annotate("failed to delegate add")
}

async fn del(
    runner: &dyn CniRunner,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
) -> Result<Document, CniError> {
    let id = match machine {
        Machine::Windows(_) => sandbox_container_id(args),
        Machine::Linux(_) => &args.container_id,
    };
    let files = HostFiles::of(machine);
    let path = scratch(config, id);
    let bytes = match files.read(&path).await {
        Err(error) if error.not_found => return Ok(Document::Null),
        other => other?,
    };
    let delegate = Document::from_slice(&bytes)
        .map_err(|error| CniError::new(format!("failed to parse netconf: {error}")))?;
    let kind = delegate.text(&["type"]).to_owned();
    runner.run(&kind, Command::Del, delegate, args, machine).await?;
    files.remove(&path).await?;
    Ok(Document::Null)
}

fn scratch(config: &Document, id: &str) -> String {
    format!("{}/{id}", text_or(config, "dataDir", DATA_DIR))
}

fn text_or<'a>(config: &'a Document, name: &str, default: &'a str) -> &'a str {
    Some(config.text(&[name])).filter(|text| !text.is_empty()).unwrap_or(default)
}

fn check_delegate(delegate: &Document) -> Result<(), CniError> {
    if delegate.get("type").is_some_and(|kind| kind.as_str().is_none()) {
        return Err(CniError::new("'delegate' dictionary, if present, must have (string) 'type' field"));
    }
    for name in ["name", "ipam"] {
        if delegate.get(name).is_some() {
            return Err(CniError::new(format!(
                "'delegate' dictionary must not have '{name}' field, it'll be set by flannel"
            )));
        }
    }
    Ok(())
}

fn default(delegate: &mut Document, name: &str, value: impl Into<Document>) {
    if delegate.get(name).is_none() {
        delegate.set(name, value);
    }
}

/// On Linux flanneld masquerades, so the bridge does only where flanneld does not.
fn fill_linux(delegate: &mut Document, config: &Document, env: &SubnetEnv) {
    default(delegate, "type", "bridge");
    default(delegate, "ipMasq", !env.ip_masq);
    default(delegate, "mtu", env.mtu);
    if delegate.text(&["type"]) == "bridge" {
        default(delegate, "isGateway", true);
    }
    if !config.text(&["cniVersion"]).is_empty() {
        delegate.set("cniVersion", config.text(&["cniVersion"]));
    }
    let mut ipam = config.get("ipam").cloned().unwrap_or_else(Document::empty_object);
    default(&mut ipam, "type", "host-local");
    ipam.set("ranges", doc!([[{"subnet": &env.subnet}]]));
    let mut routes = ipam.get("routes").map(Document::items).unwrap_or_default().to_vec();
    routes.push(doc!({"dst": &env.network}));
    ipam.set("routes", routes);
    delegate.set("ipam", ipam);
}

/// On Windows it is the plugin that masquerades, never flanneld.
fn fill_windows(delegate: &mut Document, config: &Document, env: &SubnetEnv) {
    default(delegate, "type", "win-bridge");
    delegate.set("ipMasq", env.ip_masq);
    delegate.set("ipMasqNetwork", &env.network);
    let version = config.text(&["cniVersion"]);
    delegate.set("cniVersion", if version.is_empty() { "0.2.0" } else { version });
    delegate.set("ipam", doc!({"type": "host-local", "subnet": &env.subnet}));
}

/// What flanneld knows of the node's subnet.
#[derive(Debug, PartialEq, Eq)]
struct SubnetEnv {
    network: String,
    subnet: String,
    mtu: u32,
    ip_masq: bool,
}

impl SubnetEnv {
    async fn load(path: &str, machine: &Machine) -> Result<Self, CniError> {
        let text = HostFiles::of(machine).read_text(path).await?;
        Self::parse(path, &text)
    }

    fn parse(path: &str, text: &str) -> Result<Self, CniError> {
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once('='));
            lines.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim().to_owned())
        };
        let names = ["FLANNEL_NETWORK", "FLANNEL_SUBNET", "FLANNEL_MTU", "FLANNEL_IPMASQ"];
        let missing: Vec<&str> = names.into_iter().filter(|name| value(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(CniError::new(format!("{path} is missing {}", missing.join(", "))));
        }
        let of = |name| value(name).unwrap_or_default();
        let subnet: winlab_host::linux::Prefix = of(names[1])
            .parse()
            .map_err(|_| CniError::new(format!("invalid CIDR address: {}", of(names[1]))))?;
        Ok(Self {
            network: of(names[0]),
            subnet: subnet.network().to_string(),
            mtu: of(names[2]).parse().map_err(|_| CniError::new("invalid FLANNEL_MTU"))?,
            ip_masq: of(names[3]) == "true",
        })
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{SubnetEnv, check_delegate, fill_linux, fill_windows};

    fn env() -> SubnetEnv {
        let text = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";
        SubnetEnv::parse("/run/flannel/subnet.env", text).unwrap()
    }

    #[test]
    fn delegates_are_filled_as_each_system_needs_it() {
        let config = doc!({"name": "cbr0", "cniVersion": "0.3.1"});
        let mut linux = doc!({"hairpinMode": true, "isDefaultGateway": true});
        fill_linux(&mut linux, &config, &env());
        assert_eq!(
            linux.to_string(),
            r#"{"hairpinMode":true,"isDefaultGateway":true,"type":"bridge","ipMasq":false,"mtu":1450,"isGateway":true,"cniVersion":"0.3.1","ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"10.244.0.0/16"}]}}"#
        );
        let mut windows = doc!({"type": "win-overlay", "apiVersion": 2});
        fill_windows(&mut windows, &config, &env());
        assert_eq!(
            windows.to_string(),
            r#"{"type":"win-overlay","apiVersion":2,"ipMasq":true,"ipMasqNetwork":"10.244.0.0/16","cniVersion":"0.3.1","ipam":{"type":"host-local","subnet":"10.244.1.0/24"}}"#
        );
    }

    #[test]
    fn what_is_missing_or_not_allowed_is_said() {
        let error = SubnetEnv::parse("/run/flannel/subnet.env", "FLANNEL_MTU=1450").unwrap_err();
        assert_eq!(
            error.msg,
            "/run/flannel/subnet.env is missing FLANNEL_NETWORK, FLANNEL_SUBNET, FLANNEL_IPMASQ"
        );
        assert!(check_delegate(&doc!({"ipam": {}})).is_err());
    }
}
