//! What a container's mounts hold, where a real kubelet writes it to a drive that the fake host does not look at.
//!
//! kubelet.exe makes volumes (configuration maps, tokens, empty folders) in the files of its own Wine prefix and names
//! them as mounts. The host that runs the containers keeps its files in memory. So before a container or one more process
//! of it starts, what changed on the drive since the last look is brought over.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use winlab_component::windows_path;
use winlab_document::Document;
use winlab_host::compute::{
    self, CloseComputeSystem, Compute, ComputeEvent, CreateComputeSystem, CreateProcess,
};
use winlab_host::system::{
    self, CloseJobObject, CreateDirectory, CreateJobObject, CreateJobProcess, DeleteFile, FileKind,
    ListDirectory, ReadFile, Scope, StatFile, System, SystemEvent, WriteFile,
};
use winlab_host::{Ask, Boundary, EventStream, Fault, HResult, HostCompute, HostSystem};

/// Folders deeper than this are no volume of a kubelet but a circle.
const DEPTH: u32 = 32;

/// The mounts of one node's containers.
#[derive(Clone)]
pub struct SharedMounts(Arc<Inner>);

struct Inner {
    /// Where kubelet.exe writes.
    drive: Arc<HostSystem>,
    /// Where containers read.
    host: Arc<HostSystem>,
    /// Host paths by compute system, or by job object.
    mapped: Mutex<BTreeMap<String, Vec<String>>>,
    /// Every file that was brought over, as it was then.
    copied: Mutex<BTreeMap<String, Arc<[u8]>>>,
}

impl SharedMounts {
    /// Mounts that are read from the files of `drive` and written to those of `host`.
    #[must_use]
    pub fn new(drive: Arc<HostSystem>, host: Arc<HostSystem>) -> Self {
        Self(Arc::new(Inner { drive, host, mapped: Mutex::default(), copied: Mutex::default() }))
    }

    /// The compute service of the node with the mounts of its containers.
    #[must_use]
    pub fn compute(&self, inner: Arc<HostCompute>) -> Arc<HostCompute> {
        Arc::new(OverCompute { inner, mounts: self.0.clone() })
    }

    /// The system of the node with the mounts of its HostProcess containers.
    #[must_use]
    pub fn system(&self, inner: Arc<HostSystem>) -> Arc<HostSystem> {
        Arc::new(OverSystem { inner, mounts: self.0.clone() })
    }
}

impl fmt::Debug for SharedMounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mapped = self.0.mapped.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("SharedMounts").field(&*mapped).finish()
    }
}

impl Inner {
    /// A container is made: its mounts are brought over, now and whenever one of its processes starts.
    async fn map(&self, container: &str, configuration: &Document) -> Result<(), Fault> {
        let paths = host_paths(configuration);
        self.mapped.lock().unwrap_or_else(PoisonError::into_inner).insert(container.to_owned(), paths);
        self.refresh(container).await
    }

    fn forget(&self, container: &str) {
        self.mapped.lock().unwrap_or_else(PoisonError::into_inner).remove(container);
    }

    async fn refresh(&self, container: &str) -> Result<(), Fault> {
        let paths = self
            .mapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(container)
            .cloned()
            .unwrap_or_default();
        for path in paths {
            let mut found = Vec::new();
            self.copy(&path, &mut found, DEPTH).await?;
            self.remove_others(&path, &found).await?;
        }
        Ok(())
    }

    /// Brings a file or a folder over; what is not on the drive may be on the host alone.
    fn copy<'a>(
        &'a self,
        path: &'a str,
        found: &'a mut Vec<String>,
        depth: u32,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let status = match self.drive.ask(StatFile { scope: Scope::Host, path: path.to_owned() }).await {
                Err(fault) if is_missing(&fault) => return Ok(()),
                other => other?,
            };
            if status.kind == FileKind::File {
                found.push(path.to_owned());
                return self.copy_file(path).await;
            }
            self.host.ask(CreateDirectory { scope: Scope::Host, path: path.to_owned() }).await?;
            if depth == 0 {
                return Ok(());
            }
            let names = self.drive.ask(ListDirectory { scope: Scope::Host, path: path.to_owned() }).await?;
            for name in names {
                self.copy(&format!(r"{path}\{name}"), found, depth - 1).await?;
            }
            Ok(())
        })
    }

    async fn copy_file(&self, path: &str) -> Result<(), Fault> {
        let bytes = self.drive.ask(ReadFile { scope: Scope::Host, path: path.to_owned() }).await?;
        let known = self.copied.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if known.as_deref() == Some(&*bytes) {
            return Ok(());
        }
        if let Some((folder, _)) = path.rsplit_once('\\') {
            self.host.ask(CreateDirectory { scope: Scope::Host, path: folder.to_owned() }).await?;
        }
        self.host.ask(WriteFile { scope: Scope::Host, path: path.to_owned(), bytes: bytes.clone() }).await?;
        self.copied.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), bytes);
        Ok(())
    }

    /// Removes what was brought over from `path` and is not on the drive any more. What containers wrote stays.
    async fn remove_others(&self, path: &str, found: &[String]) -> Result<(), Fault> {
        let below = format!(r"{path}\");
        let gone: Vec<String> = {
            let copied = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
            let of_path = copied.keys().filter(|file| *file == path || file.starts_with(&below));
            of_path.filter(|file| !found.contains(file)).cloned().collect()
        };
        for file in gone {
            match self.host.ask(DeleteFile { scope: Scope::Host, path: file.clone() }).await {
                Err(fault) if !is_missing(&fault) => return Err(fault),
                _ => self.copied.lock().unwrap_or_else(PoisonError::into_inner).remove(&file),
            };
        }
        Ok(())
    }
}

fn is_missing(fault: &Fault) -> bool {
    matches!(fault.code, HResult::ERROR_FILE_NOT_FOUND | HResult::ERROR_PATH_NOT_FOUND)
}

/// The host paths of a container's `MappedDirectories`, whichever document they stand in.
fn host_paths(configuration: &Document) -> Vec<String> {
    let places: [&[&str]; 3] = [
        &["Container", "MappedDirectories"],
        &["HostedSystem", "Container", "MappedDirectories"],
        &["MappedDirectories"],
    ];
    let mapped = places.iter().filter_map(|path| configuration.path(path)).flat_map(Document::items);
    mapped.map(|mapping| windows_path(mapping.text(&["HostPath"]))).filter(|path| !path.is_empty()).collect()
}

struct OverCompute {
    inner: Arc<HostCompute>,
    mounts: Arc<Inner>,
}

impl Boundary<Compute> for OverCompute {
    fn call(&self, call: compute::Call) -> BoxFuture<'_, Result<compute::Answer, Fault>> {
        Box::pin(async move {
            match &call {
                compute::Call::CreateComputeSystem(CreateComputeSystem { id, configuration }) => {
                    self.mounts.map(id, configuration).await?;
                }
                compute::Call::CreateProcess(CreateProcess { id, .. }) => self.mounts.refresh(id).await?,
                compute::Call::CloseComputeSystem(CloseComputeSystem { id }) => self.mounts.forget(id),
                _ => {}
            }
            self.inner.call(call).await
        })
    }

    fn events(&self) -> EventStream<ComputeEvent> {
        self.inner.events()
    }
}

struct OverSystem {
    inner: Arc<HostSystem>,
    mounts: Arc<Inner>,
}

impl Boundary<System> for OverSystem {
    fn call(&self, call: system::Call) -> BoxFuture<'_, Result<system::Answer, Fault>> {
        Box::pin(async move {
            match &call {
                system::Call::CreateJobObject(CreateJobObject { name, settings }) => {
                    self.mounts.map(name, settings).await?;
                }
                system::Call::CreateJobProcess(CreateJobProcess { job, .. }) => {
                    self.mounts.refresh(job).await?
                }
                system::Call::CloseJobObject(CloseJobObject { name }) => self.mounts.forget(name),
                _ => {}
            }
            self.inner.call(call).await
        })
    }

    fn events(&self) -> EventStream<SystemEvent> {
        self.inner.events()
    }
}
