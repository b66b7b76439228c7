//! Where images come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::platform::Platform;
use super::reference::normalize;

/// What a reference leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageIndex {
    /// Digest of the index, or of the manifest itself.
    pub digest: String,
    /// Whether it is an index. A plain manifest is pulled whatever its platform is.
    pub is_index: bool,
    /// The manifests, in the index's order.
    pub manifests: Vec<ImageManifest>,
}

/// One manifest with its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageManifest {
    /// Digest of the manifest.
    pub digest: String,
    /// The platform it is for.
    pub platform: Platform,
    /// Its configuration.
    pub config: ImageConfig,
    /// Its layers, base first.
    pub layers: Vec<Layer>,
}

/// An image's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// Digest of the configuration: the image's id.
    pub digest: String,
    /// User
    pub user: String,
    /// Environment, `NAME=value`
    pub env: Vec<String>,
    /// Entry point
    pub entrypoint: Vec<String>,
    /// Command
    pub cmd: Vec<String>,
    /// Working directory
    pub working_dir: String,
    /// `STOPSIGNAL`
    pub stop_signal: String,
}

/// One layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// Digest of its content.
    pub digest: String,
    /// Size in bytes.
    pub size: u64,
    /// Files by path; [`winlab_host::Program::FILE`] says what the image's program does.
    pub files: BTreeMap<String, Arc<[u8]>>,
}

/// Why a reference led nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The registry does not have it.
    #[error("not found")]
    NotFound,
    /// The registry wants to know who asks.
    #[error(
        "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
    )]
    Denied,
    /// No answer: the text of Go's HTTP client.
    #[error("{0}")]
    Unreachable(String),
}

/// A registry. The time that a resolution and a download take is its own matter: it waits as long as it takes.
pub trait ImageRegistry: Send + Sync {
    /// What a full reference leads to.
    fn resolve<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Arc<ImageIndex>, RegistryError>>;
}

/// A registry that has what it was given, at once.
#[derive(Debug, Clone, Default)]
pub struct StaticRegistry(BTreeMap<String, Arc<ImageIndex>>);

impl StaticRegistry {
    /// One more image under a reference, in its short or its full form.
    #[must_use]
    pub fn with(mut self, reference: &str, index: ImageIndex) -> Self {
        self.0.insert(normalize(reference), Arc::new(index));
        self
    }
}

impl ImageRegistry for StaticRegistry {
    fn resolve<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Arc<ImageIndex>, RegistryError>> {
        let found = self.0.get(reference).cloned().ok_or(RegistryError::NotFound);
        Box::pin(std::future::ready(found))
    }
}
