//! Who a client is.

use std::fmt;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, header};
use kube::Client;
use kube::api::{PatchParams, PostParams};
use kube::client::Body;
use tower::{BoxError, Service};

/// A component as the API server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The component: `kubelet`, `kube-proxy`, `flanneld`, `kubectl`.
    pub component: String,
    /// Its version, `v1.34.2`.
    pub version: String,
    /// What it runs on: `linux/amd64`, `windows/amd64`.
    pub platform: String,
    /// The user it authenticates as: `system:node:win1`, `system:serviceaccount:kube-system:flannel`.
    pub user: String,
}

impl Identity {
    /// An administrator's program on Linux.
    pub fn new(component: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            component: component.into(),
            version: version.into(),
            platform: "linux/amd64".to_owned(),
            user: "kubernetes-admin".to_owned(),
        }
    }

    /// The same on another platform.
    #[must_use]
    pub fn platform(mut self, platform: impl Into<String>) -> Self {
        self.platform = platform.into();
        self
    }

    /// The same as another user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// The user agent, in the form client-go's `rest.DefaultKubernetesUserAgent` gives it.
    pub fn user_agent(&self) -> String {
        format!("{}/{} ({}) kubernetes/winlab", self.component, self.version, self.platform)
    }

    /// The field manager a server derives from the user agent: what stands before the first slash.
    pub fn field_manager(&self) -> &str {
        &self.component
    }

    /// Parameters for creates and replaces that name the field manager.
    pub fn post_params(&self) -> PostParams {
        PostParams { field_manager: Some(self.component.clone()), ..PostParams::default() }
    }

    /// Parameters for patches that name the field manager.
    pub fn patch_params(&self) -> PatchParams {
        PatchParams { field_manager: Some(self.component.clone()), ..PatchParams::default() }
    }

    /// A client with this identity over a service. Call it inside the runtime: kube spawns a task for the client's queue.
    pub fn client<S, B>(&self, service: S) -> Client
    where
        S: Service<Request<Body>, Response = Response<B>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let agent = HeaderValue::from_str(&self.user_agent()).ok();
        Client::new(Named { service, agent }, "default")
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.component, self.user)
    }
}

/// Adds the user agent to every request that has none.
struct Named<S> {
    service: S,
    agent: Option<HeaderValue>,
}

impl<S, B> Service<Request<Body>> for Named<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        if let Some(agent) = &self.agent {
            request.headers_mut().entry(header::USER_AGENT).or_insert_with(|| agent.clone());
        }
        self.service.call(request)
    }
}
