//! The server over TCP and TLS, for programs outside this process.
//!
//! [`SecureServing`] holds what a listener needs: the certificate, the authority whose clients are believed, the server. Who a
//! caller is stands in its client certificate or bearer token (`authenticate`); from there on a request goes the way
//! of every other.

mod authenticate;
mod compress;
mod connection;
mod listener;

use std::fmt;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig, crypto};
use winlab_kube_client::Identity;
use winlab_pki::{Authority, Credentials, Kubeconfig, PkiError, ServerNames};

use crate::server::ApiServer;

/// Serves an [`ApiServer`] on listeners. Cheap to clone; clones serve the same server.
#[derive(Clone)]
pub struct SecureServing {
    server: Arc<ApiServer>,
    authority: Arc<Authority>,
    acceptor: TlsAcceptor,
}

/// Why a server cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// Its certificate could not be made.
    #[error("the API server has no certificate")]
    Certificate(#[from] PkiError),
    /// TLS refuses the certificate.
    #[error("TLS cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SecureServing {
    /// One with a certificate for what it is reached as. Client certificates of the same authority are believed.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn new(
        server: Arc<ApiServer>,
        authority: Arc<Authority>,
        reached_as: &ServerNames,
    ) -> Result<Self, ServingError> {
        let issued = authority.server("kube-apiserver", reached_as)?;
        // As kubeadm names it; a kubelet asks this server whether it may, and it may.
        let to_kubelets = authority.client("kube-apiserver-kubelet-client", Some("system:masters"))?;
        server.kubelets.set_certificate(to_kubelets);
        let config = tls(&authority, issued.certificate_der, issued.key_der).map_err(ServingError::Tls)?;
        Ok(Self { server, authority, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// The authority that its certificate is of.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// How a client that acts as `identity` reaches the server at `url`: service accounts by a token, everybody else
    /// by a certificate.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn kubeconfig(&self, name: &str, url: &str, identity: &Identity) -> Result<Kubeconfig, PkiError> {
        let user = identity.user.as_str();
        let credentials = match self.server.token_of(user) {
            Some(token) => Credentials::Token(token),
            None => {
                let groups = crate::caller::implied_groups(user);
                Credentials::Certificate(self.authority.client(user, groups.first().map(String::as_str))?)
            }
        };
        Ok(Kubeconfig {
            name: name.to_owned(),
            user: user.to_owned(),
            server: url.to_owned(),
            authority_pem: self.authority.certificate_pem(),
            credentials,
        })
    }
}

impl fmt::Debug for SecureServing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureServing").field("server", &self.server).finish_non_exhaustive()
    }
}

/// TLS that asks clients for a certificate, and takes those without one too: they may have a token.
fn tls(
    authority: &Authority,
    certificate: Vec<u8>,
    key: Vec<u8>,
) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.certificate_der().to_vec()))?;
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![CertificateDer::from(certificate)], PrivatePkcs8KeyDer::from(key).into())?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
