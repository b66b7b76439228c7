//! Tables and chains.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::rule::Rule;

/// A place in a packet's way where netfilter looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// As it comes in.
    Prerouting,
    /// It is for this host.
    Input,
    /// It is for somebody else.
    Forward,
    /// This host sends it.
    Output,
    /// As it leaves.
    Postrouting,
}

impl Hook {
    /// The chain of that name.
    #[must_use]
    pub fn chain(self) -> &'static str {
        match self {
            Self::Prerouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::Postrouting => "POSTROUTING",
        }
    }
}

/// The tables of iptables that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableName {
    /// `raw`: before connection tracking.
    Raw,
    /// `mangle`
    Mangle,
    /// `nat`: met by the first packet of a connection only.
    Nat,
    /// `filter`
    Filter,
}

impl TableName {
    /// Every table, in the order in which a packet meets them.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Mangle, Self::Nat, Self::Filter];

    /// The table with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mangle => "mangle",
            Self::Nat => "nat",
            Self::Filter => "filter",
        }
    }

    /// Its built-in chains, in the order in which `iptables-save` prints them.
    #[must_use]
    pub fn hooks(self) -> &'static [Hook] {
        match self {
            Self::Raw => &[Hook::Prerouting, Hook::Output],
            Self::Mangle => &[Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting],
            Self::Nat => &[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting],
            Self::Filter => &[Hook::Input, Hook::Forward, Hook::Output],
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a built-in chain does with what no rule decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// `ACCEPT`
    #[default]
    Accept,
    /// `DROP`
    Drop,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        })
    }
}

/// A chain of rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    /// Of a built-in chain only.
    pub policy: Option<Policy>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Its chains by name.
    pub chains: BTreeMap<String, Chain>,
}

impl Table {
    /// The table as the kernel first has it: built-in chains that accept.
    #[must_use]
    pub fn new(name: TableName) -> Self {
        let built_in = |hook: &Hook| {
            (hook.chain().to_owned(), Chain { policy: Some(Policy::Accept), rules: Vec::new() })
        };
        Self { name, chains: name.hooks().iter().map(built_in).collect() }
    }

    /// Whether a chain is built in.
    #[must_use]
    pub fn is_built_in(&self, chain: &str) -> bool {
        self.name.hooks().iter().any(|hook| hook.chain() == chain)
    }

    /// A rule that leads to a chain: where it is used.
    #[must_use]
    pub fn caller_of(&self, chain: &str) -> Option<&str> {
        self.chains
            .iter()
            .find(|(_, c)| c.rules.iter().any(|rule| rule.target.chain() == Some(chain)))
            .map(|(name, _)| name.as_str())
    }
}

impl fmt::Display for Table {
    /// As `iptables-save` prints it: built-in chains, the others by name, then the rules chain by chain.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "*{}", self.name)?;
        let built_in = self.name.hooks().iter().map(|hook| hook.chain());
        let others = self.chains.keys().map(String::as_str).filter(|name| !self.is_built_in(name));
        let names: Vec<&str> = built_in.chain(others).collect();
        for name in &names {
            match self.chains.get(*name).and_then(|chain| chain.policy) {
                Some(policy) => writeln!(f, ":{name} {policy} [0:0]")?,
                None => writeln!(f, ":{name} - [0:0]")?,
            }
        }
        for name in &names {
            for rule in self.chains.get(*name).map(|chain| chain.rules.as_slice()).unwrap_or_default() {
                let text = rule.to_string();
                writeln!(f, "-A {name}{}{text}", if text.is_empty() { "" } else { " " })?;
            }
        }
        writeln!(f, "COMMIT")
    }
}

/// The tables of one network namespace; those that nobody has touched are not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Netfilter {
    tables: BTreeMap<TableName, Arc<Table>>,
}

impl Netfilter {
    /// A table, if somebody has touched it.
    #[must_use]
    pub fn table(&self, name: TableName) -> Option<&Table> {
        self.tables.get(&name).map(Arc::as_ref)
    }

    /// In `iptables-save` form: one table by its name, or all that somebody has touched.
    ///
    /// # Errors
    /// The text of `iptables-save` for a table that the kernel does not have.
    pub fn save(&self, table: &str) -> Result<String, String> {
        if table.is_empty() {
            return Ok(self.tables.values().map(|table| print(table)).collect());
        }
        let name = TableName::named(table).ok_or_else(|| {
            format!(
                "iptables-save v1.8.9 (legacy): Cannot initialize: can't initialize iptables table `{table}': \
                 Table does not exist (do you need to insmod?)"
            )
        })?;
        Ok(self.table(name).map_or_else(|| print(&Table::new(name)), print))
    }

    pub(super) fn put(&mut self, table: Table) {
        self.tables.insert(table.name, Arc::new(table));
    }
}

fn print(table: &Table) -> String {
    format!("# Generated by iptables-save v1.8.9\n{table}# Completed\n")
}
