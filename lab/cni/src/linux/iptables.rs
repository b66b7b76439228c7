//! Single changes to the nat table, as go-iptables makes them.
//!
//! Rules are written as iptables-save prints them, so that "is it there" is a comparison of text.

use sha2::{Digest, Sha512};
use winlab_host::linux::{RestoreTables, SaveTables};
use winlab_host::{Ask, HostLinux};

use crate::error::CniError;

/// The chains and rules of the host's nat table at one moment.
pub(super) struct NatTable {
    lines: Vec<String>,
}

impl NatTable {
    pub(super) async fn read(host: &HostLinux) -> Result<Self, CniError> {
        let call = SaveTables { namespace: String::new(), table: "nat".to_owned() };
        let text = host.ask(call).await.map_err(|fault| CniError::new(fault.message))?;
        Ok(Self { lines: text.lines().map(str::to_owned).collect() })
    }

    pub(super) fn has_chain(&self, chain: &str) -> bool {
        let start = format!(":{chain} ");
        self.lines.iter().any(|line| line.starts_with(&start))
    }

    /// Whether the rule `-A …` is there.
    pub(super) fn has_rule(&self, rule: &str) -> bool {
        self.lines.iter().any(|line| line == rule)
    }

    /// The rules of a chain.
    pub(super) fn rules_of(&self, chain: &str) -> impl Iterator<Item = &str> {
        let start = format!("-A {chain} ");
        self.lines.iter().filter(move |line| line.starts_with(&start)).map(String::as_str)
    }

    /// Rules that jump to a chain.
    pub(super) fn jumps_to(&self, chain: &str) -> impl Iterator<Item = &str> {
        let end = format!(" -j {chain}");
        self.lines
            .iter()
            .filter(move |line| line.starts_with("-A ") && line.ends_with(&end))
            .map(String::as_str)
    }
}

/// Changes that the kernel takes all or none.
#[derive(Default)]
pub(super) struct Changes {
    chains: Vec<String>,
    lines: Vec<String>,
}

impl Changes {
    /// Makes a chain, or empties one that is there.
    pub(super) fn chain(&mut self, name: &str) {
        self.chains.push(format!(":{name} - [0:0]"));
    }

    /// `-A …`, `-I …`, `-D …`, `-X …`
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Adds the rule unless it is there.
    pub(super) fn append_unique(&mut self, table: &NatTable, rule: &str) {
        if !table.has_rule(rule) {
            self.line(rule);
        }
    }

    pub(super) async fn commit(self, host: &HostLinux) -> Result<(), CniError> {
        if self.chains.is_empty() && self.lines.is_empty() {
            return Ok(());
        }
        let mut rules = String::from("*nat\n");
        for line in self.chains.iter().chain(&self.lines) {
            rules.push_str(line);
            rules.push('\n');
        }
        rules.push_str("COMMIT\n");
        let call = RestoreTables { namespace: String::new(), rules, noflush: true };
        host.ask(call).await.map_err(|fault| CniError::new(format!("running [iptables]: {}", fault.message)))
    }
}

/// `FormatChainName`: 28 characters, `CNI-`, the infix, then as much of a SHA-512 as fits (`pkg/utils/utils.go`).
pub(super) fn chain_name(infix: &str, network: &str, container: &str) -> String {
    let digest = Sha512::new().chain_update(network).chain_update(container).finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut name = format!("CNI-{infix}{hex}");
    name.truncate(28);
    name
}

/// A comment with quotes in it, as iptables-save prints it.
pub(super) fn comment(text: &str) -> String {
    format!("-m comment --comment \"{}\"", text.replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{chain_name, comment};

    #[test]
    fn chain_names_are_those_of_the_plugins_own_tests() {
        // pkg/utils/utils_test.go: "must format a short name", "… a prefixed name".
        assert_eq!(chain_name("", "test", "1234"), "CNI-2bbe0c48b91a7d1b8a6753a8");
        assert_eq!(chain_name("PREFIX-", "test", "1234"), "CNI-PREFIX-2bbe0c48b91a7d1b8");
        assert_eq!(comment(r#"name: "a""#), r#"-m comment --comment "name: \"a\"""#);
    }
}
