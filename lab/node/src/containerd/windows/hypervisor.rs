//! The utility VM of a Hyper-V isolated pod: a compute system `<sandbox>@vm` that hosts the pod's containers.

use winlab_component::WindowsMachine;
use winlab_document::{Document, doc};
use winlab_host::compute::{
    CloseComputeSystem, CreateComputeSystem, ModifyComputeSystem, StartComputeSystem, TerminateComputeSystem,
};
use winlab_host::network::{QueryEndpointProperties, QueryNamespaceProperties};
use winlab_host::{Ask, Fault, Guid};

use super::document::OWNER;
use crate::containerd::task::TaskError;

/// The VM's id.
pub(super) fn vm_id(sandbox: &str) -> String {
    format!("{sandbox}@vm")
}

/// Creates and starts the VM and connects the namespace's endpoints to it (hcsshim `internal/uvm/create_wcow.go`,
/// `network.go`).
pub(super) async fn start(
    machine: &WindowsMachine,
    sandbox: &str,
    layers: &Document,
    netns: &str,
) -> Result<(), TaskError> {
    let id = vm_id(sandbox);
    let configuration = configuration(layers);
    let host = &machine.compute;
    host.ask(CreateComputeSystem { id: id.clone(), configuration })
        .await
        .map_err(|fault| TaskError::Create(failed("CreateComputeSystem", &id, &fault)))?;
    let started = host.ask(StartComputeSystem { id: id.clone(), options: Document::Null }).await;
    if let Err(fault) = started {
        host.ask(CloseComputeSystem { id: id.clone() }).await.ok();
        return Err(TaskError::Create(failed("System::Start", &id, &fault)));
    }
    if let Err(fault) = connect(machine, &id, netns).await {
        stop(machine, sandbox).await;
        return Err(TaskError::Create(failed("System::Modify", &id, &fault)));
    }
    Ok(())
}

/// Ends the VM with everything in it.
pub(super) async fn stop(machine: &WindowsMachine, sandbox: &str) {
    let id = vm_id(sandbox);
    machine.compute.ask(TerminateComputeSystem { id: id.clone(), options: Document::Null }).await.ok();
    machine.compute.ask(CloseComputeSystem { id }).await.ok();
}

fn configuration(layers: &Document) -> Document {
    doc!({
        "Owner": OWNER,
        "SchemaVersion": {"Major": 2, "Minor": 1},
        "VirtualMachine": {
            "StopOnReset": true,
            "Chipset": {"Uefi": {"BootThis": {
                "DevicePath": r"\EFI\Microsoft\Boot\bootmgfw.efi", "DeviceType": "VmbFs",
            }}},
            "ComputeTopology": {
                "Memory": {"SizeInMB": 1024, "AllowOvercommit": true},
                "Processor": {"Count": 2},
            },
            "Devices": {
                "HvSocket": {"HvSocketConfig": {"DefaultBindSecurityDescriptor": "D:P(A;;FA;;;SY)(A;;FA;;;BA)"}},
                "VirtualSmb": {"DirectFileMappingInMB": 1024, "Shares": [{"Name": "os", "Path": layers.pointer("/0/Path").cloned()}]},
            },
        },
        "ShouldTerminateOnLastHandleClosed": true,
    })
}

/// A network adapter of the VM for every endpoint of the namespace.
async fn connect(machine: &WindowsMachine, vm: &str, netns: &str) -> Result<(), Fault> {
    let Ok(id) = netns.parse::<Guid>() else { return Ok(()) };
    let query = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
    let namespace = machine.network.ask(QueryNamespaceProperties { id, query: query.clone() }).await?;
    for resource in namespace.get("Resources").map(Document::items).unwrap_or_default() {
        let Ok(endpoint) = resource.text(&["Data", "Id"]).parse::<Guid>() else { continue };
        let found =
            machine.network.ask(QueryEndpointProperties { id: endpoint, query: query.clone() }).await?;
        let configuration = doc!({
            "ResourcePath": format!("VirtualMachine/Devices/NetworkAdapters/{endpoint}"),
            "RequestType": "Add",
            "Settings": {"EndpointId": endpoint, "MacAddress": found.text(&["MacAddress"])},
        });
        machine.compute.ask(ModifyComputeSystem { id: vm.to_owned(), configuration }).await?;
    }
    Ok(())
}

/// As hcsshim's `SystemError` prints it.
pub(super) fn failed(operation: &str, id: &str, fault: &Fault) -> String {
    format!("hcs::{operation} {id}: {}", fault.message)
}
