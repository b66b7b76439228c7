//! Folders that a real kubelet prepares for containers: volumes, the hosts file, termination messages.
//!
//! They lie on the drive of the node's prefix, where no container of the fake host can look. What is in them when a
//! container is made is therefore copied to the host's own files; what the kubelet changes later is not seen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use winlab_document::Document;
use winlab_host::compute::{Answer, Call, Compute, ComputeEvent};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask as _, Boundary, EventStream, Fault, HostCompute, HostSystem};

use crate::files;
use crate::node::RealNode;

/// The compute boundary of a node with programs.
pub struct SharedMounts {
    inner: Arc<HostCompute>,
    files: Arc<HostSystem>,
    node: Arc<RealNode>,
}

impl SharedMounts {
    /// Over the node's own boundaries.
    #[must_use]
    pub fn new(inner: Arc<HostCompute>, files: Arc<HostSystem>, node: Arc<RealNode>) -> Self {
        Self { inner, files, node }
    }

    /// Copies what the drive has at a path; a path that is not there is left to the host to refuse.
    async fn copy(&self, path: &str) -> Result<(), Fault> {
        let mut left = vec![(path.to_owned(), self.node.path(path))];
        while let Some((name, from)) = left.pop() {
            let Ok(metadata) = files::metadata(&from) else { continue };
            if metadata.is_dir() {
                self.files.ask(CreateDirectory { scope: Scope::Host, path: name.clone() }).await?;
                left.extend(children(&name, &from));
            } else if let Ok(bytes) = files::read(&from) {
                if let Some((folder, _)) = name.rsplit_once(['\\', '/']) {
                    let folder = CreateDirectory { scope: Scope::Host, path: folder.to_owned() };
                    self.files.ask(folder).await?;
                }
                self.files.ask(WriteFile { scope: Scope::Host, path: name, bytes: bytes.into() }).await?;
            }
        }
        Ok(())
    }
}

fn children(name: &str, folder: &Path) -> Vec<(String, PathBuf)> {
    let names = files::list(folder).unwrap_or_default();
    names.into_iter().map(|child| (format!(r"{name}\{child}"), folder.join(child))).collect()
}

impl std::fmt::Debug for SharedMounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SharedMounts").field(&self.node).finish()
    }
}

impl Boundary<Compute> for SharedMounts {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
        let mounted = mounted(&call);
        if mounted.is_empty() {
            return self.inner.call(call);
        }
        Box::pin(async move {
            for path in mounted {
                self.copy(&path).await?;
            }
            self.inner.call(call).await
        })
    }

    fn events(&self) -> EventStream<ComputeEvent> {
        self.inner.events()
    }
}

/// The host's paths that a new container sees, in either schema of HCS.
fn mounted(call: &Call) -> Vec<String> {
    let Call::CreateComputeSystem(create) = call else { return Vec::new() };
    let document = &create.configuration;
    let container = document.get("Container").unwrap_or(document);
    let mapped = container.get("MappedDirectories").map_or(&[][..], Document::items);
    mapped.iter().map(|mapping| mapping.text(&["HostPath"]).to_owned()).collect()
}
