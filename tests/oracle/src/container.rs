//! Containers that run on a twin, for what plugins do to them.

use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_fake_windows::WindowsHost;
use winlab_host::compute::{
    ActivateLayer, CreateComputeSystem, CreateSandboxLayer, GetLayerMountPath, PrepareLayer,
    StartComputeSystem,
};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask as _, Fault, Guid, Program};
use winlab_profiles::WindowsVersion;

/// The base layer.
const LAYER: &str = r"C:\layers\base";

/// Puts the base layer of the host's own build on its drive: call it once, before containers are made.
///
/// # Errors
/// As the host refuses it.
pub async fn lay_base(host: &Arc<WindowsHost>, windows: WindowsVersion) -> Result<(), Fault> {
    let (scope, system) = (Scope::Host, host.system());
    let os_version = format!("10.0.{}.1", windows.build());
    let program = Program { os: "windows".into(), os_version, ..Program::default() };
    system.ask(CreateDirectory { scope: scope.clone(), path: format!(r"{LAYER}\Files") }).await?;
    let bytes = Document::encode(&program).expect("a program is a document").to_bytes().into();
    system.ask(WriteFile { scope, path: format!(r"{LAYER}\Files\{}", Program::FILE), bytes }).await
}

/// Makes a container without a network, as dockershim's pause containers are.
///
/// # Errors
/// As HCS refuses it.
pub async fn create(host: &Arc<WindowsHost>, id: &str) -> Result<(), Fault> {
    let compute = host.compute();
    let scratch = format!(r"C:\scratch\{id}");
    let parents = vec![LAYER.to_owned()];
    compute.ask(CreateSandboxLayer { path: scratch.clone(), parents: parents.clone() }).await?;
    compute.ask(ActivateLayer { path: scratch.clone() }).await?;
    compute.ask(PrepareLayer { path: scratch.clone(), parents }).await?;
    let volume = compute.ask(GetLayerMountPath { path: scratch }).await?;
    let configuration = doc!({
        "Owner": "docker",
        "SchemaVersion": {"Major": 2, "Minor": 1},
        "Container": {
            "GuestOs": {"HostName": id},
            "Storage": {"Layers": [{"Id": Guid::from_bits(1), "Path": LAYER}], "Path": format!("{volume}\\")},
        },
    });
    compute.ask(CreateComputeSystem { id: id.into(), configuration }).await
}

/// Starts it.
///
/// # Errors
/// As HCS refuses it.
pub async fn start(host: &Arc<WindowsHost>, id: &str) -> Result<(), Fault> {
    host.compute().ask(StartComputeSystem { id: id.into(), options: Document::Null }).await
}
