//! Pulling images (containerd `client/pull.go`, `core/images/image.go`).

use std::sync::Arc;

use super::core::Core;
use super::images::{ImageIndex, ImageManifest, ImageRecord, Layer, RegistryError, normalize};
use crate::cri::{Code, CriError};

impl Core {
    /// Pulls and unpacks; the image's id.
    pub(crate) async fn pull(&self, reference: &str, handler: &str, pin: bool) -> Result<String, CriError> {
        let full = normalize(reference);
        let pulled = self.pull_full(&full, is_hypervisor(handler)).await;
        let id =
            pulled.map_err(|error| error.context(format!("failed to pull and unpack image {full:?}")))?;
        if let Some(image) = self.state().images.images.get_mut(&id) {
            image.pinned |= pin;
        }
        self.save_images().await;
        Ok(id)
    }

    async fn pull_full(&self, full: &str, hypervisor: bool) -> Result<String, CriError> {
        let resolved = self.options.registry.resolve(full).await;
        let index = resolved.map_err(|error| {
            let code = if error == RegistryError::NotFound { Code::NotFound } else { Code::Unknown };
            let text = match &error {
                RegistryError::Unreachable(text) => format!("failed to do request: {text}"),
                RegistryError::NotFound => format!("{full}: not found"),
                RegistryError::Denied => error.to_string(),
            };
            CriError::new(code, format!("failed to resolve reference {full:?}: {text}"))
        })?;
        let manifest = self.choose(&index, hypervisor)?;
        let layers = {
            let _unpacking = self.unpacking.lock().await;
            self.unpack(manifest).await?
        };
        self.state().images.insert(full, &index.digest, manifest, layers);
        Ok(manifest.config.digest.clone())
    }

    /// The manifest of an index that fits the node. A plain manifest is not compared with the node: whether it can run
    /// shows when it is run.
    fn choose<'a>(
        &self,
        index: &'a Arc<ImageIndex>,
        hypervisor: bool,
    ) -> Result<&'a ImageManifest, CriError> {
        let chosen = if index.is_index {
            self.runtime.platform(self.options.major(), hypervisor).choose(&index.manifests)
        } else {
            index.manifests.first()
        };
        chosen.ok_or_else(|| CriError::not_found("no match for platform in manifest: not found"))
    }

    async fn unpack(&self, manifest: &ImageManifest) -> Result<Vec<String>, CriError> {
        let (mut chain, mut paths) = (String::new(), Vec::<String>::new());
        for layer in &manifest.layers {
            chain = if chain.is_empty() { layer.digest.clone() } else { format!("{chain} {}", layer.digest) };
            let known = self.state().images.layers.get(&chain).cloned();
            let path = match known {
                Some(path) => path,
                None => self.unpack_layer(layer, &paths).await?,
            };
            self.state().images.layers.insert(chain.clone(), path.clone());
            paths.push(path);
        }
        Ok(paths)
    }

    async fn unpack_layer(&self, layer: &Layer, parents: &[String]) -> Result<String, CriError> {
        let path = {
            let mut state = self.state();
            state.next_layer += 1;
            self.runtime.layer_path(state.next_layer - 1)
        };
        let failed =
            |error: String| CriError::unknown(format!("failed to extract layer {}: {error}", layer.digest));
        let staging = self.runtime.staging(&path, parents.is_empty());
        let root = self.runtime.layer_root(&staging);
        self.files.create_directory(&root).await.map_err(|error| failed(error.to_string()))?;
        for (name, bytes) in &layer.files {
            let written = self.files.write(&format!("{root}/{name}"), bytes.clone()).await;
            written.map_err(|error| failed(error.to_string()))?;
        }
        self.runtime.import_layer(&path, &staging, parents).await.map_err(failed)?;
        if staging != path {
            self.files.remove_all(&staging).await.ok();
        }
        Ok(path)
    }

    /// An image that is on the disk.
    pub(crate) fn image(&self, wanted: &str) -> Option<ImageRecord> {
        self.state().images.find(wanted).cloned()
    }

    /// The pause image, pulled where it is missing.
    pub(crate) async fn sandbox_image(&self) -> Result<ImageRecord, CriError> {
        let reference = &self.config.sandbox_image;
        if let Some(image) = self.image(reference) {
            return Ok(image);
        }
        let context =
            format!("failed to get sandbox image {reference:?}: failed to pull image {reference:?}");
        self.pull(reference, "", true).await.map_err(|error| error.context(context))?;
        self.image(reference).ok_or_else(|| CriError::not_found(format!("image {reference:?}: not found")))
    }

    /// Removes an image and the layers that no other image has; one that is not there is fine.
    pub(crate) async fn remove_image_named(&self, wanted: &str) {
        let removed = self.state().images.remove(wanted);
        let Some((_, layers)) = removed else { return };
        for layer in layers.iter().rev() {
            self.runtime.remove_layer(layer).await;
        }
        self.save_images().await;
    }
}

/// Whether a runtime handler stands for Hyper-V isolation.
pub(crate) fn is_hypervisor(handler: &str) -> bool {
    handler.contains("hypervisor")
}
