//! Forwarding entries and neighbours.

use std::net::IpAddr;

use winlab_host::MacAddress;
use winlab_host::linux::{Errno, FdbEntry, LinkKind, Neighbour};

use super::namespaces::{Stack, Stored};
use super::refused;
use crate::context::Done;

impl Stack {
    pub(crate) fn replace_fdb(&mut self, namespace: &str, link: &str, entry: FdbEntry) -> Done<()> {
        let stored = self.find(namespace, link)?;
        let index = stored.link.index;
        match &stored.link.kind {
            LinkKind::Vxlan { .. } if entry.destination.is_none() => return Err(refused(Errno::EINVAL)),
            LinkKind::Bridge if self.find(namespace, &entry.port)?.link.master != link => {
                return Err(refused(Errno::EINVAL));
            }
            LinkKind::Vxlan { .. } | LinkKind::Bridge => {}
            LinkKind::Loopback | LinkKind::Physical | LinkKind::Veth { .. } | LinkKind::Dummy => {
                return Err(refused(Errno::EOPNOTSUPP));
            }
        }
        self.change(index, |stored| {
            stored.fdb.retain(|known| known.mac != entry.mac);
            stored.fdb.push(entry);
            stored.fdb.sort_by_key(|entry| entry.mac);
        });
        Ok(())
    }

    pub(crate) fn delete_fdb(&mut self, namespace: &str, link: &str, mac: MacAddress) -> Done<()> {
        let stored = self.find(namespace, link)?;
        let index = stored.link.index;
        if !stored.fdb.iter().any(|entry| entry.mac == mac) {
            return Err(refused(Errno::ENOENT));
        }
        self.change(index, |stored| stored.fdb.retain(|entry| entry.mac != mac));
        Ok(())
    }

    pub(crate) fn fdb(&self, namespace: &str, link: &str) -> Done<Vec<FdbEntry>> {
        let stored = self.find(namespace, link)?;
        Ok(self.entries(stored))
    }

    /// What was put there by hand, and on a bridge what it learns from the far ends of its ports.
    fn entries(&self, of: &Stored) -> Vec<FdbEntry> {
        let mut entries = of.fdb.clone();
        if of.link.kind != LinkKind::Bridge || !of.link.up {
            return entries;
        }
        for port in self.links.values() {
            let member = port.namespace == of.namespace && port.link.master == of.link.name && port.link.up;
            let far = port.peer.and_then(|peer| self.links.get(&peer)).filter(|far| far.link.up);
            if let (true, Some(far)) = (member, far)
                && !entries.iter().any(|entry| entry.mac == far.link.mac)
            {
                entries.push(FdbEntry { mac: far.link.mac, destination: None, port: port.link.name.clone() });
            }
        }
        entries
    }

    /// Forwarding entries of every link of the host's namespace that has some.
    pub(crate) fn all_entries(&self) -> Vec<(String, Vec<FdbEntry>)> {
        self.links
            .values()
            .filter(|stored| stored.namespace.is_empty())
            .map(|stored| (stored.link.name.clone(), self.entries(stored)))
            .filter(|(_, entries)| !entries.is_empty())
            .collect()
    }

    pub(crate) fn replace_neighbour(
        &mut self,
        namespace: &str,
        link: &str,
        mut neighbour: Neighbour,
    ) -> Done<()> {
        if !self.find(namespace, link)?.link.up {
            return Err(refused(Errno::ENETDOWN));
        }
        link.clone_into(&mut neighbour.device);
        let known = &mut self.namespace_mut(namespace)?.neighbours;
        known.retain(|n| (n.device.as_str(), n.address) != (link, neighbour.address));
        known.push(neighbour);
        known.sort_by(|a, b| (&a.device, a.address).cmp(&(&b.device, b.address)));
        Ok(())
    }

    pub(crate) fn delete_neighbour(&mut self, namespace: &str, link: &str, address: IpAddr) -> Done<()> {
        self.find(namespace, link)?;
        let known = &mut self.namespace_mut(namespace)?.neighbours;
        let at = known.iter().position(|n| n.device == link && n.address == address);
        known.remove(at.ok_or_else(|| refused(Errno::ENOENT))?);
        Ok(())
    }

    pub(crate) fn neighbours(&self, namespace: &str) -> Done<Vec<Neighbour>> {
        Ok(self.namespace(namespace)?.neighbours.clone())
    }
}
