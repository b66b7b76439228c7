//! Wine as found on this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::leftovers;
use crate::node::{Node, NodeConfig, StartNodeError};
use crate::probe::Tools;
use crate::template::{self, TemplateError};
use crate::world::NodeNetwork;

/// Runs Windows programs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Wine(pub(crate) Arc<Tools>);

impl Wine {
    pub(crate) fn new(tools: Tools) -> Self {
        Self(Arc::new(tools))
    }

    /// What `wine --version` says.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.wine.version
    }

    /// Whether the template is there already.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        template::folder(&self.0).is_dir()
    }

    /// Removes what killed processes left, and makes the template that nodes' prefixes are links to, where it is not
    /// there yet: that takes some ten seconds, once for each version of Wine. It blocks. [`node`](Self::node) does the same
    /// first.
    ///
    /// # Errors
    /// The cache folder cannot be written, or Wine fails.
    pub fn prepare(&self) -> Result<PathBuf, TemplateError> {
        leftovers::sweep(&self.0);
        template::ready(&self.0)
    }

    /// A Windows host for programs, in `network` or in this thread's own. The host's programs live no longer than the
    /// thread.
    ///
    /// # Errors
    /// Its prefix cannot be made, or Wine does not start in it.
    pub async fn node(
        &self,
        config: NodeConfig,
        network: Option<NodeNetwork>,
    ) -> Result<Node, StartNodeError> {
        Node::start(self.clone(), config, network).await
    }

    pub(crate) fn nodes_folder(&self) -> PathBuf {
        nodes_folder(&self.0.cache)
    }
}

/// Where prefixes of running nodes are.
pub(crate) fn nodes_folder(cache: &Path) -> PathBuf {
    cache.join("nodes")
}
