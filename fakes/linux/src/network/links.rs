//! Links and their addresses.

use winlab_host::linux::{Errno, Link, LinkKind, LinkSettings, Prefix};

use super::namespaces::{Stack, Stored};
use super::{no_device, refused};
use crate::context::{Context, Done};

/// What VXLAN over IPv4 adds to a packet, in bytes.
const VXLAN_OVERHEAD: u32 = 50;
/// The longest name of a link: `IFNAMSIZ` less the terminating zero.
const LONGEST_NAME: usize = 15;

impl Stack {
    pub(crate) fn add_link(
        &mut self,
        namespace: &str,
        name: &str,
        kind: LinkKind,
        context: &mut Context<'_>,
    ) -> Done<()> {
        self.namespace(namespace)?;
        self.free_name(namespace, name)?;
        let mut mtu = 1500;
        match &kind {
            LinkKind::Loopback | LinkKind::Physical => return Err(refused(Errno::EOPNOTSUPP)),
            LinkKind::Bridge | LinkKind::Dummy => {}
            LinkKind::Veth { peer, peer_namespace } => {
                self.namespace(peer_namespace)?;
                self.free_name(peer_namespace, peer)?;
                if (namespace, name) == (peer_namespace, peer) {
                    return Err(refused(Errno::EEXIST));
                }
                self.add_pair((namespace, name), (peer_namespace, peer), context);
                return Ok(());
            }
            LinkKind::Vxlan { vni, port, device, .. } => {
                let under = self.find(namespace, device)?;
                mtu = under.link.mtu.saturating_sub(VXLAN_OVERHEAD);
                let same = |stored: &Stored| {
                    stored.namespace == namespace
                        && matches!(&stored.link.kind, LinkKind::Vxlan { vni: v, port: p, .. } if (v, p) == (vni, port))
                };
                if self.links.values().any(same) {
                    return Err(refused(Errno::EEXIST));
                }
            }
        }
        let mac = context.mac();
        self.put(namespace, name, kind, mac, mtu);
        Ok(())
    }

    fn add_pair(&mut self, near: (&str, &str), far: (&str, &str), context: &mut Context<'_>) {
        let kind = |(peer_namespace, peer): (&str, &str)| LinkKind::Veth {
            peer: peer.to_owned(),
            peer_namespace: peer_namespace.to_owned(),
        };
        let (mac, far_mac) = (context.mac(), context.mac());
        let far_index = self.put(far.0, far.1, kind(near), far_mac, 1500);
        let index = self.put(near.0, near.1, kind(far), mac, 1500);
        for (one, other) in [(index, far_index), (far_index, index)] {
            if let Some(stored) = self.links.get_mut(&one) {
                stored.peer = Some(other);
            }
        }
    }

    pub(crate) fn set_link(&mut self, namespace: &str, name: &str, settings: &LinkSettings) -> Done<()> {
        let index = self.find(namespace, name)?.link.index;
        if let Some(to) = &settings.namespace {
            self.namespace(to)?;
        }
        let new_name = settings.name.as_deref().filter(|new| *new != name);
        let home = settings.namespace.as_deref().unwrap_or(namespace);
        if new_name.is_some() || home != namespace {
            self.free_name(home, new_name.unwrap_or(name))?;
        }
        if let Some(master) = settings.master.as_deref().filter(|master| !master.is_empty())
            && self.find(namespace, master)?.link.kind != LinkKind::Bridge
        {
            return Err(refused(Errno::EOPNOTSUPP));
        }
        if home != namespace {
            self.set_up(index, false);
            self.change(index, |stored| {
                stored.namespace = home.to_owned();
                stored.link.addresses.clear();
                stored.link.master.clear();
            });
        }
        self.change(index, |stored| {
            stored.link.mac = settings.mac.unwrap_or(stored.link.mac);
            stored.link.mtu = settings.mtu.unwrap_or(stored.link.mtu);
            if let Some(master) = &settings.master {
                stored.link.master.clone_from(master);
            }
        });
        if let Some(new) = new_name {
            self.rename(index, new);
        }
        if let Some(up) = settings.up {
            self.set_up(index, up);
        }
        Ok(())
    }

    pub(crate) fn delete_link(&mut self, namespace: &str, name: &str) -> Done<()> {
        let stored = self.find(namespace, name)?;
        if matches!(stored.link.kind, LinkKind::Loopback | LinkKind::Physical) {
            return Err(refused(Errno::EOPNOTSUPP));
        }
        let index = stored.link.index;
        self.remove(index);
        Ok(())
    }

    pub(crate) fn links(&self, namespace: &str) -> Done<Vec<Link>> {
        self.namespace(namespace)?;
        let inside = self.links.values().filter(|stored| stored.namespace == namespace);
        Ok(inside.map(|stored| self.shown(stored)).collect())
    }

    pub(crate) fn add_address(&mut self, namespace: &str, link: &str, address: Prefix) -> Done<()> {
        let stored = self.find(namespace, link)?;
        let (index, up) = (stored.link.index, stored.link.up);
        if stored.link.addresses.contains(&address) {
            return Err(refused(Errno::EEXIST));
        }
        self.change(index, |stored| stored.link.addresses.push(address));
        if up {
            self.add_connected(index);
        }
        Ok(())
    }

    pub(crate) fn delete_address(&mut self, namespace: &str, link: &str, address: Prefix) -> Done<()> {
        let stored = self.find(namespace, link)?;
        let index = stored.link.index;
        if !stored.link.addresses.contains(&address) {
            return Err(refused(Errno::EADDRNOTAVAIL));
        }
        self.change(index, |stored| stored.link.addresses.retain(|known| *known != address));
        self.remove_connected(index, address);
        Ok(())
    }

    pub(super) fn find(&self, namespace: &str, name: &str) -> Done<&Stored> {
        self.namespace(namespace)?;
        self.links
            .values()
            .find(|stored| stored.namespace == namespace && stored.link.name == name)
            .ok_or_else(|| no_device(name))
    }

    /// The link as it is shown: a veth tells where its other end is now.
    pub(super) fn shown(&self, stored: &Stored) -> Link {
        let mut link = stored.link.clone();
        if let Some(peer) = stored.peer.and_then(|peer| self.links.get(&peer)) {
            link.kind =
                LinkKind::Veth { peer: peer.link.name.clone(), peer_namespace: peer.namespace.clone() };
        }
        link
    }

    /// Removes a link, a veth's other end with it, and what refers to either.
    pub(super) fn remove(&mut self, index: u32) {
        self.set_up(index, false);
        let Some(gone) = self.links.remove(&index) else { return };
        if gone.link.kind == LinkKind::Bridge {
            for stored in self.links.values_mut().filter(|stored| stored.namespace == gone.namespace) {
                if stored.link.master == gone.link.name {
                    stored.link.master.clear();
                }
            }
        }
        if let Some(peer) = gone.peer {
            self.remove(peer);
        }
    }

    pub(super) fn change(&mut self, index: u32, change: impl FnOnce(&mut Stored)) {
        if let Some(stored) = self.links.get_mut(&index) {
            change(stored);
        }
    }

    fn set_up(&mut self, index: u32, up: bool) {
        let Some(stored) = self.links.get_mut(&index) else { return };
        if stored.link.up == up {
            return;
        }
        stored.link.up = up;
        if up {
            self.add_connected(index);
        } else {
            let (namespace, name) = (stored.namespace.clone(), stored.link.name.clone());
            self.forget_device(&namespace, &name);
        }
    }

    fn rename(&mut self, index: u32, new: &str) {
        let Some(stored) = self.links.get_mut(&index) else { return };
        let old = std::mem::replace(&mut stored.link.name, new.to_owned());
        let namespace = stored.namespace.clone();
        self.rename_device(&namespace, &old, new);
        for other in self.links.values_mut().filter(|other| other.namespace == namespace) {
            if other.link.master == old {
                new.clone_into(&mut other.link.master);
            }
        }
    }

    fn free_name(&self, namespace: &str, name: &str) -> Done<()> {
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(['/', ' ']) {
            return Err(winlab_host::linux::LinuxFault::because(
                Errno::EINVAL,
                format!("argument \"{name}\" is wrong: \"name\" not a valid ifname"),
            ));
        }
        if self.find(namespace, name).is_ok() { Err(refused(Errno::EEXIST)) } else { Ok(()) }
    }
}
