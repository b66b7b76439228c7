//! The Host Compute Service: compute systems, processes, layers.
//!
//! One table serves both generations of the API. A call returns when its work is done; pending results, operations and
//! callbacks belong to the shim, which makes them from the answer and from [`ComputeEvent`]s. A process's standard
//! streams are read and written by calls of their own, which a shim turns into pipes. Function names: hcsshim
//! `internal/vmcompute`, `internal/computecore`, `internal/wclayer`, `computestorage`. Where the two generations spell
//! one function differently (`HcsShutDownComputeSystem`), the older name stands.

mod event;
mod stream;

use std::sync::Arc;

use winlab_document::Document;

use crate::{Fault, Guid, HResult};

pub use event::{ComputeEvent, ComputeEventKind};
pub use stream::{OutputStream, ProcessInformation, StreamChunk};

service! {
    /// The service behind [`HostCompute`](crate::HostCompute).
    Compute = "hcs", event ComputeEvent, fault Fault,
    injected |code: Option<u32>| Fault::new(code.map_or(HResult::E_FAIL, HResult));

    /// Properties of the compute systems that match a query, as an array.
    EnumerateComputeSystems = "HcsEnumerateComputeSystems" { query: Document } -> Document;
    /// A new compute system in state Created.
    CreateComputeSystem = "HcsCreateComputeSystem" { id: String, configuration: Document } -> ();
    /// Whether the compute system is there.
    OpenComputeSystem = "HcsOpenComputeSystem" { id: String } -> ();
    /// The last handle of one client was closed; ends a system made with `ShouldTerminateOnLastHandleClosed`.
    CloseComputeSystem = "HcsCloseComputeSystem" { id: String } -> ();
    /// Created → Running.
    StartComputeSystem = "HcsStartComputeSystem" { id: String, options: Document } -> ();
    /// Asks the system to end; it is gone when [`ComputeEventKind::SystemExited`] comes.
    ShutdownComputeSystem = "HcsShutdownComputeSystem" { id: String, options: Document } -> ();
    /// Ends the system.
    TerminateComputeSystem = "HcsTerminateComputeSystem" { id: String, options: Document } -> ();
    /// Running → Paused.
    PauseComputeSystem = "HcsPauseComputeSystem" { id: String, options: Document } -> ();
    /// Paused → Running.
    ResumeComputeSystem = "HcsResumeComputeSystem" { id: String, options: Document } -> ();
    /// Saves a paused system; virtual machines only.
    SaveComputeSystem = "HcsSaveComputeSystem" { id: String, options: Document } -> ();
    /// Crashes a virtual machine's guest.
    CrashComputeSystem = "HcsCrashComputeSystem" { id: String, options: Document } -> ();
    /// Properties that the query asks for; `{}` asks for the basic ones.
    GetComputeSystemProperties = "HcsGetComputeSystemProperties" { id: String, query: Document } -> Document;
    /// Changes a running system by a `ModifySettingRequest`.
    ModifyComputeSystem = "HcsModifyComputeSystem" { id: String, configuration: Document } -> ();
    /// Service-wide settings.
    ModifyServiceSettings = "HcsModifyServiceSettings" { settings: Document } -> ();
    /// Service-wide properties.
    GetServiceProperties = "HcsGetServiceProperties" { query: Document } -> Document;

    /// Starts a process in a running system.
    CreateProcess = "HcsCreateProcess" { id: String, parameters: Document } -> ProcessInformation;
    /// A process that is there.
    OpenProcess = "HcsOpenProcess" { id: String, pid: u32 } -> ();
    /// Ends a process.
    TerminateProcess = "HcsTerminateProcess" { id: String, pid: u32 } -> ();
    /// Sends a process a signal: `{"Signal":"CtrlShutdown"}`.
    SignalProcess = "HcsSignalProcess" { id: String, pid: u32, options: Document } -> ();
    /// A process's id and streams.
    GetProcessInfo = "HcsGetProcessInfo" { id: String, pid: u32 } -> ProcessInformation;
    /// A process's `ProcessStatus`: exited or not, exit code.
    GetProcessProperties = "HcsGetProcessProperties" { id: String, pid: u32 } -> Document;
    /// Console size, closing of streams.
    ModifyProcess = "HcsModifyProcess" { id: String, pid: u32, settings: Document } -> ();
    /// What a process has written and nobody has read yet; an empty chunk that is not the end means "nothing now".
    ReadProcessOutput = "ReadProcessOutput" { id: String, pid: u32, stream: OutputStream } -> StreamChunk;
    /// Gives a process input.
    WriteProcessInput = "WriteProcessInput" { id: String, pid: u32, bytes: Arc<[u8]> } -> ();

    /// Makes a read-only layer visible.
    ActivateLayer = "ActivateLayer" { path: String } -> ();
    /// Removes what `ActivateLayer` did.
    DeactivateLayer = "DeactivateLayer" { path: String } -> ();
    /// A layer as the copy of another.
    CopyLayer = "CopyLayer" { source: String, destination: String, parents: Vec<String> } -> ();
    /// An empty read-only layer.
    CreateLayer = "CreateLayer" { path: String, parent: String } -> ();
    /// A container's scratch over its parents.
    CreateSandboxLayer = "CreateSandboxLayer" { path: String, parents: Vec<String> } -> ();
    /// Grows a scratch.
    ExpandSandboxSize = "ExpandSandboxSize" { path: String, bytes: u64 } -> ();
    /// Removes a layer from disk.
    DestroyLayer = "DestroyLayer" { path: String } -> ();
    /// Writes a layer's content to a folder.
    ExportLayer = "ExportLayer" { path: String, folder: String, parents: Vec<String> } -> ();
    /// Fills a layer from a folder.
    ImportLayer = "ImportLayer" { path: String, folder: String, parents: Vec<String> } -> ();
    /// The volume a prepared scratch is mounted at: `\\?\Volume{GUID}`.
    GetLayerMountPath = "GetLayerMountPath" { path: String } -> String;
    /// Base images of the host.
    GetBaseImages = "GetBaseImages" {} -> Document;
    /// Whether a layer is there.
    LayerExists = "LayerExists" { path: String } -> bool;
    /// The GUID that stands for a layer's name; the same on every host.
    NameToGuid = "NameToGuid" { name: String } -> Guid;
    /// Puts a scratch and its parents together for use.
    PrepareLayer = "PrepareLayer" { path: String, parents: Vec<String> } -> ();
    /// Takes them apart again.
    UnprepareLayer = "UnprepareLayer" { path: String } -> ();
    /// Finishes a base layer after import.
    ProcessBaseImage = "ProcessBaseImage" { path: String } -> ();
    /// Finishes a base layer's utility VM after import.
    ProcessUtilityImage = "ProcessUtilityImage" { path: String } -> ();
    /// Lets a virtual machine read a file.
    GrantVmAccess = "GrantVmAccess" { vm: String, path: String } -> ();

    /// computestorage.dll: fills a layer from a folder.
    ImportStorageLayer = "HcsImportLayer" { path: String, folder: String, layers: Document } -> ();
    /// computestorage.dll: writes a layer's content to a folder.
    ExportStorageLayer = "HcsExportLayer" { path: String, folder: String, layers: Document, options: Document } -> ();
    /// computestorage.dll: removes a layer from disk.
    DestroyStorageLayer = "HcsDestroyLayer" { path: String } -> ();
    /// computestorage.dll: sets a base OS layer up on a virtual disk.
    SetupBaseOsLayer = "HcsSetupBaseOSLayer" { path: String, options: Document } -> ();
    /// computestorage.dll: sets a base OS layer up on a volume.
    SetupBaseOsVolume = "HcsSetupBaseOSVolume" { path: String, volume: String, options: Document } -> ();
    /// computestorage.dll: an empty scratch.
    InitializeWritableLayer = "HcsInitializeWritableLayer" { path: String, layers: Document, options: Document } -> ();
    /// computestorage.dll: puts a scratch and its parents together.
    AttachLayerStorageFilter = "HcsAttachLayerStorageFilter" { path: String, layers: Document } -> ();
    /// computestorage.dll: takes them apart again.
    DetachLayerStorageFilter = "HcsDetachLayerStorageFilter" { path: String } -> ();
    /// computestorage.dll: the same for a volume.
    AttachOverlayFilter = "HcsAttachOverlayFilter" { volume: String, layers: Document } -> ();
    /// computestorage.dll: the same for a volume.
    DetachOverlayFilter = "HcsDetachOverlayFilter" { volume: String, layers: Document } -> ();
    /// computestorage.dll: formats a scratch's virtual disk.
    FormatWritableLayerVhd = "HcsFormatWritableLayerVhd" { path: String } -> ();
    /// computestorage.dll: where a scratch's virtual disk is mounted.
    GetLayerVhdMountPath = "HcsGetLayerVhdMountPath" { path: String } -> String;
}
