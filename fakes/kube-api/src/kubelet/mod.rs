//! What only kubelets can answer: logs, exec and the like, asked through a pod's subresources.
//!
//! A node's kubelet is a model, which the lab hands in as [`Kubelets`], or a program that listens where its node object
//! says (`remote`). Logs of a model are asked for; all else is passed on to the kubelet as it comes (`forward`), upgrades to
//! WebSocket or SPDY included.

mod forward;
mod log;
mod remote;

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use http::Response;
use tokio::io::{AsyncRead, AsyncWrite};
use winlab_document::Document;
use winlab_pki::Issued;

use crate::body::ApiBody;
use crate::failure::Failure;
use crate::kinds::{self, Subresource};
use crate::request::{Target, key};
use crate::server::ApiServer;
use crate::service::Call;

/// The kubelets of nodes that are models.
pub trait Kubelets: Send + Sync {
    /// The kubelet of a node; none if it is a program, and reached where its node object says.
    fn of_node(&self, node: &str) -> Option<Arc<dyn Kubelet>>;
}

/// A kubelet in this process. An error is what it answers instead.
pub trait Kubelet: Send + Sync {
    /// `GET /containerLogs/…`: the text so far.
    fn logs<'a>(
        &'a self,
        container: &'a ContainerRef,
        options: &'a LogOptions,
    ) -> BoxFuture<'a, Result<String, String>>;

    /// A connection to its server, which speaks HTTP/1.1 as one on port 10250 does inside of TLS: `/exec/…`, `/attach/…`,
    /// `/portForward/…`.
    fn connect(&self) -> Result<Box<dyn Connection>, String>;
}

/// Bytes both ways.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<C: AsyncRead + AsyncWrite + Send + Unpin> Connection for C {}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerRef {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container's name.
    pub container: String,
}

/// Which lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Those of the container before the one that runs.
    pub previous: bool,
    /// The last so many.
    pub tail: Option<usize>,
    /// With the time before each.
    pub timestamps: bool,
}

/// How the server reaches kubelets.
#[derive(Default)]
pub(crate) struct Reach {
    models: OnceLock<Arc<dyn Kubelets>>,
    /// Who the server is to kubelets that are programs.
    certificate: OnceLock<Issued>,
}

impl Reach {
    pub(crate) fn set_models(&self, kubelets: Arc<dyn Kubelets>) {
        // The first stays: a lab has one set of nodes.
        let _ = self.models.set(kubelets);
    }

    pub(crate) fn set_certificate(&self, issued: Issued) {
        let _ = self.certificate.set(issued);
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach").field("models", &self.models.get().is_some()).finish_non_exhaustive()
    }
}

/// What of a pod only its kubelet answers; none if the target is something else.
pub(crate) fn asks_kubelet(target: &Target) -> Option<Subresource> {
    let served = target.kind().subresources.iter().find(|one| one.segment() == target.subresource)?;
    matches!(served, Subresource::Log | Subresource::Exec | Subresource::Attach | Subresource::PortForward)
        .then_some(*served)
}

/// Answers such a request.
pub(crate) async fn answer(
    server: &Arc<ApiServer>,
    target: &Target,
    part: Subresource,
    call: Call,
) -> Result<Response<ApiBody>, Failure> {
    let pod = stored_pod(server, target)?;
    let node = pod.text(&["spec", "nodeName"]).to_owned();
    if node.is_empty() {
        let why = format!("pod {} does not have a host assigned", target.name);
        return Err(Failure::bad_request(why));
    }
    let container = match part {
        Subresource::PortForward => String::new(),
        _ => container_of(&pod, call.params.text("container"))?,
    };
    let container = ContainerRef { namespace: target.namespace.clone(), pod: target.name.clone(), container };
    let model = server.kubelets.models.get().and_then(|kubelets| kubelets.of_node(&node));
    let away = |error: String| Failure::internal(format!("error dialing backend: {error}"));
    let (host, connection) = match (model, part) {
        (Some(kubelet), Subresource::Log) => {
            return log::answer(server, kubelet, container, &call.params).await;
        }
        (Some(kubelet), _) => (node, kubelet.connect().map_err(away)?),
        (None, _) => {
            let address = remote::address_of(server, &node)?;
            let dialled = remote::dial(address, server.kubelets.certificate.get()).await;
            let socket = dialled.map_err(|error| away(format!("dial tcp {address}: {error}")))?;
            (address.to_string(), socket)
        }
    };
    forward::forward(connection, &host, part, &container, call).await
}

fn stored_pod(server: &ApiServer, target: &Target) -> Result<Document, Failure> {
    let stored = server.state().store.kind(target.kind).get(&target.key()).cloned();
    stored
        .map(|stored| stored.document.clone())
        .ok_or_else(|| Failure::not_found(target.kind(), &target.name))
}

/// The container meant, which need not be named if it is the only one (`pkg/registry/core/pod/strategy.go`).
fn container_of(pod: &Document, asked: &str) -> Result<String, Failure> {
    let names = |list: &str| -> Vec<String> {
        let all = pod.path(&["spec", list]).map(Document::items).unwrap_or_default();
        all.iter().map(|one| one.text(&["name"]).to_owned()).collect()
    };
    let (containers, init) = (names("containers"), names("initContainers"));
    let pod_name = crate::meta::text(pod, "name");
    if asked.is_empty() {
        return match containers.as_slice() {
            [only] => Ok(only.clone()),
            several => {
                let mut message = format!(
                    "a container name must be specified for pod {pod_name}, choose one of: [{}]",
                    several.join(" ")
                );
                if !init.is_empty() {
                    message.push_str(&format!(" or one of the init containers: [{}]", init.join(" ")));
                }
                Err(Failure::bad_request(message))
            }
        };
    }
    let ephemeral = names("ephemeralContainers");
    let known = containers.iter().chain(&init).chain(&ephemeral).any(|name| name == asked);
    if known {
        Ok(asked.to_owned())
    } else {
        Err(Failure::bad_request(format!("container {asked} is not valid for pod {pod_name}")))
    }
}

/// Whether a container of a pod runs, as the pod's status says.
fn is_running(server: &ApiServer, container: &ContainerRef) -> bool {
    let pod = kinds::by_name("", "Pod");
    let stored = server.state().store.kind(pod).get(&key(&container.namespace, &container.pod)).cloned();
    let Some(pod) = stored else { return false };
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    lists
        .iter()
        .flat_map(|list| pod.document.path(&["status", list]).map(Document::items).unwrap_or_default())
        .filter(|status| status.text(&["name"]) == container.container)
        .any(|status| status.path(&["state", "running"]).is_some())
}
