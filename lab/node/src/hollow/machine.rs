//! A machine that only says what it is.

use std::net::IpAddr;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::BoxFuture;
use winlab_component::{Machine, WindowsMachine};
use winlab_document::doc;
use winlab_host::compute::{self, Compute};
use winlab_host::linux::{self, Errno, Linux, LinuxFault, Prefix};
use winlab_host::network::{self, Network};
use winlab_host::system::{self, System};
use winlab_host::{Adapter, AdapterKind, Boundary, EventStream, Fault, HResult, MacAddress};

/// A hollow node.
#[derive(Debug, Clone)]
pub struct HollowConfig {
    /// Host name.
    pub name: String,
    /// Build and revision of Windows; none: a Linux node.
    pub windows: Option<(u32, u32)>,
    /// The node's address.
    pub address: IpAddr,
    /// Logical processors.
    pub processors: u32,
    /// Memory in bytes.
    pub memory: u64,
    /// Addresses of its pods.
    pub pod_cidr: Prefix,
}

/// The machine of a hollow node: facts are answered, everything else is refused.
#[must_use]
pub fn hollow_machine(config: HollowConfig) -> Machine {
    let windows = config.windows.is_some();
    let host = Arc::new(Hollow(config));
    if windows {
        Machine::Windows(WindowsMachine { network: host.clone(), compute: host.clone(), system: host })
    } else {
        Machine::Linux(host)
    }
}

struct Hollow(HollowConfig);

fn refused<A>() -> BoxFuture<'static, Result<A, Fault>>
where
    A: Send + 'static,
{
    Box::pin(std::future::ready(Err(Fault::new(HResult::ERROR_NOT_SUPPORTED))))
}

fn silent<E: Send + 'static>() -> EventStream<E> {
    futures::stream::pending().boxed()
}

impl Boundary<Network> for Hollow {
    fn call(&self, _: network::Call) -> BoxFuture<'_, Result<network::Answer, Fault>> {
        refused()
    }

    fn events(&self) -> EventStream<network::Notification> {
        silent()
    }
}

impl Boundary<Compute> for Hollow {
    fn call(&self, _: compute::Call) -> BoxFuture<'_, Result<compute::Answer, Fault>> {
        refused()
    }

    fn events(&self) -> EventStream<compute::ComputeEvent> {
        silent()
    }
}

impl Boundary<System> for Hollow {
    fn call(&self, call: system::Call) -> BoxFuture<'_, Result<system::Answer, Fault>> {
        let config = &self.0;
        let answer = match call {
            system::Call::GetSystemInformation(_) => {
                let (build, revision) = config.windows.unwrap_or_default();
                system::Answer::GetSystemInformation(doc!({
                    "ComputerName": &config.name, "MajorVersion": 10, "MinorVersion": 0, "BuildNumber": build,
                    "UBR": revision, "ProductName": "Windows Server Datacenter",
                    "NumberOfProcessors": config.processors, "PhysicalMemoryBytes": config.memory,
                    "AvailableMemoryBytes": config.memory, "SystemUUID": &config.name, "BootId": 1,
                    "DiskBytes": 100_u64 << 30,
                }))
            }
            system::Call::GetAdapters(_) => system::Answer::GetAdapters(vec![Adapter {
                index: 1,
                name: "Ethernet".to_owned(),
                kind: AdapterKind::Physical,
                mac: MacAddress::default(),
                addresses: vec![Prefix { address: config.address, length: 24 }],
                gateway: None,
                dns: Vec::new(),
                mtu: 1500,
            }]),
            // There are no files.
            system::Call::ReadFile(_) => {
                return Box::pin(std::future::ready(Err(Fault::new(HResult::ERROR_FILE_NOT_FOUND))));
            }
            _ => return refused(),
        };
        Box::pin(std::future::ready(Ok(answer)))
    }

    fn events(&self) -> EventStream<system::SystemEvent> {
        silent()
    }
}

impl Boundary<Linux> for Hollow {
    fn call(&self, call: linux::Call) -> BoxFuture<'_, Result<linux::Answer, LinuxFault>> {
        let config = &self.0;
        let answer = match call {
            linux::Call::GetSystemInformation(_) => Ok(linux::Answer::GetSystemInformation(doc!({
                "hostname": &config.name, "kernel": "6.8.0-48-generic", "osImage": "Ubuntu 24.04.1 LTS",
                "processors": config.processors, "memoryBytes": config.memory, "diskBytes": 100_u64 << 30,
                "bootId": &config.name, "machineId": &config.name, "systemUuid": &config.name,
            }))),
            linux::Call::ListRoutes(_) => Ok(linux::Answer::ListRoutes(Vec::new())),
            linux::Call::ListLinks(_) => Ok(linux::Answer::ListLinks(vec![linux::Link {
                index: 1,
                name: "eth0".to_owned(),
                kind: linux::LinkKind::Physical,
                mac: MacAddress::default(),
                mtu: 1500,
                up: true,
                master: String::new(),
                addresses: vec![Prefix { address: config.address, length: 24 }],
            }])),
            linux::Call::ReadFile(_) => Err(LinuxFault::new(Errno::ENOENT)),
            _ => Err(LinuxFault::new(Errno::EOPNOTSUPP)),
        };
        Box::pin(std::future::ready(answer))
    }

    fn events(&self) -> EventStream<linux::LinuxEvent> {
        silent()
    }
}
