//! Which of the fake host's adapters is which interface of this process.

use std::net::{IpAddr, Ipv4Addr};

use winlab_shim::json::{Json, Object as Arguments};
use winlab_shim::wire::Service;

/// `MIB_IPADDRROW`
#[derive(Clone, Copy)]
#[repr(C)]
struct Row {
    address: u32,
    index: u32,
    mask: u32,
    broadcast: u32,
    reassembly: u32,
    unused: u16,
    kind: u16,
}

#[cfg(windows)]
#[link(name = "iphlpapi")]
extern "system" {
    fn GetIpAddrTable(table: *mut u8, size: *mut u32, sorted: i32) -> u32;
}

/// Adapters of the host: name, index as this process sees it where it has the address too, else the host's own.
pub(crate) struct Adapters(Vec<(String, u64)>);

impl Adapters {
    /// Asks the host and this process's system.
    pub(crate) fn read() -> Result<Self, String> {
        let text = Service::System.call("GetAdaptersAddresses", Arguments::new()).map_err(|fault| fault.message)?;
        let table = Json::parse(&text).ok_or("The adapters cannot be read.")?;
        let own = own_addresses();
        let adapters = table.items().filter_map(|adapter| {
            let name = adapter.get("name")?.as_str()?;
            let addresses = adapter.get("addresses")?.items().filter_map(Json::as_str);
            let addresses: Vec<String> =
                addresses.map(|prefix| prefix.split('/').next().unwrap_or_default().to_owned()).collect();
            let shared = own.iter().find(|(address, _)| addresses.contains(&address.to_string()));
            let index = shared.map(|(_, index)| u64::from(*index)).or_else(|| adapter.get("index")?.as_u64())?;
            Some((name, index))
        });
        Ok(Self(adapters.collect()))
    }

    /// The name of the adapter with that index.
    pub(crate) fn name(&self, index: u64) -> Result<String, String> {
        let found = self.0.iter().find(|(_, known)| *known == index).map(|(name, _)| name.clone());
        found.ok_or_else(|| format!("No matching MSFT_NetIPInterface objects found for interface index {}.", index))
    }

    /// The index of the adapter with that name.
    pub(crate) fn index(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, index)| *index)
    }
}

/// This process's IPv4 addresses with the indices of their interfaces.
#[cfg(windows)]
fn own_addresses() -> Vec<(IpAddr, u32)> {
    // The count, and rows after it.
    let mut table = vec![0_u32; 1 + 6 * 256];
    let mut size = (table.len() * 4) as u32;
    // SAFETY: the table has room for `size` bytes, and is aligned for its numbers.
    if unsafe { GetIpAddrTable(table.as_mut_ptr().cast(), &mut size, 0) } != 0 {
        return Vec::new();
    }
    let rows = table[1..].as_ptr().cast::<Row>();
    (0..(table[0] as usize).min(256))
        // SAFETY: so many rows were written.
        .map(|at| unsafe { rows.add(at).read() })
        .map(|row| (IpAddr::V4(Ipv4Addr::from(row.address.to_ne_bytes())), row.index))
        .collect()
}

#[cfg(not(windows))]
fn own_addresses() -> Vec<(IpAddr, u32)> {
    let _ = |row: Row| Ipv4Addr::from(row.address.to_ne_bytes());
    Vec::new()
}
