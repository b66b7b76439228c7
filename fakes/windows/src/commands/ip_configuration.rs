//! `ipconfig`: a container's interfaces as HNS gave them to its compartment, its DNS as its registry has it.

use std::fmt::Write as _;
use std::net::IpAddr;

use winlab_fake_hcs::Behaviour;
use winlab_host::MacAddress;
use winlab_host::linux::Prefix;

use super::context::Context;
use super::identity::host_name;
use super::{done, failed};

const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

/// One adapter as it is printed.
struct Shown {
    name: String,
    mac: MacAddress,
    addresses: Vec<Prefix>,
    gateways: Vec<IpAddr>,
    suffix: String,
    dns: Vec<String>,
}

pub(super) fn ipconfig(context: &mut Context<'_, '_>) -> Behaviour {
    let arguments = context.arguments().to_vec();
    let all = match arguments.as_slice() {
        [] => false,
        [one] if one.eq_ignore_ascii_case("/all") || one.eq_ignore_ascii_case("-all") => true,
        _ => return failed("Error: unrecognized or incomplete command line.\r\n", 1),
    };
    let shown = interfaces(context);
    let mut text = String::from("\r\nWindows IP Configuration\r\n\r\n");
    if all {
        header(&mut text, context);
    }
    for adapter in shown {
        print(&mut text, &adapter, all);
    }
    done(text)
}

/// A label, dots up to the colon, and its value; a value that goes on below its label has neither.
fn line(text: &mut String, label: &str, value: &str) {
    if label.is_empty() {
        let _ = write!(text, "{:39}{value}\r\n", "");
        return;
    }
    let dots = (label.len()..34).map(|column| if column % 2 == 0 { '.' } else { ' ' });
    let label: String = label.chars().chain(dots).collect();
    let _ = write!(text, "   {label}: {value}\r\n");
}

fn header(text: &mut String, context: &mut Context<'_, '_>) {
    let search = context.value(TCPIP, "SearchList").map(|value| value.to_string()).unwrap_or_default();
    let domain = context.value(TCPIP, "Domain").map(|value| value.to_string()).unwrap_or_default();
    line(text, "Host Name", &host_name(context));
    line(text, "Primary Dns Suffix", &domain);
    line(text, "Node Type", "Hybrid");
    line(text, "IP Routing Enabled", "No");
    line(text, "WINS Proxy Enabled", "No");
    let mut label = "DNS Suffix Search List";
    for suffix in search.split(',').filter(|suffix| !suffix.is_empty()) {
        line(text, label, suffix);
        label = "";
    }
    text.push_str("\r\n");
}

/// In a container those of its compartment, on the host those of the host.
fn interfaces(context: &mut Context<'_, '_>) -> Vec<Shown> {
    let Some(id) = context.container().map(str::to_owned) else {
        return context
            .host
            .system
            .adapters()
            .iter()
            .map(|adapter| Shown {
                name: adapter.name.clone(),
                mac: adapter.mac,
                addresses: adapter.addresses.clone(),
                gateways: adapter.gateway.into_iter().collect(),
                suffix: String::new(),
                dns: adapter.dns.iter().map(ToString::to_string).collect(),
            })
            .collect();
    };
    let interfaces = context.host.containers.get(&id).map(|r| r.interfaces.clone()).unwrap_or_default();
    interfaces
        .into_iter()
        .map(|interface| {
            let key = format!(r"{TCPIP}\Interfaces\{{{}}}", interface.endpoint);
            let mut of_registry =
                |name| context.value(&key, name).map(|value| value.to_string()).unwrap_or_default();
            let (suffix, servers) = (of_registry("Domain"), of_registry("NameServer"));
            Shown {
                name: interface.name,
                mac: interface.mac,
                addresses: interface.addresses,
                gateways: interface.gateways,
                suffix,
                dns: servers.split(',').filter(|server| !server.is_empty()).map(str::to_owned).collect(),
            }
        })
        .collect()
}

fn print(text: &mut String, adapter: &Shown, all: bool) {
    let _ = write!(text, "Ethernet adapter {}:\r\n\r\n", adapter.name);
    if adapter.addresses.is_empty() && !all {
        line(text, "Media State", "Media disconnected");
        text.push_str("\r\n");
        return;
    }
    line(text, "Connection-specific DNS Suffix ", &adapter.suffix);
    if all {
        line(text, "Description", "Hyper-V Virtual Ethernet Adapter");
        line(text, "Physical Address", &adapter.mac.dashed());
        line(text, "DHCP Enabled", "No");
        line(text, "Autoconfiguration Enabled", "Yes");
    }
    for address in &adapter.addresses {
        let label = if address.address.is_ipv4() { "IPv4 Address" } else { "IPv6 Address" };
        let note = if all { "(Preferred)" } else { "" };
        line(text, label, &format!("{}{note}", address.address));
        if address.address.is_ipv4() {
            line(text, "Subnet Mask", &mask(address.length));
        }
    }
    let gateways: Vec<String> = adapter.gateways.iter().map(ToString::to_string).collect();
    line(text, "Default Gateway", &gateways.join(" "));
    if all {
        let mut label = "DNS Servers";
        for server in &adapter.dns {
            line(text, label, server);
            label = "";
        }
    }
    text.push_str("\r\n");
}

fn mask(length: u8) -> String {
    let bits = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or_default();
    std::net::Ipv4Addr::from(bits).to_string()
}
