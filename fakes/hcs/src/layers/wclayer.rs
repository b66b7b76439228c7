//! The layer functions of vmcompute.dll (hcsshim `internal/wclayer`).

use winlab_document::Document;
use winlab_host::compute::{
    ActivateLayer, Answer, Call, CopyLayer, CreateLayer, CreateSandboxLayer, DeactivateLayer, DestroyLayer,
    ExpandSandboxSize, ExportLayer, GetLayerMountPath, GrantVmAccess, ImportLayer, LayerExists, NameToGuid,
    PrepareLayer, ProcessBaseImage, ProcessUtilityImage, UnprepareLayer,
};
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, Guid, HResult};

use super::{Mount, fold, name_to_guid};
use crate::hcs::Hcs;
use crate::host::Host;

impl Hcs {
    /// The calls of vmcompute.dll on layers.
    pub(crate) fn handle_layer(&mut self, call: Call, host: &mut dyn Host) -> Result<Answer, Fault> {
        match call {
            Call::ActivateLayer(ActivateLayer { path }) => {
                self.mount(&path, host).map(|_| Answer::ActivateLayer(()))
            }
            Call::DeactivateLayer(DeactivateLayer { path }) => {
                self.unmount(&path, host).map(Answer::DeactivateLayer)
            }
            Call::CopyLayer(CopyLayer { source, destination, parents }) => {
                copy(&source, &destination, &parents, host).map(Answer::CopyLayer)
            }
            Call::CreateLayer(CreateLayer { path, parent }) => {
                create_layer(&path, &parent, host).map(Answer::CreateLayer)
            }
            Call::CreateSandboxLayer(CreateSandboxLayer { path, parents }) => {
                create_sandbox(&path, &parents, host).map(Answer::CreateSandboxLayer)
            }
            Call::ExpandSandboxSize(ExpandSandboxSize { path, .. }) => {
                require_folder(&path, host).map(Answer::ExpandSandboxSize)
            }
            Call::DestroyLayer(DestroyLayer { path }) => {
                self.destroy_layer(&path, host).map(Answer::DestroyLayer)
            }
            Call::ExportLayer(ExportLayer { path, folder, parents }) => {
                copy(&path, &folder, &parents, host).map(Answer::ExportLayer)
            }
            Call::ImportLayer(ImportLayer { path, folder, parents }) => {
                copy(&folder, &path, &parents, host).map(Answer::ImportLayer)
            }
            Call::GetLayerMountPath(GetLayerMountPath { path }) => {
                self.mount_path(&path).map(Answer::GetLayerMountPath)
            }
            // Images that Windows itself came with; Server has had none since 2016.
            Call::GetBaseImages(_) => Ok(Answer::GetBaseImages(Document::empty_array())),
            Call::LayerExists(LayerExists { path }) => Ok(Answer::LayerExists(is_folder(&path, host))),
            Call::NameToGuid(NameToGuid { name }) => Ok(Answer::NameToGuid(name_to_guid(&name))),
            Call::PrepareLayer(PrepareLayer { path, parents }) => {
                self.prepare(&path, &parents, host).map(Answer::PrepareLayer)
            }
            Call::UnprepareLayer(UnprepareLayer { path }) => {
                self.unprepare(&path).map(Answer::UnprepareLayer)
            }
            Call::ProcessBaseImage(ProcessBaseImage { path }) => {
                require_folder(&path, host).map(Answer::ProcessBaseImage)
            }
            Call::ProcessUtilityImage(ProcessUtilityImage { path }) => {
                require_folder(&path, host).map(Answer::ProcessUtilityImage)
            }
            Call::GrantVmAccess(GrantVmAccess { path, .. }) => {
                let found = host.kind_of(&Scope::Host, &path);
                let found = found.ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND));
                found.map(|_| Answer::GrantVmAccess(()))
            }
            _ => unreachable!("`Hcs::handle` gives this group its own calls"),
        }
    }

    /// Mounts a scratch at a volume; one that is mounted stays where it is.
    pub(super) fn mount(&mut self, path: &str, host: &mut dyn Host) -> Result<Guid, Fault> {
        require_folder(path, host)?;
        if let Some(mount) = self.layers.get(path) {
            return Ok(mount.volume);
        }
        let volume = host.guid();
        host.mount_volume(volume, path);
        self.layers.mounted.insert(fold(path), Mount { volume, is_prepared: false });
        Ok(volume)
    }

    pub(super) fn unmount(&mut self, path: &str, host: &mut dyn Host) -> Result<(), Fault> {
        self.require_unused(path)?;
        let mount = self.layers.mounted.remove(&fold(path)).ok_or(Fault::new(HResult::ERROR_NOT_READY))?;
        host.unmount_volume(mount.volume);
        Ok(())
    }

    pub(super) fn mount_path(&self, path: &str) -> Result<String, Fault> {
        let mount = self.layers.get(path).ok_or(Fault::new(HResult::ERROR_NOT_READY))?;
        Ok(format!(r"\\?\Volume{{{}}}", mount.volume))
    }

    fn prepare(&mut self, path: &str, parents: &[String], host: &mut dyn Host) -> Result<(), Fault> {
        for parent in parents {
            require_folder(parent, host)?;
        }
        self.layers.get_mut(path).ok_or(Fault::new(HResult::ERROR_NOT_READY))?.is_prepared = true;
        Ok(())
    }

    pub(super) fn unprepare(&mut self, path: &str) -> Result<(), Fault> {
        self.require_unused(path)?;
        let mount = self.layers.get_mut(path).filter(|mount| mount.is_prepared);
        mount.ok_or(Fault::new(HResult::ERROR_NOT_READY))?.is_prepared = false;
        Ok(())
    }

    /// Removes a layer from disk: "being used by another process" while it is mounted or a container has it.
    pub(super) fn destroy_layer(&mut self, path: &str, host: &mut dyn Host) -> Result<(), Fault> {
        require_folder(path, host)?;
        if self.layers.get(path).is_some() {
            return Err(Fault::new(HResult::ERROR_SHARING_VIOLATION));
        }
        self.require_unused(path)?;
        host.remove_folder(path)
    }

    /// Fails while a compute system has the layer, as scratch or below it.
    pub(super) fn require_unused(&self, path: &str) -> Result<(), Fault> {
        let own = Some(fold(path));
        let uses = |candidate: &String| self.layers.folder_of(candidate) == own;
        let in_use = self.systems.values().filter(|system| system.is_live()).any(|system| {
            system.spec().is_some_and(|spec| spec.layers.iter().chain([&spec.scratch]).any(uses))
        });
        if in_use { Err(Fault::new(HResult::ERROR_SHARING_VIOLATION)) } else { Ok(()) }
    }
}

pub(super) fn is_folder(path: &str, host: &mut dyn Host) -> bool {
    host.kind_of(&Scope::Host, path) == Some(FileKind::Directory)
}

pub(super) fn require_folder(path: &str, host: &mut dyn Host) -> Result<(), Fault> {
    if is_folder(path, host) { Ok(()) } else { Err(Fault::new(HResult::ERROR_PATH_NOT_FOUND)) }
}

/// Import, export and copy are one thing here: a folder becomes another, over parents that are there.
pub(super) fn copy(from: &str, to: &str, parents: &[String], host: &mut dyn Host) -> Result<(), Fault> {
    for parent in parents {
        require_folder(parent, host)?;
    }
    require_folder(from, host)?;
    host.copy_folder(from, to)
}

fn create_layer(path: &str, parent: &str, host: &mut dyn Host) -> Result<(), Fault> {
    if !parent.is_empty() {
        require_folder(parent, host)?;
    }
    if is_folder(path, host) {
        return Err(Fault::new(HResult::ERROR_ALREADY_EXISTS));
    }
    host.create_folder(&format!(r"{}\Files", path.trim_end_matches('\\')))
}

pub(super) fn create_sandbox(path: &str, parents: &[String], host: &mut dyn Host) -> Result<(), Fault> {
    for parent in parents {
        require_folder(parent, host)?;
    }
    let path = path.trim_end_matches('\\');
    let disk = format!(r"{path}\sandbox.vhdx");
    if host.kind_of(&Scope::Host, &disk).is_some() {
        return Err(Fault::new(HResult::ERROR_FILE_EXISTS));
    }
    host.create_folder(&format!(r"{path}\Files"))?;
    host.write_file(&disk, b"vhdxfile")
}
