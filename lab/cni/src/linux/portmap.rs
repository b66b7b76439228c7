//! portmap: host ports by destination NAT (`plugins/meta/portmap/portmap_iptables.go`).
//!
//! ```text
//! PREROUTING, OUTPUT ─ local destination ─▶ CNI-HOSTPORT-DNAT ─ ports of the pod ─▶ CNI-DN-<hash> ─▶ DNAT pod:port
//! POSTROUTING ─▶ CNI-HOSTPORT-MASQ ─ marked by CNI-HOSTPORT-SETMARK ─▶ MASQUERADE
//! ```

use std::collections::BTreeMap;

use winlab_document::Document;
use winlab_host::HostLinux;
use winlab_host::linux::Prefix;

use super::iptables::{Changes, NatTable, chain_name, comment};
use crate::error::CniError;
use crate::result::CniResult;
use crate::runner::{CniArgs, Command};

const DNAT: &str = "CNI-HOSTPORT-DNAT";
const SET_MARK: &str = "CNI-HOSTPORT-SETMARK";
const MASQUERADE: &str = "CNI-HOSTPORT-MASQ";
/// multiport takes 15 ports a rule.
const MULTIPORT: usize = 15;

/// One entry of the runtime's `portMappings`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapping {
    host_port: u64,
    container_port: u64,
    protocol: String,
    host_ip: String,
}

pub(crate) async fn run(
    command: Command,
    config: &Document,
    args: &CniArgs,
    host: &HostLinux,
) -> Result<Document, CniError> {
    let previous = config.get("prevResult");
    match command {
        Command::Check => Ok(Document::Null),
        Command::Add => {
            let previous = previous.ok_or_else(|| CniError::new("must be called as chained plugin"))?;
            let mappings = mappings(config)?;
            if !mappings.is_empty() {
                let result = CniResult::from_document(previous);
                let four = |ip: &&crate::IpConfig| !ip.address.contains(':');
                if let Some(ip) = result.ips.iter().find(four) {
                    let address: Prefix = ip
                        .address
                        .parse()
                        .map_err(|_| CniError::new(format!("invalid CIDR address: {}", ip.address)))?;
                    forward(host, config.text(&["name"]), &args.container_id, address, &mappings).await?;
                }
            }
            Ok(previous.clone())
        }
        Command::Del => {
            unforward(host, config.text(&["name"]), &args.container_id).await?;
            Ok(Document::Null)
        }
    }
}

fn mappings(config: &Document) -> Result<Vec<Mapping>, CniError> {
    let listed = config.path(&["runtimeConfig", "portMappings"]).map(Document::items).unwrap_or_default();
    let mut mappings = Vec::with_capacity(listed.len());
    for entry in listed {
        let port = |name: &str| entry.get(name).and_then(Document::as_u64).unwrap_or(0);
        let mapping = Mapping {
            host_port: port("hostPort"),
            container_port: port("containerPort"),
            protocol: entry.text(&["protocol"]).to_ascii_lowercase(),
            host_ip: entry.text(&["hostIP"]).to_owned(),
        };
        if mapping.container_port == 0 {
            return Err(CniError::new(format!("Invalid container port number: {}", mapping.container_port)));
        }
        if mapping.host_port > 0 {
            mappings.push(mapping);
        }
    }
    Ok(mappings)
}

async fn forward(
    host: &HostLinux,
    network: &str,
    container: &str,
    address: Prefix,
    mappings: &[Mapping],
) -> Result<(), CniError> {
    let table = NatTable::read(host).await?;
    let mut changes = Changes::default();
    for chain in [SET_MARK, MASQUERADE, DNAT] {
        if !table.has_chain(chain) {
            changes.chain(chain);
        }
    }
    let set_mark =
        format!("-A {SET_MARK} {} -j MARK --set-xmark 0x2000/0x2000", comment("CNI portfwd masquerade mark"));
    changes.append_unique(&table, &set_mark);
    changes.append_unique(&table, &format!("-A {MASQUERADE} -m mark --mark 0x2000/0x2000 -j MASQUERADE"));
    let masquerade = format!("POSTROUTING {} -j {MASQUERADE}", comment("CNI portfwd requiring masquerade"));
    if !table.has_rule(&format!("-A {masquerade}")) {
        // Before the other masquerading rules, which would take the packet first.
        changes.line(format!("-I {}", masquerade.replacen("POSTROUTING", "POSTROUTING 1", 1)));
    }
    for chain in ["PREROUTING", "OUTPUT"] {
        changes.append_unique(&table, &format!("-A {chain} -m addrtype --dst-type LOCAL -j {DNAT}"));
    }
    let chain = chain_name("DN-", network, container);
    for jump in table.jumps_to(&chain) {
        changes.line(jump.replacen("-A", "-D", 1));
    }
    changes.chain(&chain);
    for rule in entry_rules(&chain, network, container, mappings) {
        changes.line(rule);
    }
    for rule in mappings.iter().flat_map(|mapping| dnat_rules(&chain, address, mapping)) {
        changes.line(rule);
    }
    changes.commit(host).await
}

/// One rule per protocol and fifteen ports.
fn entry_rules(chain: &str, network: &str, container: &str, mappings: &[Mapping]) -> Vec<String> {
    let mut ports: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for mapping in mappings {
        ports.entry(&mapping.protocol).or_default().push(mapping.host_port);
    }
    let note = comment(&format!("dnat name: {network:?} id: {container:?}"));
    let rules = ports.iter().flat_map(|(protocol, ports)| {
        let note = note.clone();
        ports.chunks(MULTIPORT).map(move |ports| {
            let ports: Vec<String> = ports.iter().map(u64::to_string).collect();
            format!("-A {DNAT} -p {protocol} {note} -m multiport --dports {} -j {chain}", ports.join(","))
        })
    });
    rules.collect()
}

/// Marks for hairpin and local traffic, then the translation itself.
fn dnat_rules(chain: &str, address: Prefix, mapping: &Mapping) -> [String; 3] {
    let Mapping { host_port, container_port, protocol, host_ip } = mapping;
    let to = match host_ip.as_str() {
        "" | "0.0.0.0" | "::" => String::new(),
        ip => format!(" -d {ip}/32"),
    };
    let rule = |source: &str, target: String| {
        format!("-A {chain}{source}{to} -p {protocol} -m {protocol} --dport {host_port} -j {target}")
    };
    [
        rule(&format!(" -s {}", address.network()), SET_MARK.to_owned()),
        rule(" -s 127.0.0.1/32", SET_MARK.to_owned()),
        rule("", format!("DNAT --to-destination {}:{container_port}", address.address)),
    ]
}

async fn unforward(host: &HostLinux, network: &str, container: &str) -> Result<(), CniError> {
    let chain = chain_name("DN-", network, container);
    let table = NatTable::read(host).await?;
    let mut changes = Changes::default();
    for jump in table.jumps_to(&chain) {
        changes.line(jump.replacen("-A", "-D", 1));
    }
    if table.has_chain(&chain) || table.rules_of(&chain).next().is_some() {
        changes.chain(&chain);
        changes.line(format!("-X {chain}"));
    }
    changes.commit(host).await
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{dnat_rules, entry_rules, mappings};

    #[test]
    fn rules_read_as_iptables_save_prints_them() {
        let config = doc!({"runtimeConfig": {"portMappings": [
            {"hostPort": 8080, "containerPort": 80, "protocol": "TCP"}, {"hostPort": 0, "containerPort": 1},
        ]}});
        let mappings = mappings(&config).unwrap();
        assert_eq!(
            entry_rules("CNI-DN-x", "cbr0", "sb", &mappings),
            [
                r#"-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"cbr0\" id: \"sb\"" -m multiport --dports 8080 -j CNI-DN-x"#
            ]
        );
        assert_eq!(
            dnat_rules("CNI-DN-x", "10.244.1.5/24".parse().unwrap(), &mappings[0]),
            [
                "-A CNI-DN-x -s 10.244.1.0/24 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK",
                "-A CNI-DN-x -s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK",
                "-A CNI-DN-x -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:80",
            ]
        );
    }
}
