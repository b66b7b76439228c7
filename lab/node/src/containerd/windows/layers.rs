//! Layers and scratches (containerd's `windows` snapshotter and differ, hcsshim `internal/layers/wcow_mount.go`).

use winlab_document::{ArrayBuilder, Document, doc};
use winlab_host::compute::{
    ActivateLayer, CreateSandboxLayer, DeactivateLayer, DestroyLayer, GetLayerMountPath, ImportLayer,
    NameToGuid, PrepareLayer, ProcessBaseImage, UnprepareLayer,
};
use winlab_host::{Ask, HostCompute};

/// A scratch that is mounted with its parents below it.
#[derive(Debug, Clone)]
pub(super) struct MountedLayers {
    /// `\\?\Volume{…}\`
    pub(super) volume: String,
    /// HCS's `Layers`: the nearest parent first.
    pub(super) layers: Document,
}

/// Parents of the next layer, nearest first, as wclayer wants them.
fn nearest_first(base_first: &[String]) -> Vec<String> {
    base_first.iter().rev().cloned().collect()
}

/// Finishes a read-only layer: a base layer's files were written in place, those of the others to `folder`, from
/// where they are imported (hcsshim `internal/wclayer/importlayer.go`, NewLayerWriter).
pub(super) async fn import(
    host: &HostCompute,
    path: &str,
    folder: &str,
    parents: &[String],
) -> Result<(), String> {
    let path = path.to_owned();
    if parents.is_empty() {
        let call = ProcessBaseImage { path: path.clone() };
        return host.ask(call).await.map_err(|fault| wclayer("ProcessBaseImage", &path, &fault));
    }
    let call = ImportLayer { path: path.clone(), folder: folder.to_owned(), parents: nearest_first(parents) };
    host.ask(call).await.map_err(|fault| wclayer("ImportLayer", &path, &fault))
}

/// Makes a container's scratch.
pub(super) async fn create_scratch(host: &HostCompute, path: &str, layers: &[String]) -> Result<(), String> {
    let call = CreateSandboxLayer { path: path.to_owned(), parents: nearest_first(layers) };
    host.ask(call).await.map_err(|fault| wclayer("CreateSandboxLayer", path, &fault))
}

/// Mounts a scratch; undone where it fails half-way.
pub(super) async fn mount(
    host: &HostCompute,
    path: &str,
    layers: &[String],
) -> Result<MountedLayers, String> {
    let here = || path.to_owned();
    host.ask(ActivateLayer { path: here() }).await.map_err(|fault| wclayer("ActivateLayer", path, &fault))?;
    let parents = nearest_first(layers);
    let prepared = host.ask(PrepareLayer { path: here(), parents: parents.clone() }).await;
    if let Err(fault) = prepared {
        host.ask(DeactivateLayer { path: here() }).await.ok();
        return Err(wclayer("PrepareLayer", path, &fault));
    }
    let mounted = host.ask(GetLayerMountPath { path: here() }).await;
    let volume = match mounted {
        Ok(volume) => volume,
        Err(fault) => {
            unmount(host, path).await;
            return Err(wclayer("GetLayerMountPath", path, &fault));
        }
    };
    Ok(MountedLayers { volume: with_backslash(volume), layers: layer_list(host, &parents).await? })
}

/// HCS's `Layers` of a list of folders.
pub(super) async fn layer_list(host: &HostCompute, folders: &[String]) -> Result<Document, String> {
    let mut list = ArrayBuilder::new();
    for folder in folders {
        let name = folder.rsplit('\\').next().unwrap_or_default().to_owned();
        let id =
            host.ask(NameToGuid { name }).await.map_err(|fault| wclayer("NameToGuid", folder, &fault))?;
        list.push(doc!({"Id": id, "Path": folder}));
    }
    Ok(list.build())
}

/// Takes a scratch apart; what fails is left, as hcsshim's closers leave it.
pub(super) async fn unmount(host: &HostCompute, path: &str) {
    host.ask(UnprepareLayer { path: path.to_owned() }).await.ok();
    host.ask(DeactivateLayer { path: path.to_owned() }).await.ok();
}

/// Removes a layer or a scratch from disk.
pub(super) async fn destroy(host: &HostCompute, path: &str) {
    host.ask(DestroyLayer { path: path.to_owned() }).await.ok();
}

fn with_backslash(volume: String) -> String {
    if volume.ends_with('\\') { volume } else { volume + "\\" }
}

fn wclayer(function: &str, path: &str, fault: &winlab_host::Fault) -> String {
    format!("hcsshim::{function} {path}: {}", fault.message)
}
