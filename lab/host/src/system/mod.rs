//! The rest of Windows that node components use: the service control manager, the registry, files, network adapters,
//! performance counters and what the machine says of itself.
//!
//! A container has a registry and a file system of its own, so calls on those name their [`Scope`]. Function names are
//! the Win32 ones that the components' Go runtime ends up in.

mod event;
mod file;
mod registry;
mod scm;

use std::sync::Arc;

use winlab_document::Document;

use crate::compute::{OutputStream, ProcessInformation, StreamChunk};
use crate::data_plane::Adapter;
use crate::linux::Route;
use crate::{Fault, HResult};

pub use event::SystemEvent;
pub use file::{FileKind, FileStatus, Scope};
pub use registry::RegistryValue;
pub use scm::{ServiceConfig, ServiceControl, ServiceState, ServiceStatus, StartType};

service! {
    /// The service behind [`HostSystem`](crate::HostSystem).
    System = "system", event SystemEvent, fault Fault,
    injected |code: Option<u32>| Fault::new(code.map_or(HResult::E_FAIL, HResult));

    /// Installs a service.
    CreateService = "CreateService" { name: String, config: ServiceConfig } -> ();
    /// Marks a service for removal; it is gone once it is stopped.
    DeleteService = "DeleteService" { name: String } -> ();
    /// Starts a service and what it depends on. The answer means "start pending": the program reports the rest.
    StartService = "StartService" { name: String, arguments: Vec<String> } -> ();
    /// Sends a control code.
    ControlService = "ControlService" { name: String, control: ServiceControl } -> ServiceStatus;
    /// A service's status.
    QueryServiceStatus = "QueryServiceStatus" { name: String } -> ServiceStatus;
    /// A service's configuration.
    QueryServiceConfig = "QueryServiceConfig" { name: String } -> ServiceConfig;
    /// Replaces a service's configuration; takes effect at its next start.
    ChangeServiceConfig = "ChangeServiceConfig" { name: String, config: ServiceConfig } -> ();
    /// Every service with its status, by name.
    EnumerateServices = "EnumServicesStatus" {} -> Vec<ServiceStatus>;
    /// The service's own program tells how it stands.
    SetServiceStatus = "SetServiceStatus" { name: String, status: ServiceStatus } -> ();

    /// Makes a key and its parents.
    CreateKey = "RegCreateKey" { scope: Scope, key: String } -> ();
    /// Makes a key and its parents; a volatile one is gone after the next boot, and so must be what is made below it.
    CreateKeyEx = "RegCreateKeyEx" { scope: Scope, key: String, volatile: bool } -> ();
    /// Removes a key without subkeys.
    DeleteKey = "RegDeleteKey" { scope: Scope, key: String } -> ();
    /// Sets a value; the key must be there.
    SetValue = "RegSetValue" { scope: Scope, key: String, name: String, value: RegistryValue } -> ();
    /// Reads a value.
    QueryValue = "RegQueryValue" { scope: Scope, key: String, name: String } -> RegistryValue;
    /// Removes a value.
    DeleteValue = "RegDeleteValue" { scope: Scope, key: String, name: String } -> ();
    /// Names of a key's subkeys.
    EnumerateKey = "RegEnumKey" { scope: Scope, key: String } -> Vec<String>;
    /// A key's values as an object from name to value.
    EnumerateValues = "RegEnumValue" { scope: Scope, key: String } -> Document;

    /// A file's content.
    ReadFile = "ReadFile" { scope: Scope, path: String } -> Arc<[u8]>;
    /// Writes a file whole, making it where it is missing; its folder must be there.
    WriteFile = "WriteFile" { scope: Scope, path: String, bytes: Arc<[u8]> } -> ();
    /// Appends to a file, making it where it is missing.
    AppendFile = "AppendFile" { scope: Scope, path: String, bytes: Arc<[u8]> } -> ();
    /// Removes a file.
    DeleteFile = "DeleteFile" { scope: Scope, path: String } -> ();
    /// Moves a file or folder, replacing a file that is in the way.
    MoveFile = "MoveFileEx" { scope: Scope, from: String, to: String } -> ();
    /// Makes a folder and its parents; one that is there already is fine.
    CreateDirectory = "CreateDirectory" { scope: Scope, path: String } -> ();
    /// Removes a folder; with `recursive` all that is in it.
    RemoveDirectory = "RemoveDirectory" { scope: Scope, path: String, recursive: bool } -> ();
    /// Names in a folder, sorted.
    ListDirectory = "FindFirstFile" { scope: Scope, path: String } -> Vec<String>;
    /// What a path is.
    StatFile = "GetFileAttributesEx" { scope: Scope, path: String } -> FileStatus;

    /// The host's network adapters with their addresses (`GetAdaptersAddresses`), as its own compartment sees them.
    GetAdapters = "GetAdaptersAddresses" {} -> Vec<Adapter>;
    /// The routes of the host's own compartment (`Get-NetRoute`), longest prefix first; those of the adapters' own
    /// prefixes and gateways are among them. A route's device is an adapter's friendly name.
    ListRoutes = "GetIpForwardTable2" {} -> Vec<Route>;
    /// Adds a route (`New-NetRoute`); `ERROR_OBJECT_ALREADY_EXISTS` where one of the same destination, gateway and
    /// adapter is there.
    CreateRoute = "CreateIpForwardEntry2" { route: Route } -> ();
    /// Removes a route (`Remove-NetRoute`); `ERROR_NOT_FOUND` where it is not there.
    DeleteRoute = "DeleteIpForwardEntry2" { route: Route } -> ();
    /// Whether the host passes on what arrives on an adapter for others (`Set-NetIPInterface -Forwarding`).
    SetForwarding = "SetIpInterfaceEntry" { adapter: String, forwarding: bool } -> ();
    /// Names of the adapters that pass on, sorted.
    ListForwarding = "GetIpInterfaceTable" {} -> Vec<String>;
    /// The machine: computer name, version, build, revision, product name, processors, memory, boot id.
    GetSystemInformation = "GetNativeSystemInfo" {} -> Document;
    /// Performance counters by path (`\Memory\Committed Bytes`); unknown ones are missing from the answer.
    QueryCounters = "PdhCollectQueryData" { paths: Vec<String> } -> Document;

    /// A job object: what a HostProcess container is made of (hcsshim `internal/jobcontainers`). `settings` has the
    /// members of a compute system's `Container`: `Storage` (layers and scratch of its root file system),
    /// `MappedDirectories`, `Memory`, `Processor`; `null` asks for a job without limits. Its processes are the host's.
    CreateJobObject = "CreateJobObject" { name: String, settings: Document } -> ();
    /// Starts a process of the host, in a job object or, with an empty `job`, in none. `parameters` are HCS's
    /// `ProcessParameters`.
    CreateJobProcess = "CreateProcess" { job: String, parameters: Document } -> ProcessInformation;
    /// Sends a console process `CtrlC`, `CtrlBreak`, `CtrlClose`, `CtrlLogOff` or `CtrlShutdown`.
    SignalJobProcess = "GenerateConsoleCtrlEvent" { pid: u32, signal: String } -> ();
    /// Ends a process.
    TerminateJobProcess = "TerminateProcess" { pid: u32, exit_code: u32 } -> ();
    /// A process's `ProcessStatus`, as HCS writes it.
    GetJobProcessStatus = "GetExitCodeProcess" { pid: u32 } -> Document;
    /// What a process has written and nobody has read yet; as HCS's `ReadProcessOutput`.
    ReadJobProcessOutput = "ReadPipe" { pid: u32, stream: OutputStream } -> StreamChunk;
    /// Gives a process input.
    WriteJobProcessInput = "WritePipe" { pid: u32, bytes: Arc<[u8]> } -> ();
    /// A process's input ends.
    CloseJobProcessInput = "ClosePipe" { pid: u32 } -> ();
    /// Ends every process of a job object.
    TerminateJobObject = "TerminateJobObject" { name: String, exit_code: u32 } -> ();
    /// `Statistics` and `ProcessList` of a job object, as HCS gives them for a compute system.
    QueryJobObject = "QueryInformationJobObject" { name: String } -> Document;
    /// Closes the last handle of a job object: its processes end with it.
    CloseJobObject = "CloseJobObject" { name: String } -> ();
}
