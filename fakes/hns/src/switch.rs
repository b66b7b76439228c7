//! Virtual switches, and what they do to the host's adapters.
//!
//! The first external network on a NIC makes a switch: the host's addresses move from `Ethernet` to the vNIC
//! `vEthernet (Ethernet)`, whose index is another. Later networks of the same sort share the switch without a blip; the
//! last one takes it along and the addresses move back (Microsoft, "Windows container network drivers"; flannel's
//! script for Windows creates its network `External` first for that reason).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use winlab_host::linux::Prefix;
use winlab_host::{Adapter, AdapterKind, Guid, HResult, MacAddress};

use crate::context::Context;
use crate::effect::Effect;
use crate::hns::Hns;
use crate::members::{Outcome, refuse, require};
use crate::network::NetworkKind;

/// The external switches of a host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switches(BTreeMap<Guid, Switch>);

#[derive(Debug, Clone)]
struct Switch {
    /// The physical adapter.
    uplink: String,
    /// Runs VFP, so that networks share it.
    vfp: bool,
    /// The host's port on it.
    host_nic: Option<String>,
    router_mac: MacAddress,
    networks: BTreeSet<Guid>,
}

impl Switches {
    /// The distributed router's MAC: one per switch, so the same for all networks on it.
    pub(crate) fn router_mac(&self, switch: Guid) -> MacAddress {
        self.0.get(&switch).map(|switch| switch.router_mac).unwrap_or_default()
    }

    fn on(&self, adapter: &str) -> Option<(Guid, &Switch)> {
        self.0.iter().find(|(_, switch)| switch.uplink == adapter).map(|(id, switch)| (*id, switch))
    }
}

impl Hns {
    /// Puts a network on the switch of an adapter, making it if there is none; the switch and the adapter.
    ///
    /// # Errors
    /// `HCN_E_ADAPTER_NOT_FOUND` where there is no such adapter, or its switch is of another sort.
    pub(crate) fn join_switch(
        &mut self,
        kind: NetworkKind,
        wanted: Option<String>,
        with_host_port: bool,
        network: Guid,
        context: &mut dyn Context,
    ) -> Outcome<(Guid, String)> {
        let adapter = self.choose_adapter(wanted)?;
        if let Some((id, switch)) = self.switches.on(&adapter) {
            require(switch.vfp == kind.uses_vfp(), HResult::HCN_E_ADAPTER_NOT_FOUND)?;
            let needs_port = with_host_port && switch.host_nic.is_none();
            let nic = if needs_port { self.move_addresses_up(&adapter) } else { None };
            if let Some(switch) = self.switches.0.get_mut(&id) {
                switch.networks.insert(network);
                switch.host_nic = switch.host_nic.take().or(nic);
            }
            return Ok((id, adapter));
        }
        let id = context.guid();
        let [.., a, b, c] = id.bits().to_be_bytes();
        let host_nic = if with_host_port { self.move_addresses_up(&adapter) } else { None };
        let switch = Switch {
            uplink: adapter.clone(),
            vfp: kind.uses_vfp(),
            host_nic,
            router_mac: MacAddress([0x00, 0x15, 0x5d, a, b, c]),
            networks: BTreeSet::from([network]),
        };
        self.switches.0.insert(id, switch);
        Ok((id, adapter))
    }

    /// Takes a network off its switch.
    pub(crate) fn leave_switch(&mut self, switch: Guid, network: Guid) {
        let Some(entry) = self.switches.0.get_mut(&switch) else { return };
        entry.networks.remove(&network);
        if !entry.networks.is_empty() {
            return;
        }
        let Some(switch) = self.switches.0.remove(&switch) else { return };
        if let Some(nic) = switch.host_nic {
            self.move_addresses_down(&nic, &switch.uplink);
        }
    }

    /// The adapter of that name or index; a host vNIC stands for the adapter below it. Without a wish the one with a
    /// default gateway, else the first with an address.
    fn choose_adapter(&self, wanted: Option<String>) -> Outcome<String> {
        let physical = |adapter: &&Adapter| adapter.kind == AdapterKind::Physical;
        let found = match wanted {
            Some(name) => {
                let by_vnic = self.switches.0.values().find(|s| s.host_nic.as_deref() == Some(&name));
                let uplink = by_vnic.map(|switch| switch.uplink.clone());
                uplink.or_else(|| {
                    let named =
                        |a: &&Adapter| a.name.eq_ignore_ascii_case(&name) || a.index.to_string() == name;
                    self.adapters.iter().filter(physical).find(named).map(|a| a.name.clone())
                })
            }
            None => {
                let view = |adapter: &&&Adapter| {
                    let seen = self.host_view(&adapter.name);
                    (seen.and_then(|a| a.gateway).is_none(), seen.is_none_or(|a| a.addresses.is_empty()))
                };
                let physical: Vec<&Adapter> = self.adapters.iter().filter(physical).collect();
                physical.iter().min_by_key(view).map(|adapter| adapter.name.clone())
            }
        };
        match found {
            Some(name) => Ok(name),
            None => refuse(HResult::HCN_E_ADAPTER_NOT_FOUND),
        }
    }

    /// The adapter that has the addresses of a physical one: itself, or its switch's host vNIC.
    fn host_view(&self, adapter: &str) -> Option<&Adapter> {
        let nic = self.switches.on(adapter).and_then(|(_, switch)| switch.host_nic.as_deref());
        let name = nic.unwrap_or(adapter);
        self.adapters.iter().find(|adapter| adapter.name == name)
    }

    /// The host's first address on an adapter, IPv4 before IPv6.
    pub(crate) fn host_address(&self, adapter: &str) -> Option<IpAddr> {
        let addresses = &self.host_view(adapter)?.addresses;
        addresses.iter().map(|prefix| prefix.address).min_by_key(IpAddr::is_ipv6)
    }

    /// Moves the host's addresses to a new vNIC over an adapter.
    fn move_addresses_up(&mut self, uplink: &str) -> Option<String> {
        let name = format!("vEthernet ({uplink})");
        let adapter = self.adapters.iter_mut().find(|adapter| adapter.name == uplink)?;
        let mut nic = adapter.clone();
        adapter.addresses.clear();
        adapter.gateway = None;
        adapter.dns.clear();
        let changed = adapter.clone();
        nic.name.clone_from(&name);
        nic.kind = AdapterKind::Virtual;
        self.effect(Effect::AdapterChanged(changed));
        self.add_adapter(nic);
        Some(name)
    }

    fn move_addresses_down(&mut self, nic: &str, uplink: &str) {
        let Some(gone) = self.remove_host_nic(nic) else { return };
        let Some(adapter) = self.adapters.iter_mut().find(|adapter| adapter.name == uplink) else { return };
        adapter.addresses = gone.addresses;
        adapter.gateway = gone.gateway;
        adapter.dns = gone.dns;
        let changed = adapter.clone();
        self.effect(Effect::AdapterChanged(changed));
    }

    /// Adds a vNIC to the host's own compartment.
    pub(crate) fn add_host_nic(
        &mut self,
        name: &str,
        mac: MacAddress,
        addresses: Vec<Prefix>,
        gateway: Option<IpAddr>,
        dns: Vec<IpAddr>,
    ) {
        let kind = AdapterKind::Virtual;
        self.add_adapter(Adapter {
            index: 0,
            name: name.to_owned(),
            kind,
            mac,
            addresses,
            gateway,
            dns,
            mtu: 1500,
        });
    }

    fn add_adapter(&mut self, mut adapter: Adapter) {
        adapter.index = self.next_interface;
        self.next_interface += 1;
        self.adapters.push(adapter.clone());
        self.effect(Effect::AdapterAdded(adapter));
    }

    /// Removes a vNIC of the host.
    pub(crate) fn remove_host_nic(&mut self, name: &str) -> Option<Adapter> {
        let at = self.adapters.iter().position(|adapter| adapter.name == name)?;
        let gone = self.adapters.remove(at);
        self.effect(Effect::AdapterRemoved(gone.clone()));
        Some(gone)
    }
}
