//! Kernel parameters.

use std::collections::BTreeMap;

use winlab_host::linux::{Errno, LinuxFault};

use super::namespaces::Stack;
use crate::context::Done;

/// Values right after a boot of Ubuntu 24.04 with `br_netfilter` loaded, as kubeadm's guide has it loaded.
const DEFAULTS: [(&str, &str); 12] = [
    ("net.ipv4.ip_forward", "0"),
    ("net.ipv6.conf.all.forwarding", "0"),
    ("net.bridge.bridge-nf-call-iptables", "1"),
    ("net.bridge.bridge-nf-call-ip6tables", "1"),
    ("net.ipv4.ip_local_port_range", "32768\t60999"),
    ("net.netfilter.nf_conntrack_max", "131072"),
    ("vm.overcommit_memory", "0"),
    ("vm.panic_on_oom", "0"),
    ("kernel.panic", "0"),
    ("kernel.panic_on_oops", "0"),
    ("kernel.keys.root_maxkeys", "1000000"),
    ("kernel.keys.root_maxbytes", "25000000"),
];

/// Parameters of these families are kept whatever their name; they have the value 0 until they are set.
const FAMILIES: [&str; 6] =
    ["net.ipv4.", "net.ipv6.", "net.netfilter.", "net.core.", "fs.inotify.", "fs.file-"];

impl Stack {
    pub(crate) fn set_sysctl(&mut self, namespace: &str, name: &str, value: &str) -> Done<()> {
        known(name)?;
        // What is not of the network is the machine's, whoever sets it.
        let home = if name.starts_with("net.") { namespace } else { "" };
        self.namespace_mut(home)?.sysctls.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    pub(crate) fn sysctl(&self, namespace: &str, name: &str) -> Done<String> {
        known(name)?;
        let home = if name.starts_with("net.") { namespace } else { "" };
        let set = self.namespace(home)?.sysctls.get(name).cloned();
        Ok(set.unwrap_or_else(|| default_of(name).unwrap_or("0").to_owned()))
    }

    /// Those with a default of their own and those that were set.
    pub(crate) fn sysctls(&self, namespace: &str) -> BTreeMap<String, String> {
        let defaults = DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let set = self.namespaces.get(namespace).map(|n| n.sysctls.clone()).unwrap_or_default();
        defaults.chain(set).collect()
    }
}

fn default_of(name: &str) -> Option<&'static str> {
    DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn known(name: &str) -> Done<()> {
    if default_of(name).is_some() || FAMILIES.iter().any(|family| name.starts_with(family)) {
        return Ok(());
    }
    let path = name.replace('.', "/");
    Err(LinuxFault::because(
        Errno::ENOENT,
        format!("sysctl: cannot stat /proc/sys/{path}: No such file or directory"),
    ))
}
