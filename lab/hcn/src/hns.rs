//! The V1 interface: vmcompute.dll's `HNSCall`.

use std::fmt;
use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_host::network::HnsCall;
use winlab_host::{Ask, HostNetwork};
use winlab_profiles::HnsVersion;

use crate::error::HnsError;

/// The V1 interface of one host's HNS.
#[derive(Clone)]
pub struct Hns {
    host: Arc<HostNetwork>,
}

impl Hns {
    /// Over a host's HNS.
    #[must_use]
    pub fn new(host: Arc<HostNetwork>) -> Self {
        Self { host }
    }

    /// One request: its `Output`, `null` where there is none.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn call(&self, method: &str, path: &str, body: Document) -> Result<Document, HnsError> {
        let request = HnsCall { method: method.to_owned(), path: path.to_owned(), body };
        HnsError::check(&self.host.ask(request).await.map_err(HnsError::Failed)?)
    }

    /// `GetGlobals`
    ///
    /// # Errors
    /// As HNS refuses it: before Windows 10 1803 there is no such path.
    pub async fn version(&self) -> Result<HnsVersion, HnsError> {
        let globals = self.call("GET", "/globals/version", Document::Null).await?;
        let part = |name| {
            let number = globals.get(name).and_then(Document::as_u64).unwrap_or_default();
            u16::try_from(number).unwrap_or(u16::MAX)
        };
        Ok(HnsVersion::new(part("Major"), part("Minor")))
    }

    /// `GetHNSNetworkByName`
    ///
    /// # Errors
    /// [`HnsError::NotFound`] if there is none.
    pub async fn network_by_name(&self, name: &str) -> Result<Document, HnsError> {
        let networks = self.call("GET", "/networks/", Document::Null).await?;
        let found = networks.items().iter().find(|network| network.text(&["Name"]) == name);
        found.cloned().ok_or_else(|| HnsError::NotFound(format!("Network {name} not found")))
    }

    /// `GetHNSEndpointByName`
    ///
    /// # Errors
    /// [`HnsError::NotFound`] if there is none.
    pub async fn endpoint_by_name(&self, name: &str) -> Result<Document, HnsError> {
        let endpoints = self.call("GET", "/endpoints/", Document::Null).await?;
        let found = endpoints.items().iter().find(|endpoint| endpoint.text(&["Name"]) == name);
        found.cloned().ok_or_else(|| HnsError::NotFound(format!("Endpoint {name} not found")))
    }

    /// `HNSEndpoint.HostAttach`: the endpoint becomes a vNIC of the host's compartment.
    ///
    /// # Errors
    /// As HNS refuses it; flannel and Calico take "This endpoint is already attached to the switch." for success.
    pub async fn host_attach(&self, endpoint: &str, compartment: u16) -> Result<(), HnsError> {
        let body = doc!({"SystemType": "Host", "CompartmentId": compartment});
        self.call("POST", &format!("/endpoints/{endpoint}/attach"), body).await.map(drop)
    }
}

impl fmt::Debug for Hns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hns")
    }
}
