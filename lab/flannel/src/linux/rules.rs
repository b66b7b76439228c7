//! flannel's iptables rules (`pkg/trafficmngr/iptables`).

use std::fmt::Write as _;
use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_component::Context;
use winlab_host::linux::{LinuxFault, Prefix, RestoreTables, Rule, SaveTables};
use winlab_host::{Ask, HostLinux};

/// A chain of flannel's own, the jump to it, and its rules: in the order they must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    table: &'static str,
    chain: &'static str,
    /// Chain and rule.
    rules: Vec<(&'static str, String)>,
}

/// Packets that kube-proxy has marked have their source translated by it.
const KUBE_PROXY_MARK: &str = "0x4000/0x4000";

/// Pods keep their address within the cluster, and take the node's beyond it (`masqRules`).
pub(super) fn masquerade(cluster: Prefix, pods: Prefix, random_fully: bool) -> Rules {
    const CHAIN: &str = "FLANNEL-POSTRTG";
    let comment = r#"-m comment --comment "flanneld masq""#;
    let translate = if random_fully { "-j MASQUERADE --random-fully" } else { "-j MASQUERADE" };
    let own = [
        format!("-m mark --mark {KUBE_PROXY_MARK} {comment} -j RETURN"),
        format!("-s {pods} -d {cluster} {comment} -j RETURN"),
        format!("-s {cluster} -d {pods} {comment} -j RETURN"),
        format!("! -s {cluster} -d {pods} {comment} -j RETURN"),
        format!("-s {cluster} ! -d 224.0.0.0/4 {comment} {translate}"),
        format!("! -s {cluster} -d {cluster} {comment} {translate}"),
    ];
    let jump = ("POSTROUTING", format!("{comment} -j {CHAIN}"));
    let rules = [jump].into_iter().chain(own.map(|rule| (CHAIN, rule))).collect();
    Rules { table: "nat", chain: CHAIN, rules }
}

/// Traffic of pods is passed on whatever Docker made of the policy (`forwardRules`).
pub(super) fn forward(cluster: Prefix) -> Rules {
    const CHAIN: &str = "FLANNEL-FWD";
    let comment = r#"-m comment --comment "flanneld forward""#;
    let rules = vec![
        ("FORWARD", format!("{comment} -j {CHAIN}")),
        (CHAIN, format!("-s {cluster} {comment} -j ACCEPT")),
        (CHAIN, format!("-d {cluster} {comment} -j ACCEPT")),
    ];
    Rules { table: "filter", chain: CHAIN, rules }
}

impl Rules {
    /// Sets the rules up and looks after them for ever: if one is missing, all are made anew.
    pub(super) async fn keep(self, context: Context, host: Arc<HostLinux>, resync: VirtualSpan) {
        let chain = format!("*{}\n:{} - [0:0]\nCOMMIT\n", self.table, self.chain);
        if let Err(error) = restore(&host, chain).await {
            context.log.error(format_args!("Failed to setup IPTables. Error on creating the chain: {error}"));
        }
        let mut set_up = false;
        loop {
            match self.ensure(&host, !set_up).await {
                Ok(()) => {}
                Err(error) if set_up => {
                    context.log.error(format_args!("Failed to ensure iptables rules: {error}"));
                }
                Err(error) => context.log.error(format_args!("Failed to bootstrap IPTables: {error}")),
            }
            set_up = true;
            context.clock.sleep(resync).await;
        }
    }

    async fn ensure(&self, host: &HostLinux, always: bool) -> Result<(), LinuxFault> {
        let saved = self.saved(host).await?;
        if !always && self.rules.iter().all(|(chain, rule)| is_there(&saved, chain, rule)) {
            return Ok(());
        }
        let mut text = format!("*{}\n", self.table);
        if !saved.lines().any(|line| line.starts_with(&format!(":{} ", self.chain))) {
            let _ = writeln!(text, ":{} - [0:0]", self.chain);
        }
        for (chain, rule) in &self.rules {
            // One that is there is moved, so that the order is right in the end.
            if is_there(&saved, chain, rule) {
                let _ = writeln!(text, "-D {chain} {rule}");
            }
            let _ = writeln!(text, "-A {chain} {rule}");
        }
        text.push_str("COMMIT\n");
        restore(host, text).await
    }

    /// Takes the rules away; those that are not there are fine.
    pub(super) async fn remove(&self, host: &HostLinux) {
        let Ok(saved) = self.saved(host).await else { return };
        let mut text = format!("*{}\n", self.table);
        for (chain, rule) in self.rules.iter().filter(|(chain, rule)| is_there(&saved, chain, rule)) {
            let _ = writeln!(text, "-D {chain} {rule}");
        }
        text.push_str("COMMIT\n");
        let _ = restore(host, text).await;
    }

    async fn saved(&self, host: &HostLinux) -> Result<String, LinuxFault> {
        host.ask(SaveTables { namespace: String::new(), table: self.table.to_owned() }).await
    }
}

async fn restore(host: &HostLinux, rules: String) -> Result<(), LinuxFault> {
    host.ask(RestoreTables { namespace: String::new(), rules, noflush: true }).await
}

/// Whether `iptables-save` shows a rule.
fn is_there(saved: &str, chain: &str, rule: &str) -> bool {
    let Ok(rule) = rule.parse::<Rule>() else { return false };
    let line = format!("-A {chain} {rule}");
    saved.lines().any(|printed| printed == line)
}

#[cfg(test)]
mod tests {
    use winlab_host::linux::Netfilter;

    use super::{Rules, forward, is_there, masquerade};

    fn saved(rules: &Rules) -> String {
        let lines: Vec<_> = rules.rules.iter().map(|(chain, rule)| format!("-A {chain} {rule}\n")).collect();
        let text = format!("*{}\n:{} - [0:0]\n{}COMMIT\n", rules.table, rules.chain, lines.concat());
        let mut netfilter = Netfilter::default();
        netfilter.restore(&text, true).unwrap();
        netfilter.save(rules.table).unwrap()
    }

    #[test]
    fn the_rules_as_iptables_save_prints_them() {
        let rules = masquerade("10.244.0.0/16".parse().unwrap(), "10.244.1.0/24".parse().unwrap(), true);
        let text = saved(&rules);
        assert!(rules.rules.iter().all(|(chain, rule)| is_there(&text, chain, rule)), "{text}");
        insta::assert_snapshot!(text);
        insta::assert_snapshot!(saved(&forward("10.244.0.0/16".parse().unwrap())));
    }
}
