//! A container's own registry: a template by image build, and its network settings.
//!
//! Windows has no `resolv.conf`: a container's DNS settings are values of its own TCP/IP keys, filled from its HNS
//! endpoint. Mounting a file over anything changes nothing about them.

use std::net::IpAddr;

use winlab_host::Guid;
use winlab_host::linux::Prefix;

use super::Registry;
use super::host::{sz, write_computer_name, write_interface, write_version};

const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

/// One endpoint as a container's registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkInterface {
    /// The interface's GUID.
    pub id: Guid,
    /// Its addresses.
    pub addresses: Vec<Prefix>,
    /// Its default gateways.
    pub gateways: Vec<IpAddr>,
    /// DNS servers.
    pub dns_servers: Vec<String>,
    /// The connection's own suffix.
    pub dns_domain: String,
}

/// What a container's network is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerNetwork {
    /// Its interfaces.
    pub interfaces: Vec<NetworkInterface>,
    /// The suffixes appended to names without a dot.
    pub search: Vec<String>,
}

/// The registry of a container whose image is of that build, before its network is there.
#[must_use]
pub fn container_registry(build: (u32, u32), host_name: &str) -> Registry {
    let mut registry = Registry::default();
    write_version(&mut registry, build, "Windows Server Datacenter");
    write_computer_name(&mut registry, host_name, "");
    registry.write(r"HKLM\SYSTEM\CurrentControlSet\Control", [("WaitToKillServiceTimeout", sz("5000"))]);
    registry.write(r"HKLM\SYSTEM\CurrentControlSet\Services", []);
    registry.write(r"HKU\.DEFAULT", []);
    registry.write(&format!(r"{TCPIP}\Interfaces"), []);
    registry
}

impl Registry {
    /// Replaces a container's network settings.
    pub fn write_network(&mut self, network: &ContainerNetwork) {
        self.delete_tree(&format!(r"{TCPIP}\Interfaces"));
        self.write(&format!(r"{TCPIP}\Interfaces"), []);
        let mut servers: Vec<String> = Vec::new();
        for interface in &network.interfaces {
            let gateways = interface.gateways.iter().map(ToString::to_string).collect();
            write_interface(
                self,
                &format!("{{{}}}", interface.id),
                &interface.addresses,
                gateways,
                interface.dns_servers.clone(),
                &interface.dns_domain,
            );
            servers.extend(
                interface.dns_servers.iter().filter(|s| !servers.contains(s)).cloned().collect::<Vec<_>>(),
            );
        }
        let domain = network.interfaces.first().map_or("", |interface| interface.dns_domain.as_str());
        self.write(
            TCPIP,
            [
                ("SearchList", sz(network.search.join(","))),
                ("NameServer", sz(servers.join(","))),
                ("Domain", sz(domain)),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::Guid;

    use super::{ContainerNetwork, NetworkInterface, TCPIP, container_registry};

    #[test]
    fn network_settings_are_values_of_the_containers_own_keys() {
        let template = container_registry((20348, 2113), "web-0");
        let mut registry = template.clone();
        registry.write_network(&ContainerNetwork {
            interfaces: vec![NetworkInterface {
                id: Guid::from_bits(7),
                addresses: vec!["10.244.1.5/24".parse().unwrap()],
                gateways: vec!["10.244.1.2".parse().unwrap()],
                dns_servers: vec!["10.96.0.10".into()],
                dns_domain: "default.svc.cluster.local".into(),
            }],
            search: vec!["default.svc.cluster.local".into(), "svc.cluster.local".into()],
        });
        insta::assert_snapshot!(registry.values_document(TCPIP).unwrap().to_pretty(), @r#"
        {
          "Domain": "default.svc.cluster.local",
          "Hostname": "web-0",
          "NameServer": "10.96.0.10",
          "NV Hostname": "web-0",
          "SearchList": "default.svc.cluster.local,svc.cluster.local"
        }
        "#);
        let id = &registry.subkeys(&format!(r"{TCPIP}\Interfaces")).unwrap()[0];
        insta::assert_snapshot!(registry.values_document(&format!(r"{TCPIP}\Interfaces\{id}")).unwrap().to_string(),
            @r#"{"DefaultGateway":["10.244.1.2"],"Domain":"default.svc.cluster.local","EnableDHCP":0,"IPAddress":["10.244.1.5"],"NameServer":"10.96.0.10","SubnetMask":["255.255.255.0"]}"#);
        assert_eq!(template.values_document(TCPIP).unwrap().text(&["SearchList"]), "");
    }
}
