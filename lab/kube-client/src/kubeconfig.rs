//! Clients of a server outside this process, told by a kubeconfig.

use http::{HeaderValue, header};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use crate::identity::Identity;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The text is no kubeconfig, or lacks something.
    #[error("the kubeconfig cannot be used")]
    Kubeconfig(#[from] KubeconfigError),
    /// What it says makes no client: its certificates, mostly.
    #[error("no client can be made of the kubeconfig")]
    Client(#[source] Box<kube::Error>),
}

impl Identity {
    /// A client for the cluster and the user of a kubeconfig's current context. No connection is made yet. Call it
    /// inside the runtime: kube spawns a task for the client's queue.
    ///
    /// # Errors
    /// The kubeconfig is of no use.
    pub async fn connect(&self, kubeconfig: &str) -> Result<Client, ConnectError> {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig)?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        if let Ok(agent) = HeaderValue::from_str(&self.user_agent()) {
            config.headers.push((header::USER_AGENT, agent));
        }
        Client::try_from(config).map_err(|error| ConnectError::Client(Box::new(error)))
    }
}
