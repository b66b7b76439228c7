//! The host's network adapters, as its own compartment sees them.

use winlab_host::Adapter;

/// Adds an adapter, or replaces the one with its index.
pub(crate) fn put(adapters: &mut Vec<Adapter>, adapter: Adapter) {
    match adapters.iter_mut().find(|known| known.index == adapter.index) {
        Some(known) => *known = adapter,
        None => adapters.push(adapter),
    }
    adapters.sort_by_key(|adapter| adapter.index);
}

#[cfg(test)]
mod tests {
    use winlab_host::{Adapter, AdapterKind, MacAddress};

    #[test]
    fn an_index_stands_once() {
        let adapter = |index: u32, name: &str| Adapter {
            index,
            name: name.into(),
            kind: AdapterKind::Virtual,
            mac: MacAddress::default(),
            addresses: vec![],
            gateway: None,
            dns: vec![],
            mtu: 1500,
        };
        let mut adapters = vec![adapter(4, "Ethernet")];
        super::put(&mut adapters, adapter(2, "vEthernet (nat)"));
        super::put(&mut adapters, adapter(4, "Ethernet 2"));
        let names: Vec<&str> = adapters.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["vEthernet (nat)", "Ethernet 2"]);
    }
}
