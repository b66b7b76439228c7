//! The functions of computestorage.dll (hcsshim `computestorage`).

use winlab_document::Document;
use winlab_host::compute::{
    Answer, AttachLayerStorageFilter, AttachOverlayFilter, Call, DestroyStorageLayer,
    DetachLayerStorageFilter, DetachOverlayFilter, ExportStorageLayer, FormatWritableLayerVhd,
    GetLayerVhdMountPath, ImportStorageLayer, InitializeWritableLayer, SetupBaseOsLayer, SetupBaseOsVolume,
};
use winlab_host::{Fault, HResult};

use super::wclayer::{copy, create_sandbox, require_folder};
use crate::hcs::Hcs;
use crate::host::Host;

/// The first build that has `HcsSetupBaseOSVolume` (hcsshim `computestorage/setup.go`).
const BASE_OS_VOLUME_SINCE: u32 = 19645;

impl Hcs {
    /// The calls of computestorage.dll.
    pub(crate) fn handle_storage(&mut self, call: Call, host: &mut dyn Host) -> Result<Answer, Fault> {
        match call {
            Call::ImportStorageLayer(ImportStorageLayer { path, folder, layers }) => {
                copy(&folder, &path, &paths(&layers), host).map(Answer::ImportStorageLayer)
            }
            Call::ExportStorageLayer(ExportStorageLayer { path, folder, layers, .. }) => {
                copy(&path, &folder, &paths(&layers), host).map(Answer::ExportStorageLayer)
            }
            Call::DestroyStorageLayer(DestroyStorageLayer { path }) => {
                self.destroy_layer(&path, host).map(Answer::DestroyStorageLayer)
            }
            Call::SetupBaseOsLayer(SetupBaseOsLayer { path, .. }) => {
                require_folder(&path, host).map(Answer::SetupBaseOsLayer)
            }
            Call::SetupBaseOsVolume(SetupBaseOsVolume { path, .. }) => {
                if self.config.build.0 < BASE_OS_VOLUME_SINCE {
                    return Err(Fault::new(HResult::E_NOTIMPL));
                }
                require_folder(&path, host).map(Answer::SetupBaseOsVolume)
            }
            Call::InitializeWritableLayer(InitializeWritableLayer { path, layers, .. }) => {
                create_sandbox(&path, &paths(&layers), host).map(Answer::InitializeWritableLayer)
            }
            Call::AttachLayerStorageFilter(AttachLayerStorageFilter { path, layers }) => {
                self.attach_filter(&path, &layers, host).map(Answer::AttachLayerStorageFilter)
            }
            Call::DetachLayerStorageFilter(DetachLayerStorageFilter { path }) => {
                self.detach_filter(&path).map(Answer::DetachLayerStorageFilter)
            }
            Call::AttachOverlayFilter(AttachOverlayFilter { volume, layers }) => {
                self.attach_filter(&volume, &layers, host).map(Answer::AttachOverlayFilter)
            }
            Call::DetachOverlayFilter(DetachOverlayFilter { volume, .. }) => {
                self.detach_filter(&volume).map(Answer::DetachOverlayFilter)
            }
            Call::FormatWritableLayerVhd(FormatWritableLayerVhd { path }) => {
                require_folder(folder_of_disk(&path), host).map(Answer::FormatWritableLayerVhd)
            }
            Call::GetLayerVhdMountPath(GetLayerVhdMountPath { path }) => {
                let folder = folder_of_disk(&path);
                self.mount(folder, host)?;
                self.mount_path(folder).map(Answer::GetLayerVhdMountPath)
            }
            _ => unreachable!("`Hcs::handle` gives this group its own calls"),
        }
    }

    fn attach_filter(&mut self, path: &str, layers: &Document, host: &mut dyn Host) -> Result<(), Fault> {
        for layer in paths(layers) {
            require_folder(&layer, host)?;
        }
        let folder = self.layers.folder_of(path).ok_or(Fault::new(HResult::ERROR_PATH_NOT_FOUND))?;
        self.mount(&folder, host)?;
        if let Some(mount) = self.layers.get_mut(&folder) {
            mount.is_prepared = true;
        }
        Ok(())
    }

    fn detach_filter(&mut self, path: &str) -> Result<(), Fault> {
        let folder = self.layers.folder_of(path).ok_or(Fault::new(HResult::ERROR_PATH_NOT_FOUND))?;
        self.unprepare(&folder)
    }
}

/// `Layers` of a `LayerData` document.
fn paths(layers: &Document) -> Vec<String> {
    let items = layers.get("Layers").map_or(&[][..], Document::items);
    items.iter().map(|layer| layer.text(&["Path"]).to_owned()).collect()
}

/// A scratch's virtual disk lies in its folder.
fn folder_of_disk(path: &str) -> &str {
    let is_disk = path.len() > 5 && path[path.len() - 5..].eq_ignore_ascii_case(".vhdx");
    if is_disk { path.rsplit_once(['\\', '/']).map_or(path, |(folder, _)| folder) } else { path }
}
