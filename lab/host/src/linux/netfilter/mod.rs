//! Netfilter's tables: what `iptables-restore` loads, `iptables-save` prints and a packet meets.
//!
//! Rules are kept in structured form. The matches and targets are those that kube-proxy's iptables mode
//! (`pkg/proxy/iptables/proxier.go`), flannel's masquerading (`pkg/trafficmngr/iptables`) and the CNI plugins use; any
//! other makes [`Netfilter::restore`] fail as `iptables-restore` does where an extension is missing.
//!
//! Reading order: [`Netfilter`] and [`Table`], then [`Rule`] with its [`Match`]es and [`Target`].

mod matches;
mod parse;
mod restore;
mod rule;
mod tables;
mod target;
#[cfg(test)]
mod tests;
mod words;

pub use matches::{CtState, InetProtocol, Match, PortSpan, RecentAction, Side};
pub use restore::RestoreError;
pub use rule::Rule;
pub use tables::{Chain, Hook, Netfilter, Policy, Table, TableName};
pub use target::{NatRange, Target};
