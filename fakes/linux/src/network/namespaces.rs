//! Namespaces.

use std::collections::BTreeMap;

use winlab_host::MacAddress;
use winlab_host::linux::{
    Errno, FdbEntry, Link, LinkKind, LinkSettings, LinuxFault, Neighbour, Netfilter, Prefix, Route,
};

use crate::config::LinuxConfig;
use crate::context::{Context, Done};

/// A link and where it is.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) namespace: String,
    pub(super) link: Link,
    /// A veth's other end.
    pub(super) peer: Option<u32>,
    /// Its own forwarding entries.
    pub(super) fdb: Vec<FdbEntry>,
}

/// What a namespace has beside its links.
#[derive(Debug, Clone, Default)]
pub(super) struct Namespace {
    pub(super) routes: Vec<Route>,
    pub(super) neighbours: Vec<Neighbour>,
    pub(super) netfilter: Netfilter,
    pub(super) sysctls: BTreeMap<String, String>,
}

/// The stack of one machine.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    /// By index, unique on the machine.
    pub(super) links: BTreeMap<u32, Stored>,
    pub(super) namespaces: BTreeMap<String, Namespace>,
    next_index: u32,
}

impl Stack {
    /// As it is right after a boot: loopback, NICs, their addresses and the default route.
    pub(crate) fn boot(config: &LinuxConfig, context: &mut Context<'_>) -> Self {
        let host = Namespace::default();
        let mut stack = Self {
            links: BTreeMap::new(),
            namespaces: BTreeMap::from([(String::new(), host)]),
            next_index: 1,
        };
        stack.add_loopback("");
        for nic in &config.nics {
            let mac = if nic.mac == MacAddress::default() { context.mac() } else { nic.mac };
            stack.put("", &nic.name, LinkKind::Physical, mac, nic.mtu);
            let up = LinkSettings { up: Some(true), ..LinkSettings::default() };
            let gateway = nic.gateway.map(|gateway| Route {
                destination: Prefix::everything(gateway),
                gateway: Some(gateway),
                device: nic.name.clone(),
                source: None,
                metric: 0,
                onlink: false,
            });
            // A NIC described with a wrong gateway comes up without it, as on a real machine.
            let _refused = stack
                .set_link("", &nic.name, &up)
                .and_then(|()| stack.add_address("", &nic.name, nic.address))
                .and_then(|()| gateway.map_or(Ok(()), |route| stack.replace_route("", route)));
        }
        stack
    }

    pub(crate) fn namespaces(&self) -> Vec<String> {
        self.namespaces.keys().filter(|name| !name.is_empty()).cloned().collect()
    }

    pub(crate) fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name)
    }

    pub(crate) fn add_namespace(&mut self, name: &str) -> Done<()> {
        if self.namespaces.contains_key(name) {
            let text = format!("Cannot create namespace file \"/var/run/netns/{name}\": File exists");
            return Err(LinuxFault::because(Errno::EEXIST, text));
        }
        self.namespaces.insert(name.to_owned(), Namespace::default());
        self.add_loopback(name);
        Ok(())
    }

    /// Links that are no NICs go with the namespace; NICs go back to the host.
    pub(crate) fn delete_namespace(&mut self, name: &str) -> Done<()> {
        if name.is_empty() || !self.namespaces.contains_key(name) {
            let text =
                format!("Cannot remove namespace file \"/var/run/netns/{name}\": No such file or directory");
            return Err(LinuxFault::because(Errno::ENOENT, text));
        }
        let inside: Vec<u32> =
            self.links.iter().filter(|(_, s)| s.namespace == name).map(|(index, _)| *index).collect();
        for index in inside {
            match self.links.get_mut(&index) {
                Some(stored) if stored.link.kind == LinkKind::Physical => {
                    stored.namespace = String::new();
                    stored.link.up = false;
                    stored.link.addresses.clear();
                }
                _ => self.remove(index),
            }
        }
        self.namespaces.remove(name);
        Ok(())
    }

    pub(crate) fn netfilter(&mut self, namespace: &str) -> Done<&mut Netfilter> {
        Ok(&mut self.namespace_mut(namespace)?.netfilter)
    }

    /// What a packet meets in a namespace.
    pub(crate) fn tables(&self, namespace: &str) -> Netfilter {
        self.namespaces.get(namespace).map(|n| n.netfilter.clone()).unwrap_or_default()
    }

    pub(super) fn namespace(&self, name: &str) -> Done<&Namespace> {
        self.namespaces.get(name).ok_or_else(|| no_namespace(name))
    }

    pub(super) fn namespace_mut(&mut self, name: &str) -> Done<&mut Namespace> {
        self.namespaces.get_mut(name).ok_or_else(|| no_namespace(name))
    }

    /// A new link, down.
    pub(super) fn put(
        &mut self,
        namespace: &str,
        name: &str,
        kind: LinkKind,
        mac: MacAddress,
        mtu: u32,
    ) -> u32 {
        let index = self.next_index;
        self.next_index += 1;
        let link = Link {
            index,
            name: name.to_owned(),
            kind,
            mac,
            mtu,
            up: false,
            master: String::new(),
            addresses: Vec::new(),
        };
        let stored = Stored { namespace: namespace.to_owned(), link, peer: None, fdb: Vec::new() };
        self.links.insert(index, stored);
        index
    }

    fn add_loopback(&mut self, namespace: &str) {
        let index = self.put(namespace, "lo", LinkKind::Loopback, MacAddress::default(), 65_536);
        if let Some(stored) = self.links.get_mut(&index) {
            stored.link.up = true;
            stored.link.addresses = vec![Prefix { address: [127, 0, 0, 1].into(), length: 8 }];
        }
    }
}

fn no_namespace(name: &str) -> LinuxFault {
    LinuxFault::because(
        Errno::ENOENT,
        format!("Cannot open network namespace \"{name}\": No such file or directory"),
    )
}
