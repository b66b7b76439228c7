//! Endpoints: as the cluster lists them, and as HNS has them.

use super::references::Reference;
use crate::service::Endpoint;

/// An endpoint of a service port, and the HNS endpoint it was last programmed as: `endpointInfo`.
#[derive(Debug, Clone)]
pub(super) struct Backend {
    pub(super) endpoint: Endpoint,
    /// Empty until programmed.
    pub(super) id: String,
    pub(super) reference: Reference,
}

impl Backend {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, id: String::new(), reference: Reference::Unused }
    }
}

/// An HNS endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HnsEndpoint {
    pub(super) id: String,
    pub(super) ip: String,
    pub(super) local: bool,
}
