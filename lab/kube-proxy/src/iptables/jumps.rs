//! The rules in built-in chains that lead to kube-proxy's own.

use std::fmt::Write as _;
use std::sync::Arc;

use winlab_host::linux::{LinuxFault, Netfilter, RestoreTables, Rule, SaveTables, TableName};
use winlab_host::{Ask, HostLinux};

use super::names::{
    CANARY, EXTERNAL_SERVICES, FORWARD, KUBELET_FIREWALL, NODE_PORTS, POSTROUTING, PROXY_FIREWALL, SERVICES,
};

struct Jump {
    table: TableName,
    to: &'static str,
    from: &'static str,
    comment: &'static str,
    new_only: bool,
}

const fn jump(
    table: TableName,
    to: &'static str,
    from: &'static str,
    comment: &'static str,
    new_only: bool,
) -> Jump {
    Jump { table, to, from, comment, new_only }
}

const FILTER: TableName = TableName::Filter;
const NAT: TableName = TableName::Nat;

const JUMPS: [Jump; 14] = [
    jump(FILTER, EXTERNAL_SERVICES, "INPUT", "kubernetes externally-visible service portals", true),
    jump(FILTER, EXTERNAL_SERVICES, "FORWARD", "kubernetes externally-visible service portals", true),
    jump(FILTER, NODE_PORTS, "INPUT", "kubernetes health check service ports", false),
    jump(FILTER, SERVICES, "FORWARD", "kubernetes service portals", true),
    jump(FILTER, SERVICES, "OUTPUT", "kubernetes service portals", true),
    jump(FILTER, FORWARD, "FORWARD", "kubernetes forwarding rules", false),
    jump(FILTER, PROXY_FIREWALL, "INPUT", "kubernetes load balancer firewall", true),
    jump(FILTER, PROXY_FIREWALL, "OUTPUT", "kubernetes load balancer firewall", true),
    jump(FILTER, PROXY_FIREWALL, "FORWARD", "kubernetes load balancer firewall", true),
    jump(NAT, SERVICES, "OUTPUT", "kubernetes service portals", false),
    jump(NAT, SERVICES, "PREROUTING", "kubernetes service portals", false),
    jump(NAT, POSTROUTING, "POSTROUTING", "kubernetes postrouting rules", false),
    jump(FILTER, KUBELET_FIREWALL, "INPUT", "", false),
    jump(FILTER, KUBELET_FIREWALL, "OUTPUT", "", false),
];

impl Jump {
    fn rule(&self) -> String {
        let state = if self.new_only { "-m conntrack --ctstate NEW " } else { "" };
        let comment = match self.comment {
            "" => String::new(),
            text => format!("-m comment --comment \"{text}\" "),
        };
        format!("{state}{comment}-j {}", self.to)
    }
}

/// The tables as they are.
async fn tables(host: &HostLinux) -> Result<Netfilter, LinuxFault> {
    let text = host.ask(SaveTables { namespace: String::new(), table: String::new() }).await?;
    let mut netfilter = Netfilter::default();
    // Text that `iptables-save` wrote is text that `iptables-restore` reads.
    let _ = netfilter.restore(&text, false);
    Ok(netfilter)
}

/// Makes missing chains and puts missing jumps at the front of theirs (`EnsureChain`, `EnsureRule`).
pub(super) async fn ensure(host: &Arc<HostLinux>) -> Result<(), LinuxFault> {
    let mut netfilter = tables(host).await?;
    for jump in &JUMPS {
        let mut commands = String::new();
        let table = netfilter.table(jump.table);
        if table.is_none_or(|table| !table.chains.contains_key(jump.to)) {
            let _ = writeln!(commands, "-N {}", jump.to);
        }
        let wanted = jump.rule().parse::<Rule>();
        let rules = table.and_then(|table| table.chains.get(jump.from)).map(|chain| chain.rules.as_slice());
        if !wanted.is_ok_and(|wanted| rules.unwrap_or_default().contains(&wanted)) {
            let _ = writeln!(commands, "-I {} {}", jump.from, jump.rule());
        }
        if !commands.is_empty() {
            let rules = format!("*{}\n{commands}COMMIT\n", jump.table);
            let _ = netfilter.restore(&rules, true);
            host.ask(RestoreTables { namespace: String::new(), rules, noflush: true }).await?;
        }
    }
    Ok(())
}

const CANARY_TABLES: [TableName; 3] = [TableName::Mangle, TableName::Nat, TableName::Filter];

/// Whether all canary chains are there; none is left where somebody flushed the tables.
pub(super) async fn canaries_live(host: &HostLinux) -> bool {
    let Ok(netfilter) = tables(host).await else { return false };
    CANARY_TABLES
        .iter()
        .all(|table| netfilter.table(*table).is_some_and(|table| table.chains.contains_key(CANARY)))
}

/// Makes the canary chains.
pub(super) async fn set_canaries(host: &HostLinux) -> Result<(), LinuxFault> {
    for table in CANARY_TABLES {
        let rules = format!("*{table}\n:{CANARY} - [0:0]\nCOMMIT\n");
        host.ask(RestoreTables { namespace: String::new(), rules, noflush: true }).await?;
    }
    Ok(())
}
