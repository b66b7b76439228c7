//! The runtime behind a server.

use std::sync::Arc;

use tonic::Status;
use winlab_component::LocalEndpoints;
use winlab_node::cri::{Cri, CriError};

use crate::error::status;

/// Where the runtime listens inside the lab.
#[derive(Clone, Debug)]
pub struct Backend {
    endpoints: LocalEndpoints,
    address: String,
}

impl Backend {
    /// The runtime at `address` (`npipe:////./pipe/containerd-containerd`) of a node.
    #[must_use]
    pub fn new(endpoints: LocalEndpoints, address: &str) -> Self {
        Self { endpoints, address: address.to_owned() }
    }

    /// The runtime, if it listens now; what grpc-go says of a pipe that nobody has opened if it does not.
    pub(crate) fn dial(&self) -> Result<Arc<dyn Cri>, Status> {
        self.endpoints.dial::<dyn Cri>(&self.address).map_err(|error| {
            Status::unavailable(format!(
                "connection error: desc = \"transport: Error while dialing: {error}\""
            ))
        })
    }

    /// Makes a call and carries it through although its client may go away meanwhile: a sandbox that was half made
    /// would be nobody's.
    pub(crate) async fn call<T, F, W>(&self, work: W) -> Result<T, Status>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, CriError>> + Send,
        W: FnOnce(Arc<dyn Cri>) -> F + Send + 'static,
        F: 'static,
    {
        let runtime = self.dial()?;
        match tokio::spawn(work(runtime)).await {
            Ok(answer) => answer.map_err(status),
            Err(error) => Err(Status::internal(error.to_string())),
        }
    }
}
