//! What the components of a Linux node use: network namespaces, links, bridges and their forwarding database, routes,
//! netfilter tables, sysctls; units of the service manager; files; containers of an OCI runtime.
//!
//! Calls are named after the command a person would type for them. Errors are errno values with their text.

mod container;
mod error;
mod event;
mod link;
mod netfilter;
mod route;
mod unit;

use std::net::IpAddr;
use std::sync::Arc;

use winlab_document::Document;

use crate::MacAddress;
use crate::compute::{OutputStream, StreamChunk};

pub use container::{ContainerState, ContainerStatus};
pub use error::{Errno, LinuxFault};
pub use event::LinuxEvent;
pub use link::{Link, LinkKind, LinkSettings};
pub use netfilter::{
    Chain, CtState, Hook, InetProtocol, Match, NatRange, Netfilter, Policy, PortSpan, RecentAction,
    RestoreError, Rule, Side, Table, TableName, Target,
};
pub use route::{FdbEntry, Neighbour, Prefix, PrefixError, Route};
pub use unit::{UnitConfig, UnitState, UnitStatus};

service! {
    /// The service behind [`HostLinux`](crate::HostLinux). The network namespace `""` is the host's own.
    Linux = "linux", event LinuxEvent, fault LinuxFault,
    injected |code: Option<u32>| LinuxFault::new(Errno(code.map_or(5, |code| i32::try_from(code).unwrap_or(5))));

    /// A new network namespace with nothing but `lo`.
    AddNamespace = "ip netns add" { name: String } -> ();
    /// Removes a network namespace with its links.
    DeleteNamespace = "ip netns delete" { name: String } -> ();
    /// Names of the network namespaces, sorted.
    ListNamespaces = "ip netns list" {} -> Vec<String>;

    /// A new link, down and without addresses.
    AddLink = "ip link add" { namespace: String, name: String, kind: LinkKind } -> ();
    /// Changes a link: up or down, master, MAC, MTU, namespace, name.
    SetLink = "ip link set" { namespace: String, name: String, settings: LinkSettings } -> ();
    /// Removes a link (and a veth's other end).
    DeleteLink = "ip link delete" { namespace: String, name: String } -> ();
    /// Links of a namespace in the order of their indices.
    ListLinks = "ip link show" { namespace: String } -> Vec<Link>;
    /// Gives a link an address.
    AddAddress = "ip addr add" { namespace: String, link: String, address: Prefix } -> ();
    /// Takes an address away.
    DeleteAddress = "ip addr delete" { namespace: String, link: String, address: Prefix } -> ();

    /// Adds a forwarding entry, replacing one of the same MAC.
    AppendFdb = "bridge fdb replace" { namespace: String, link: String, entry: FdbEntry } -> ();
    /// Removes a forwarding entry.
    DeleteFdb = "bridge fdb delete" { namespace: String, link: String, mac: MacAddress } -> ();
    /// Forwarding entries of a link.
    ListFdb = "bridge fdb show" { namespace: String, link: String } -> Vec<FdbEntry>;
    /// Adds a neighbour entry, replacing one of the same address.
    ReplaceNeighbour = "ip neigh replace" { namespace: String, link: String, neighbour: Neighbour } -> ();
    /// Removes a neighbour entry.
    DeleteNeighbour = "ip neigh delete" { namespace: String, link: String, address: IpAddr } -> ();
    /// Neighbour entries of a namespace.
    ListNeighbours = "ip neigh show" { namespace: String } -> Vec<Neighbour>;
    /// Adds a route, replacing one of the same destination and metric.
    ReplaceRoute = "ip route replace" { namespace: String, route: Route } -> ();
    /// Removes a route.
    DeleteRoute = "ip route delete" { namespace: String, destination: Prefix } -> ();
    /// Routes of a namespace, longest prefix first.
    ListRoutes = "ip route show" { namespace: String } -> Vec<Route>;

    /// Loads rules in iptables-save form. Without `noflush` the tables it names are emptied first; with it only the
    /// chains that it declares are. All or nothing, as the kernel commits a table.
    RestoreTables = "iptables-restore" { namespace: String, rules: String, noflush: bool } -> ();
    /// The rules in iptables-save form; an empty table name asks for all.
    SaveTables = "iptables-save" { namespace: String, table: String } -> String;
    /// Sets a kernel parameter: `net.ipv4.ip_forward`.
    SetSysctl = "sysctl -w" { namespace: String, name: String, value: String } -> ();
    /// Reads a kernel parameter.
    GetSysctl = "sysctl -n" { namespace: String, name: String } -> String;

    /// Installs a unit.
    InstallUnit = "systemctl link" { name: String, config: UnitConfig } -> ();
    /// Starts a unit; the program reports the rest.
    StartUnit = "systemctl start" { name: String } -> ();
    /// Stops a unit.
    StopUnit = "systemctl stop" { name: String } -> ();
    /// A unit's status.
    UnitStatusOf = "systemctl show" { name: String } -> UnitStatus;
    /// Every unit, by name.
    ListUnits = "systemctl list-units" {} -> Vec<UnitStatus>;
    /// The unit's own program tells how it stands (`sd_notify`, or its exit).
    ReportUnit = "sd_notify" { status: UnitStatus } -> ();

    /// A file's content; `container` is `""` for the host's own files.
    ReadFile = "read" { container: String, path: String } -> Arc<[u8]>;
    /// Writes a file whole, making its folders.
    WriteFile = "write" { container: String, path: String, bytes: Arc<[u8]> } -> ();
    /// Appends to a file, making it and its folders where they are missing.
    AppendFile = "append" { container: String, path: String, bytes: Arc<[u8]> } -> ();
    /// Removes a file.
    DeleteFile = "unlink" { container: String, path: String } -> ();
    /// Removes a folder with all that is in it; one that is not there is fine.
    RemoveDirectory = "rm -r" { container: String, path: String } -> ();
    /// Names in a folder, sorted.
    ListDirectory = "readdir" { container: String, path: String } -> Vec<String>;

    /// A container from a bundle's document (OCI runtime configuration): `root.path`, `process.{args,env}`,
    /// `hostname`, `mounts`, `linux.namespaces`.
    CreateContainer = "runc create" { id: String, bundle: Document } -> ();
    /// Starts its process.
    StartContainer = "runc start" { id: String } -> ();
    /// Sends its process a signal.
    KillContainer = "runc kill" { id: String, signal: i32 } -> ();
    /// Removes a stopped container; `force` kills it first.
    DeleteContainer = "runc delete" { id: String, force: bool } -> ();
    /// A container's status.
    ContainerStatusOf = "runc state" { id: String } -> ContainerStatus;
    /// Every container, by id.
    ListContainers = "runc list" {} -> Vec<ContainerStatus>;
    /// Runs another process in a running container; the answer is its id.
    ExecInContainer = "runc exec" { id: String, args: Vec<String>, env: Vec<String> } -> u32;
    /// What a process (0: the container's own) has written and nobody has read yet.
    ReadOutput = "read output" { id: String, pid: u32, stream: OutputStream } -> StreamChunk;
    /// The exit code of a process that `runc exec` started, once it has ended.
    WaitProcess = "wait" { id: String, pid: u32 } -> Option<i32>;

    /// The machine: `Hostname`, `KernelVersion`, `OsImage`, `ProcessorArchitecture`, `NumberOfProcessors`,
    /// `PhysicalMemoryBytes`, `AvailableMemoryBytes`, `DiskBytes`, `DiskUsedBytes`, `BootId` (new with every boot),
    /// `MachineId`, `SystemUuid`.
    GetSystemInformation = "uname" {} -> Document;
}
