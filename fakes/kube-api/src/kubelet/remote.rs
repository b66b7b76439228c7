//! Kubelets that are programs: a connection to where the node object says.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DEFAULT_VERSIONS, DigitallySignedStruct, Error, SignatureScheme};
use winlab_document::Document;
use winlab_pki::Issued;

use super::Connection;
use crate::failure::Failure;
use crate::kinds;
use crate::server::ApiServer;

/// Connects to a kubelet, as whoever `certificate` says.
pub(super) async fn dial(
    address: SocketAddr,
    certificate: Option<&Issued>,
) -> io::Result<Box<dyn Connection>> {
    let socket = TcpStream::connect(address).await?;
    // Keys of a terminal and answers to them are small packets.
    socket.set_nodelay(true)?;
    let config = config(certificate).map_err(io::Error::other)?;
    let name = ServerName::IpAddress(address.ip().into());
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, socket).await?))
}

/// Where a node's kubelet listens.
pub(super) fn address_of(server: &ApiServer, node: &str) -> Result<SocketAddr, Failure> {
    let id = kinds::by_name("", "Node");
    let stored = server.state().store.kind(id).get(node).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(&kinds::KINDS[id], node))?;
    let addresses = stored.document.path(&["status", "addresses"]).map(Document::items).unwrap_or_default();
    let internal = addresses.iter().find(|one| one.text(&["type"]) == "InternalIP");
    let ip: Option<IpAddr> = internal.and_then(|one| one.text(&["address"]).parse().ok());
    let ip = ip.ok_or_else(|| Failure::internal(format!("no preferred addresses found for node {node}")))?;
    let port = stored.document.path(&["status", "daemonEndpoints", "kubeletEndpoint", "Port"]);
    let port = port.and_then(Document::as_u64).and_then(|port| u16::try_from(port).ok());
    Ok(SocketAddr::new(ip, port.filter(|port| *port > 0).unwrap_or(10_250)))
}

/// TLS as a server without `--kubelet-certificate-authority` has it: who the kubelet is goes unchecked.
fn config(certificate: Option<&Issued>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(DEFAULT_VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyKubelet(provider)));
    match certificate {
        Some(issued) => {
            let chain = vec![CertificateDer::from(issued.certificate_der.clone())];
            let key = PrivatePkcs8KeyDer::from(issued.key_der.clone());
            builder.with_client_auth_cert(chain, key.into())
        }
        None => Ok(builder.with_no_client_auth()),
    }
}

/// Believes every certificate, and checks that whoever shows it has its key.
#[derive(Debug)]
struct AnyKubelet(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyKubelet {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
