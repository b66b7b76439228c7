//! The images on a node's disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reference::{normalize, repository};
use super::registry::{ImageConfig, ImageManifest};
use crate::cri::Image;

/// One image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImageRecord {
    pub(crate) config: ImageConfig,
    pub(crate) os_version: String,
    pub(crate) size: u64,
    pub(crate) pinned: bool,
    /// Names with tags.
    pub(crate) tags: Vec<String>,
    /// Names with digests.
    pub(crate) digests: Vec<String>,
    /// Where its layers lie, base first.
    pub(crate) layers: Vec<String>,
}

impl ImageRecord {
    /// The reference that container statuses show.
    pub(crate) fn reference(&self) -> &str {
        self.digests.first().map_or(&self.config.digest, |digest| digest)
    }

    pub(crate) fn to_cri(&self) -> Image {
        let uid = self.config.user.parse().ok();
        Image {
            id: self.config.digest.clone(),
            repo_tags: self.tags.clone(),
            repo_digests: self.digests.clone(),
            size: self.size,
            uid,
            username: if uid.is_some() { String::new() } else { self.config.user.clone() },
            pinned: self.pinned,
        }
    }
}

/// All images, by id, and unpacked layers by the chain of digests that leads to them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ImageStore {
    pub(crate) images: BTreeMap<String, ImageRecord>,
    pub(crate) layers: BTreeMap<String, String>,
}

impl ImageStore {
    /// The image that a reference or an id (or the beginning of one) stands for.
    pub(crate) fn find(&self, wanted: &str) -> Option<&ImageRecord> {
        let full = normalize(wanted);
        let named = |image: &&ImageRecord| image.tags.contains(&full) || image.digests.contains(&full);
        let bare = wanted.strip_prefix("sha256:").unwrap_or(wanted);
        self.images.get(wanted).or_else(|| self.images.values().find(named)).or_else(|| {
            let mut hits = self.images.iter().filter(|(id, _)| {
                bare.len() >= 4 && id.strip_prefix("sha256:").unwrap_or(id).starts_with(bare)
            });
            hits.next().map(|(_, image)| image)
        })
    }

    /// Takes an image in under a reference; the tag leaves whatever image had it before.
    pub(crate) fn insert(
        &mut self,
        full: &str,
        index_digest: &str,
        manifest: &ImageManifest,
        layers: Vec<String>,
    ) {
        for image in self.images.values_mut() {
            image.tags.retain(|tag| tag != full);
        }
        let digest = format!("{}@{index_digest}", repository(full));
        let record = self.images.entry(manifest.config.digest.clone()).or_default();
        record.config = manifest.config.clone();
        record.os_version.clone_from(&manifest.platform.os_version);
        record.size = manifest.layers.iter().map(|layer| layer.size).sum();
        record.layers = layers;
        if !full.contains('@') && !record.tags.iter().any(|tag| tag == full) {
            record.tags.push(full.to_owned());
        }
        if !record.digests.contains(&digest) {
            record.digests.push(digest);
        }
    }

    /// Removes an image with all its names; its id and those of its layers that nobody else uses.
    pub(crate) fn remove(&mut self, wanted: &str) -> Option<(String, Vec<String>)> {
        let id = self.find(wanted)?.config.digest.clone();
        let record = self.images.remove(&id)?;
        let unused = |layer: &String| !self.images.values().any(|image| image.layers.contains(layer));
        let unused: Vec<String> = record.layers.into_iter().filter(unused).collect();
        self.layers.retain(|_, path| !unused.contains(path));
        Some((id, unused))
    }
}

#[cfg(test)]
mod tests {
    use super::{ImageManifest, ImageStore};

    #[test]
    fn images_are_found_by_tag_digest_and_id() {
        let mut store = ImageStore::default();
        let mut manifest = ImageManifest::default();
        manifest.config.digest = "sha256:abcdef".into();
        store.insert("docker.io/library/web:1", "sha256:index", &manifest, vec!["l1".into()]);
        for name in ["web:1", "sha256:abcdef", "abcdef", "docker.io/library/web@sha256:index"] {
            assert!(store.find(name).is_some(), "{name}");
        }
        assert!(store.find("web").is_none());
        assert_eq!(store.remove("web:1"), Some(("sha256:abcdef".into(), vec!["l1".into()])));
        assert!(store.find("abcdef").is_none());
    }
}
