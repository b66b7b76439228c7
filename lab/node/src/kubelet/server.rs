//! What the kubelet serves on port 10250, as far as the API server and a lab use it (`pkg/kubelet/server`): logs, commands,
//! and which container or sandbox a client's streams belong to.

use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::{ContainerStatus, PodStatus};

use super::core::Kubelet;
use super::pod::facts::PodFacts;
use crate::cri::{ExecSyncResponse, POD_UID_LABEL, PodSandboxFilter, PodSandboxState};

/// Which lines of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The container before the one that runs
    pub previous: bool,
    /// At most so many lines, the last ones
    pub tail: Option<usize>,
    /// With the time before each line
    pub timestamps: bool,
}

/// The kubelet's API. It listens at [`kubelet_endpoint`].
pub trait KubeletApi: Send + Sync {
    /// `GET /containerLogs/<namespace>/<pod>/<container>`; an error is the text of the response.
    fn container_logs<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        options: LogOptions,
    ) -> BoxFuture<'a, Result<String, String>>;

    /// `POST /run/<namespace>/<pod>/<container>`
    fn exec<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        command: &'a [String],
        timeout: Option<VirtualSpan>,
    ) -> BoxFuture<'a, Result<ExecSyncResponse, String>>;

    /// The container of `/exec/<namespace>/<pod>/<container>` and `/attach/…`: its id in the runtime.
    fn container_id(&self, namespace: &str, pod: &str, container: &str) -> Result<String, String>;

    /// The sandbox of `/portForward/<namespace>/<pod>`: its id in the runtime.
    fn sandbox_id<'a>(&'a self, namespace: &'a str, pod: &'a str) -> BoxFuture<'a, Result<String, String>>;
}

/// Where the kubelet of a node listens among the node's local endpoints.
#[must_use]
pub fn kubelet_endpoint() -> &'static str {
    "tcp://:10250"
}

pub(super) struct Server(pub(super) Weak<Kubelet>);

impl Server {
    fn kubelet(&self) -> Result<Arc<Kubelet>, String> {
        self.0.upgrade().ok_or_else(|| "dial tcp :10250: connect: connection refused".to_owned())
    }

    async fn logs(
        &self,
        namespace: &str,
        pod: &str,
        name: &str,
        options: LogOptions,
    ) -> Result<String, String> {
        let kubelet = self.kubelet()?;
        let found = kubelet.pods.get_namespaced(namespace, pod);
        let found = found.ok_or_else(|| format!("pod {pod:?} cannot be found - no logs available"))?;
        let status = kubelet.statuses.get(found.uid()).or_else(|| found.status.clone()).unwrap_or_default();
        let id = log_id(pod, &status, name, options.previous)?;
        let cri = kubelet.cri().map_err(|error| error.to_string())?;
        let container = cri.container_status(&id).await.map_err(|error| {
            format!("unable to retrieve container logs for {}://{id}: {error}", kubelet.runtime_name)
        })?;
        let text = match kubelet.files.read_text(&container.log_path).await {
            Err(error) if !error.not_found => return Err(error.to_string()),
            other => other.unwrap_or_default(),
        };
        let lines: Vec<&str> = text.lines().collect();
        let skipped = options.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        Ok(lines[skipped..].iter().map(|line| shown(line, options.timestamps)).collect())
    }

    async fn run(
        &self,
        namespace: &str,
        pod: &str,
        name: &str,
        command: &[String],
        timeout: Option<VirtualSpan>,
    ) -> Result<ExecSyncResponse, String> {
        let id = self.running(namespace, pod, name)?;
        let cri = self.kubelet()?.cri().map_err(|error| error.to_string())?;
        cri.exec_sync(&id, command, timeout).await.map_err(|error| error.to_string())
    }

    /// The container by that name which a pod has now (`findContainer`).
    fn running(&self, namespace: &str, pod: &str, name: &str) -> Result<String, String> {
        let kubelet = self.kubelet()?;
        let found =
            kubelet.pods.get_namespaced(namespace, pod).ok_or_else(|| format!("pods {pod:?} not found"))?;
        let status = kubelet.statuses.get(found.uid()).unwrap_or_default();
        let id = find(&status, name).and_then(|container| container.container_id.clone());
        let id = id.map(|id| bare(&id).to_owned()).filter(|id| !id.is_empty());
        id.ok_or_else(|| format!("container not found ({name:?})"))
    }

    /// The sandbox of a pod that is ready (`GetPortForward`, `getSandboxIDByPodUID`).
    async fn sandbox(&self, namespace: &str, pod: &str) -> Result<String, String> {
        let kubelet = self.kubelet()?;
        let found = kubelet.pods.get_namespaced(namespace, pod);
        let found = found.ok_or_else(|| format!("pod not found (\"{pod}_{namespace}\")"))?;
        let filter = PodSandboxFilter {
            state: Some(PodSandboxState::Ready),
            label_selector: [(POD_UID_LABEL.to_owned(), found.uid().to_owned())].into(),
            ..PodSandboxFilter::default()
        };
        let cri = kubelet.cri().map_err(|error| error.to_string())?;
        let listed = cri.list_pod_sandbox(filter).await.map_err(|error| error.to_string())?;
        let newest = listed.into_iter().max_by_key(|sandbox| sandbox.metadata.attempt);
        newest
            .map(|sandbox| sandbox.id)
            .ok_or_else(|| format!("failed to find sandboxID for pod {pod}_{namespace}({})", found.uid()))
    }
}

impl KubeletApi for Server {
    fn container_logs<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        options: LogOptions,
    ) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(self.logs(namespace, pod, container, options))
    }

    fn exec<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        command: &'a [String],
        timeout: Option<VirtualSpan>,
    ) -> BoxFuture<'a, Result<ExecSyncResponse, String>> {
        Box::pin(self.run(namespace, pod, container, command, timeout))
    }

    fn container_id(&self, namespace: &str, pod: &str, container: &str) -> Result<String, String> {
        self.running(namespace, pod, container)
    }

    fn sandbox_id<'a>(&'a self, namespace: &'a str, pod: &'a str) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(self.sandbox(namespace, pod))
    }
}

fn find<'a>(status: &'a PodStatus, name: &str) -> Option<&'a ContainerStatus> {
    let all =
        status.container_statuses.iter().flatten().chain(status.init_container_statuses.iter().flatten());
    all.into_iter().find(|status| status.name == name)
}

fn bare(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}

/// The container whose log is meant (`kubelet_pods.go`, validateContainerLogStatus).
fn log_id(pod: &str, status: &PodStatus, name: &str, previous: bool) -> Result<String, String> {
    let container =
        find(status, name).ok_or_else(|| format!("container {name:?} in pod {pod:?} is not available"))?;
    let state = container.state.clone().unwrap_or_default();
    let last = container.last_state.as_ref().and_then(|state| state.terminated.as_ref());
    let last = last.and_then(|ended| ended.container_id.clone()).filter(|id| !id.is_empty());
    if previous {
        let id =
            last.ok_or_else(|| format!("previous terminated container {name:?} in pod {pod:?} not found"))?;
        return Ok(bare(&id).to_owned());
    }
    let own = container.container_id.clone().filter(|id| !id.is_empty());
    let id = if state.running.is_some() {
        own
    } else if let Some(ended) = state.terminated {
        ended.container_id.filter(|id| !id.is_empty()).or(last)
    } else {
        last
    };
    if let Some(id) = id {
        return Ok(bare(&id).to_owned());
    }
    let place = format!("container {name:?} in pod {pod:?} is waiting to start");
    let reason = state.waiting.and_then(|waiting| waiting.reason);
    Err(match reason.as_deref() {
        Some("ErrImagePull") => format!("{place}: image can't be pulled"),
        Some("ImagePullBackOff") => format!("{place}: trying and failing to pull image"),
        Some(reason) => format!("{place}: {reason}"),
        None => format!("{place} - no logs yet"),
    })
}

/// A line of the CRI log without its time, stream and tag.
fn shown(line: &str, timestamps: bool) -> String {
    let mut parts = line.splitn(4, ' ');
    let (time, _, _, text) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (time, text) = (time.unwrap_or_default(), text.unwrap_or_default());
    if timestamps { format!("{time} {text}\n") } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::PodStatus;

    use super::{log_id, shown};

    #[test]
    fn logs_of_a_container_that_waits_are_refused_with_the_reason() {
        let status = |state: winlab_document::Document| -> PodStatus {
            doc!({"containerStatuses": [{
                "name": "a", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": state,
            }]})
            .decode()
            .unwrap()
        };
        let waiting = status(doc!({"waiting": {"reason": "ImagePullBackOff"}}));
        assert_eq!(
            log_id("p", &waiting, "a", false).unwrap_err(),
            "container \"a\" in pod \"p\" is waiting to start: trying and failing to pull image"
        );
        let ended = status(doc!({"terminated": {"exitCode": 0, "containerID": "containerd://c1"}}));
        assert_eq!(log_id("p", &ended, "a", false).unwrap(), "c1");
        assert!(log_id("p", &ended, "a", true).is_err());
        assert_eq!(shown("2026-01-01T00:00:00Z stdout F a b", false), "a b\n");
    }
}
