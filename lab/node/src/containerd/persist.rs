//! Records on disk, and finding again after a restart what still runs.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use winlab_document::Document;

use super::core::Core;
use super::records::{ContainerRecord, SandboxRecord};
use crate::cri::{ContainerState, PodSandboxState};

impl Core {
    fn folder(&self, kind: &str) -> String {
        format!("{}/io.containerd.grpc.v1.cri/{kind}", self.config.root)
    }

    fn images_file(&self) -> String {
        format!("{}/io.containerd.metadata.v1.bolt/images.json", self.config.root)
    }

    async fn save(&self, path: &str, record: &(impl Serialize + Sync)) {
        let written = match Document::encode(record) {
            Ok(document) => self.files.write(path, document.to_bytes()).await.map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = written {
            self.log.error(format_args!("failed to checkpoint {path}: {error}"));
        }
    }

    pub(crate) async fn save_sandbox(&self, record: &SandboxRecord) {
        self.save(&format!("{}/{}/metadata.json", self.folder("sandboxes"), record.id), record).await;
    }

    pub(crate) async fn save_container(&self, id: &str) {
        let record = self.state().containers.get(id).cloned();
        if let Some(record) = record {
            self.save(&format!("{}/{id}/status", self.folder("containers")), &record).await;
        }
    }

    pub(crate) async fn save_images(&self) {
        let images = self.state().images.clone();
        self.save(&self.images_file(), &images).await;
    }

    pub(crate) async fn forget_sandbox(&self, id: &str) {
        self.files.remove_all(&format!("{}/{id}", self.folder("sandboxes"))).await.ok();
    }

    pub(crate) async fn forget_container(&self, id: &str) {
        self.files.remove_all(&format!("{}/{id}", self.folder("containers"))).await.ok();
    }

    async fn load<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        let bytes = self.files.read(path).await.ok()?;
        Document::from_slice(&bytes).ok()?.decode().ok()
    }

    /// Reads every record and asks the host which of the tasks still run.
    pub(crate) async fn recover(self: &Arc<Self>) {
        if let Some(images) = self.load(&self.images_file()).await {
            self.state().images = images;
        }
        let used = self.state().images.layers.values().filter_map(|path| layer_number(path)).max();
        self.state().next_layer = used.map_or(1, |number| number + 1);
        for id in self.files.list(&self.folder("sandboxes")).await.unwrap_or_default() {
            let path = format!("{}/{id}/metadata.json", self.folder("sandboxes"));
            if let Some(mut record) = self.load::<SandboxRecord>(&path).await {
                if !self.sandbox_lives(&record).await {
                    record.state = PodSandboxState::NotReady;
                    self.save_sandbox(&record).await;
                }
                self.state().sandboxes.insert(id, record);
            }
        }
        for id in self.files.list(&self.folder("containers")).await.unwrap_or_default() {
            let path = format!("{}/{id}/status", self.folder("containers"));
            if let Some(record) = self.load::<ContainerRecord>(&path).await {
                self.state().containers.insert(id.clone(), record.clone());
                self.recover_container(&id, record).await;
            }
        }
    }

    async fn sandbox_lives(&self, record: &SandboxRecord) -> bool {
        if record.state == PodSandboxState::NotReady || record.boot != self.boot {
            return false;
        }
        let task = match &record.task {
            Some(task) => matches!(self.runtime.exit_code(task, task.pid).await, Ok(None)),
            None => true,
        };
        task && self.runtime.has_netns(&record.netns).await
    }

    /// A running container goes on, one that ended meanwhile ends now, and of one that is gone nothing is known
    /// (containerd `pkg/cri/server/restart.go`, loadContainer).
    async fn recover_container(self: &Arc<Self>, id: &str, record: ContainerRecord) {
        let (ContainerState::Running, Some(task)) = (record.state, record.task) else { return };
        let ended = match self.runtime.exit_code(&task, task.pid).await {
            Ok(ended) if record.boot == self.boot => ended,
            _ => {
                if let Some(container) = self.state().containers.get_mut(id) {
                    "Unknown".clone_into(&mut container.reason);
                    container.exited(255, self.now());
                    container.task = None;
                }
                self.save_container(id).await;
                return;
            }
        };
        match ended {
            Some(code) => self.task_exited(id, code),
            None => self.pump_output(id).await,
        }
    }
}

/// The number in a layer's path.
fn layer_number(path: &str) -> Option<u64> {
    path.rsplit(['/', '\\']).find_map(|part| part.parse().ok())
}
