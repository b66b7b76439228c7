//! Clients of an API server behind TLS.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, header};
use kube::config::AuthInfo;
use kube::{Client, Config};

use crate::Identity;

/// An API server that does not take a connection within this time is away.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A connection on which an answer is awaited and nothing comes for so long is dead: a watch has a bookmark every minute.
const SILENT_FOR: Duration = Duration::from_secs(150);

/// An API server behind TLS, and who one is there.
#[derive(Clone)]
pub struct Remote {
    /// `https://192.168.0.2:6443`
    pub url: String,
    /// The certificate of the authority that the server's is of, as DER.
    pub authority_der: Vec<u8>,
    /// The client's certificate, as PEM.
    pub certificate_pem: String,
    /// Its private key, as PEM.
    pub key_pem: String,
}

/// Why there is no client of a remote server.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The URL is none.
    #[error("{url} is no URL of an API server")]
    Url {
        /// What was given.
        url: String,
    },
    /// Certificate or key cannot be used.
    #[error("the client's certificate cannot be used")]
    Credentials(#[source] Box<kube::Error>),
}

impl Identity {
    /// A client with this identity of a server behind TLS. Call it inside the runtime, which needs a clock that goes by
    /// itself: a paused one jumps while a socket waits.
    ///
    /// # Errors
    /// What of `remote` cannot be used. Nothing is asked of the server yet.
    pub fn remote_client(&self, remote: &Remote) -> Result<Client, RemoteError> {
        let url = remote.url.parse().map_err(|_| RemoteError::Url { url: remote.url.clone() })?;
        let mut config = Config::new(url);
        config.root_cert = Some(vec![remote.authority_der.clone()]);
        config.auth_info = AuthInfo {
            client_certificate_data: Some(STANDARD.encode(&remote.certificate_pem)),
            client_key_data: Some(STANDARD.encode(&remote.key_pem).into()),
            ..AuthInfo::default()
        };
        config.connect_timeout = Some(CONNECT_WITHIN);
        config.read_timeout = Some(SILENT_FOR);
        config.reset_reader_on_write = true;
        // Its jitter is drawn from the machine; whoever retries here does so by a seed.
        config.default_retry = false;
        if let Ok(agent) = HeaderValue::from_str(&self.user_agent()) {
            config.headers.push((header::USER_AGENT, agent));
        }
        Client::try_from(config).map_err(|error| RemoteError::Credentials(Box::new(error)))
    }
}
