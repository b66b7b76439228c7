//! What the machine is (`pkg/kubelet/cadvisor`, `pkg/kubelet/winstats`).

use winlab_component::Machine;
use winlab_document::Document;
use winlab_host::linux::{ListLinks, ListRoutes};
use winlab_host::system::{GetAdapters, GetSystemInformation, QueryCounters};
use winlab_host::{Ask, HostSystem};

/// Facts of the machine that do not change while it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MachineInfo {
    pub(crate) hostname: String,
    pub(crate) processors: u32,
    pub(crate) memory: u64,
    pub(crate) disk: u64,
    pub(crate) machine_id: String,
    pub(crate) system_uuid: String,
    pub(crate) boot_id: String,
    pub(crate) kernel_version: String,
    pub(crate) os_image: String,
    /// `10.0.20348`; empty on Linux.
    pub(crate) windows_build: String,
    /// The node's addresses, the default one first.
    pub(crate) addresses: Vec<String>,
}

/// What the machine has to spare at a moment, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spare {
    pub(crate) memory: u64,
    pub(crate) disk: u64,
}

fn number(document: &Document, name: &str) -> u64 {
    document.get(name).and_then(Document::as_u64).unwrap_or(0)
}

fn small(document: &Document, name: &str) -> u32 {
    u32::try_from(number(document, name)).unwrap_or(0)
}

fn text(document: &Document, name: &str) -> String {
    match document.get(name) {
        Some(Document::String(text)) => text.to_string(),
        Some(Document::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

impl MachineInfo {
    /// Asks the machine.
    ///
    /// # Errors
    /// The machine's own words.
    pub(crate) async fn of(machine: &Machine) -> Result<Self, String> {
        match machine {
            Machine::Windows(machine) => windows(&machine.system).await,
            Machine::Linux(host) => {
                let facts = host.ask(winlab_host::linux::GetSystemInformation {}).await;
                let facts = facts.map_err(|fault| fault.to_string())?;
                let addresses = linux_addresses(host).await.map_err(|fault| fault.to_string())?;
                Ok(Self {
                    hostname: text(&facts, "Hostname"),
                    processors: small(&facts, "NumberOfProcessors"),
                    memory: number(&facts, "PhysicalMemoryBytes"),
                    disk: number(&facts, "DiskBytes"),
                    machine_id: text(&facts, "MachineId"),
                    system_uuid: text(&facts, "SystemUuid"),
                    boot_id: text(&facts, "BootId"),
                    kernel_version: text(&facts, "KernelVersion"),
                    os_image: text(&facts, "OsImage"),
                    windows_build: String::new(),
                    addresses,
                })
            }
        }
    }
}

async fn windows(host: &HostSystem) -> Result<MachineInfo, String> {
    let facts = host.ask(GetSystemInformation {}).await.map_err(|fault| fault.to_string())?;
    let adapters = host.ask(GetAdapters {}).await.map_err(|fault| fault.to_string())?;
    let version = format!(
        "{}.{}.{}",
        small(&facts, "MajorVersion"),
        small(&facts, "MinorVersion"),
        small(&facts, "BuildNumber")
    );
    // The adapter with the default gateway has the node's address; IPv4 goes first.
    let mut addresses: Vec<std::net::IpAddr> = Vec::new();
    for with_gateway in [true, false] {
        let chosen = adapters.iter().filter(|adapter| adapter.gateway.is_some() == with_gateway);
        addresses.extend(chosen.flat_map(|adapter| adapter.addresses.iter().map(|prefix| prefix.address)));
        if !addresses.is_empty() {
            break;
        }
    }
    addresses.sort_by_key(std::net::IpAddr::is_ipv6);
    Ok(MachineInfo {
        hostname: text(&facts, "ComputerName"),
        processors: small(&facts, "NumberOfProcessors"),
        memory: number(&facts, "PhysicalMemoryBytes"),
        disk: number(&facts, "DiskBytes"),
        machine_id: text(&facts, "ComputerName"),
        system_uuid: text(&facts, "SystemUUID"),
        boot_id: text(&facts, "BootId"),
        kernel_version: format!("{version}.{}", small(&facts, "UBR")),
        os_image: text(&facts, "ProductName"),
        windows_build: version,
        addresses: addresses.iter().map(ToString::to_string).collect(),
    })
}

/// Addresses of the link that the default route leaves through.
async fn linux_addresses(
    host: &winlab_host::HostLinux,
) -> Result<Vec<String>, winlab_host::linux::LinuxFault> {
    let routes = host.ask(ListRoutes { namespace: String::new() }).await?;
    let links = host.ask(ListLinks { namespace: String::new() }).await?;
    let default =
        routes.iter().find(|route| route.destination.length == 0).map(|route| route.device.as_str());
    let physical = |link: &&winlab_host::linux::Link| match default {
        Some(device) => link.name == device,
        None => link.kind == winlab_host::linux::LinkKind::Physical,
    };
    let chosen = links.iter().filter(physical).flat_map(|link| &link.addresses);
    Ok(chosen.map(|prefix| prefix.address.to_string()).collect())
}

/// What is to spare now; none where the machine does not say.
pub(crate) async fn spare(machine: &Machine) -> Option<Spare> {
    match machine {
        Machine::Windows(machine) => {
            let facts = machine.system.ask(GetSystemInformation {}).await.ok()?;
            let path = r"\LogicalDisk(C:)\Free Megabytes";
            let counters = machine.system.ask(QueryCounters { paths: vec![path.to_owned()] }).await.ok()?;
            let disk = counters.get(path).and_then(Document::as_u64)? << 20;
            Some(Spare { memory: number(&facts, "AvailableMemoryBytes"), disk })
        }
        Machine::Linux(host) => {
            let facts = host.ask(winlab_host::linux::GetSystemInformation {}).await.ok()?;
            let available = facts.get("AvailableMemoryBytes").and_then(Document::as_u64);
            Some(Spare {
                memory: available.unwrap_or_else(|| number(&facts, "PhysicalMemoryBytes")),
                disk: number(&facts, "DiskBytes").saturating_sub(number(&facts, "DiskUsedBytes")),
            })
        }
    }
}
