//! The interface that other nodes are reached through (`pkg/ipmatch`).

use std::net::IpAddr;

use winlab_component::{Context, Machine};
use winlab_host::Ask;
use winlab_host::linux::{ListLinks, ListRoutes};
use winlab_host::system::{self, GetAdapters};

use crate::error::FlannelError;
use crate::options::Options;

/// An interface with an IPv4 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Iface {
    pub(crate) name: String,
    pub(crate) mtu: u32,
    pub(crate) addresses: Vec<IpAddr>,
}

/// `ExternalInterface`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExternalInterface {
    pub(crate) name: String,
    pub(crate) mtu: u32,
    /// Its own address.
    pub(crate) address: IpAddr,
    /// The address that other nodes use.
    pub(crate) public: IpAddr,
}

/// The node's interfaces.
pub(crate) async fn list(machine: &Machine) -> Vec<Iface> {
    let v4 = |addresses: &[winlab_host::linux::Prefix]| {
        addresses.iter().map(|prefix| prefix.address).filter(IpAddr::is_ipv4).collect()
    };
    match machine {
        Machine::Windows(machine) => {
            let adapters = machine.system.ask(GetAdapters {}).await.unwrap_or_default();
            let iface = |adapter: winlab_host::Adapter| Iface {
                addresses: v4(&adapter.addresses),
                name: adapter.name,
                mtu: adapter.mtu,
            };
            adapters.into_iter().map(iface).collect()
        }
        Machine::Linux(host) => {
            let links = host.ask(ListLinks { namespace: String::new() }).await.unwrap_or_default();
            let iface = |link: winlab_host::linux::Link| Iface {
                addresses: v4(&link.addresses),
                name: link.name,
                mtu: link.mtu,
            };
            links.into_iter().map(iface).collect()
        }
    }
}

/// The interface with an address, if one has it (`GetInterfaceByIP`).
pub(crate) async fn by_address(machine: &Machine, address: IpAddr) -> Option<Iface> {
    list(machine).await.into_iter().find(|iface| iface.addresses.contains(&address))
}

/// The interface of the default route.
async fn default_name(machine: &Machine) -> Option<String> {
    let routes = match machine {
        Machine::Windows(machine) => machine.system.ask(system::ListRoutes {}).await.unwrap_or_default(),
        Machine::Linux(host) => host.ask(ListRoutes { namespace: String::new() }).await.unwrap_or_default(),
    };
    let default = routes.into_iter().find(|r| r.destination.length == 0 && r.destination.address.is_ipv4());
    default.map(|route| route.device)
}

/// `LookupExtIface`: the first of `--iface` that is there, else that of the default route. `stored` is the public
/// address that somebody has annotated the node with.
pub(crate) async fn look_up(
    context: &Context,
    options: &Options,
    stored: Option<String>,
) -> Result<ExternalInterface, FlannelError> {
    let public = stored.unwrap_or_else(|| options.public_ip.clone());
    let ifaces = list(&context.machine).await;
    let found = if options.ifaces.is_empty() && public.is_empty() {
        let name = default_name(&context.machine).await;
        let name = name.ok_or_else(|| {
            default_problem("failed to get default interface: unable to find default route")
        })?;
        Some(external(&ifaces, &name, &public).map_err(|problem| default_problem(&problem))?)
    } else if options.ifaces.is_empty() {
        Some(external(&ifaces, &public, &public).map_err(|problem| default_problem(&problem))?)
    } else {
        options.ifaces.iter().find_map(|wanted| match external(&ifaces, wanted, &public) {
            Ok(found) => Some(found),
            Err(problem) => {
                context.log.info(format_args!("Could not find valid interface matching {wanted}: {problem}"));
                None
            }
        })
    };
    let found = found.ok_or(FlannelError::NoSuchInterface)?;
    context.log.info(format_args!("Using interface with name {} and address {}", found.name, found.address));
    Ok(found)
}

fn default_problem(problem: &str) -> FlannelError {
    FlannelError::DefaultInterface(problem.to_owned())
}

/// The interface with this name or address.
fn external(ifaces: &[Iface], wanted: &str, public: &str) -> Result<ExternalInterface, String> {
    let by_address = wanted.parse::<IpAddr>().ok();
    let found = ifaces.iter().find(|iface| match by_address {
        Some(address) => iface.addresses.contains(&address),
        None => iface.name == wanted,
    });
    let found = found.ok_or_else(|| match by_address {
        Some(_) => format!("error looking up interface {wanted}: no interface with given IP found"),
        None => format!("error looking up interface {wanted}: route ip+net: no such network interface"),
    })?;
    let first = by_address.or_else(|| found.addresses.first().copied());
    let address = first.ok_or_else(|| format!("failed to find IPv4 address for interface {}", found.name))?;
    let public = match public {
        "" => address,
        text => text.parse().map_err(|_| format!("invalid public IP address: {text}"))?,
    };
    Ok(ExternalInterface { name: found.name.clone(), mtu: found.mtu, address, public })
}

#[cfg(test)]
mod tests {
    use super::{Iface, external};

    #[test]
    fn interfaces_by_name_and_address() {
        let ifaces = [Iface {
            name: "Ethernet".into(),
            mtu: 1500,
            addresses: vec!["192.168.1.11".parse().unwrap(), "192.168.1.12".parse().unwrap()],
        }];
        assert_eq!(external(&ifaces, "Ethernet", "").unwrap().address.to_string(), "192.168.1.11");
        let found = external(&ifaces, "192.168.1.12", "203.0.113.1").unwrap();
        assert_eq!(
            (found.address.to_string(), found.public.to_string()),
            ("192.168.1.12".into(), "203.0.113.1".into())
        );
        assert!(external(&ifaces, "Ethernet 2", "").is_err());
    }
}
