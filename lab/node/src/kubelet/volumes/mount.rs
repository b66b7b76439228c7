//! Setting a pod's volumes up.

use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::{Pod, Volume};

use super::content::Content;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::pod::facts::PodFacts;

/// How long a sync waits for its volumes (`podAttachAndMountTimeout`).
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(123);
/// Waits between attempts at one volume (`pkg/util/goroutinemap/exponentialbackoff`): 500 ms doubling to 2 min 2 s.
const FIRST_WAIT: VirtualSpan = VirtualSpan::from_millis(500);
const MOST_WAIT: VirtualSpan = VirtualSpan::from_secs(122);

/// Volumes that could not be set up in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MountError(pub(crate) String);

/// Where a volume's files come from.
enum Kind<'a> {
    Directory(&'static str),
    HostPath(&'a str, &'a str),
    Content(&'static str),
    Unsupported(&'static str),
}

fn kind(volume: &Volume) -> Kind<'_> {
    if let Some(host) = &volume.host_path {
        return Kind::HostPath(&host.path, host.type_.as_deref().unwrap_or_default());
    }
    if volume.empty_dir.is_some() {
        return Kind::Directory("kubernetes.io~empty-dir");
    }
    if volume.config_map.is_some() {
        return Kind::Content("kubernetes.io~configmap");
    }
    if volume.secret.is_some() {
        return Kind::Content("kubernetes.io~secret");
    }
    if volume.downward_api.is_some() {
        return Kind::Content("kubernetes.io~downward-api");
    }
    if volume.projected.is_some() {
        return Kind::Content("kubernetes.io~projected");
    }
    let other = [
        (volume.persistent_volume_claim.is_some(), "persistentVolumeClaim"),
        (volume.nfs.is_some(), "nfs"),
        (volume.csi.is_some(), "csi"),
        (volume.iscsi.is_some(), "iscsi"),
        (volume.ephemeral.is_some(), "ephemeral"),
    ];
    Kind::Unsupported(other.iter().find(|(there, _)| *there).map_or("unknown", |(_, name)| name))
}

impl Kubelet {
    /// Where a pod's volume lies.
    pub(crate) fn volume_path(&self, pod: &Pod, name: &str) -> Option<String> {
        let volume = pod.spec().volumes.iter().flatten().find(|volume| volume.name == name)?;
        match kind(volume) {
            Kind::HostPath(path, _) => Some(path.to_owned()),
            Kind::Directory(plugin) | Kind::Content(plugin) => {
                Some(format!("{}/volumes/{plugin}/{name}", self.pod_dir(pod.uid())))
            }
            Kind::Unsupported(_) => None,
        }
    }

    /// Sets every volume up, again and again until all are or the sync has waited long enough.
    pub(crate) async fn mount_volumes(&self, pod: &Pod) -> Result<(), MountError> {
        let volumes: Vec<&Volume> = pod.spec().volumes.iter().flatten().collect();
        if volumes.is_empty() || self.options.hollow {
            return Ok(());
        }
        let give_up = self.clock.now() + PATIENCE;
        let mut wait = FIRST_WAIT;
        let mut missing = volumes;
        loop {
            let mut failed = Vec::new();
            for volume in missing {
                if let Err(text) = self.set_up(pod, volume).await {
                    let text = format!("MountVolume.SetUp failed for volume {:?} : {text}", volume.name);
                    self.recorder.pod(pod, EventType::Warning, "FailedMount", text);
                    failed.push(volume);
                }
            }
            if failed.is_empty() {
                return Ok(());
            }
            let next = self.clock.now() + wait;
            if next > give_up {
                self.clock.sleep_until(give_up).await;
                return Err(self.mount_timeout(&failed));
            }
            self.clock.sleep_until(next).await;
            wait = (wait * 2).min(MOST_WAIT);
            missing = failed;
        }
    }

    fn mount_timeout(&self, failed: &[&Volume]) -> MountError {
        let names: Vec<&str> = failed.iter().map(|volume| volume.name.as_str()).collect();
        let end = if self.config.gates.since(28) {
            "context deadline exceeded"
        } else {
            "timed out waiting for the condition"
        };
        MountError(format!(
            "unmounted volumes=[{}], unattached volumes=[], failed to process volumes=[]: {end}",
            names.join(" ")
        ))
    }

    async fn set_up(&self, pod: &Pod, volume: &Volume) -> Result<(), String> {
        let plugin = match kind(volume) {
            Kind::HostPath(path, wanted) => return self.check_host_path(path, wanted).await,
            Kind::Unsupported(name) => {
                return Err(format!("no volume plugin matched: the lab has no {name} volumes"));
            }
            Kind::Directory(plugin) | Kind::Content(plugin) => plugin,
        };
        let folder = format!("{}/volumes/{plugin}/{}", self.pod_dir(pod.uid()), volume.name);
        self.files.create_directory(&folder).await.map_err(|error| error.to_string())?;
        for (path, bytes) in self.content(pod, volume).await? {
            let path = format!("{folder}/{path}");
            let same = self.files.read(&path).await.is_ok_and(|old| *old == *bytes);
            if !same {
                self.files.write(&path, bytes).await.map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    async fn content(&self, pod: &Pod, volume: &Volume) -> Result<Content, String> {
        if let Some(from) = &volume.config_map {
            let optional = from.optional.unwrap_or(false);
            return self.config_map_content(pod.namespace(), &from.name, from.items.as_ref(), optional).await;
        }
        if let Some(from) = &volume.secret {
            let name = from.secret_name.as_deref().unwrap_or_default();
            let optional = from.optional.unwrap_or(false);
            return self.secret_content(pod.namespace(), name, from.items.as_ref(), optional).await;
        }
        if let Some(from) = &volume.downward_api {
            return self.downward_content(pod, from.items.as_deref().unwrap_or_default());
        }
        match &volume.projected {
            Some(from) => self.projected_content(pod, from).await,
            None => Ok(Content::new()),
        }
    }

    /// `hostPath.type` (`pkg/volume/hostpath`).
    async fn check_host_path(&self, path: &str, wanted: &str) -> Result<(), String> {
        match wanted {
            "DirectoryOrCreate" => self.files.create_directory(path).await.map_err(|error| error.to_string()),
            "FileOrCreate" if self.files.read(path).await.is_err() => {
                self.files.write(path, Vec::new()).await.map_err(|error| error.to_string())
            }
            "File" if self.files.read(path).await.is_err() => {
                Err(format!("hostPath type check failed: {path} is not a file"))
            }
            _ => Ok(()),
        }
    }
}
