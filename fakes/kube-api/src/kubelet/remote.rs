//! Kubelets that are programs: requests are passed on to where the node object says, upgrades included.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::header::{self, HeaderMap};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, BodyStream, Empty};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DEFAULT_VERSIONS, DigitallySignedStruct, Error, SignatureScheme};
use winlab_document::Document;
use winlab_pki::Issued;

use super::ContainerRef;
use crate::body::ApiBody;
use crate::failure::Failure;
use crate::kinds::{self, Subresource};
use crate::server::ApiServer;
use crate::service::Call;

/// Passes a request on to a node's kubelet.
pub(super) async fn forward(
    server: &ApiServer,
    node: &str,
    part: Subresource,
    container: &ContainerRef,
    mut call: Call,
) -> Result<Response<ApiBody>, Failure> {
    let address = address_of(server, node)?;
    let certificate = server.kubelets.certificate.get();
    let away = |error: &dyn std::fmt::Display| {
        Failure::internal(format!("error dialing backend: dial tcp {address}: {error}"))
    };
    let socket = TcpStream::connect(address).await.map_err(|error| away(&error))?;
    let config = config(certificate).map_err(|error| away(&error))?;
    let name = ServerName::IpAddress(address.ip().into());
    let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await;
    let stream = TokioIo::new(stream.map_err(|error| away(&error))?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(|error| away(&error))?;
    tokio::spawn(async move {
        // How it ends shows in the answer's body.
        let _ = connection.with_upgrades().await;
    });
    let request = request(part, container, &call, address);
    let mut answer = sender.send_request(request).await.map_err(|error| away(&error))?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(client) = call.parts.extensions.remove::<OnUpgrade>()
    {
        let kubelet = hyper::upgrade::on(&mut answer);
        tokio::spawn(async move {
            let (Ok(client), Ok(kubelet)) = (client.await, kubelet.await) else { return };
            let (mut client, mut kubelet) = (TokioIo::new(client), TokioIo::new(kubelet));
            // Either side's end is the end.
            let _ = tokio::io::copy_bidirectional(&mut client, &mut kubelet).await;
        });
        let (parts, _) = answer.into_parts();
        return Ok(Response::from_parts(parts, ApiBody::whole("")));
    }
    if !answer.status().is_success() {
        let status = answer.status();
        let text = answer.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        return Err(Failure::of_kubelet(status, String::from_utf8_lossy(&text).trim()));
    }
    let (parts, body) = answer.into_parts();
    let frames = BodyStream::new(body).filter_map(|frame| async move { frame.ok()?.into_data().ok() });
    let mut response = Response::new(ApiBody::stream(frames));
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    Ok(response)
}

/// The request as the kubelet serves it (`pkg/registry/core/pod/strategy.go`, `LogLocation`, `streamLocation`).
fn request(
    part: Subresource,
    container: &ContainerRef,
    call: &Call,
    address: SocketAddr,
) -> Request<Empty<Bytes>> {
    let ContainerRef { namespace, pod, container } = container;
    let path = match part {
        Subresource::Log => format!("/containerLogs/{namespace}/{pod}/{container}"),
        Subresource::PortForward => format!("/portForward/{namespace}/{pod}"),
        part => format!("/{}/{namespace}/{pod}/{container}", part.segment()),
    };
    let renamed = |name: &str| match name {
        "stdin" => "input".to_owned(),
        "stdout" => "output".to_owned(),
        "stderr" => "error".to_owned(),
        "ports" => "port".to_owned(),
        other => other.to_owned(),
    };
    let value = |name: &str, value: &str| match (name, value) {
        ("stdin" | "stdout" | "stderr" | "tty", "true") => "1".to_owned(),
        (_, value) => value.to_owned(),
    };
    let kept = call.params.pairs().filter(|(name, _)| *name != "container");
    let query = crate::request::query_text(kept.map(|(name, text)| (renamed(name), value(name, text))));
    let uri = format!("{path}{}{query}", if query.is_empty() { "" } else { "?" });
    let mut request = Request::new(Empty::new());
    *request.method_mut() = call.parts.method.clone();
    *request.uri_mut() = uri.parse().unwrap_or_default();
    pass_on(&call.parts.headers, request.headers_mut());
    if let Ok(host) = address.to_string().parse() {
        request.headers_mut().insert(header::HOST, host);
    }
    request
}

/// Headers that belong to the exchange, not to who the client is.
fn pass_on(from: &HeaderMap, to: &mut HeaderMap) {
    let kept = |name: &header::HeaderName| {
        matches!(*name, header::CONNECTION | header::UPGRADE | header::ORIGIN)
            || name.as_str().starts_with("sec-websocket")
            || name.as_str().starts_with("x-stream-protocol")
    };
    for (name, value) in from.iter().filter(|(name, _)| kept(name)) {
        to.append(name, value.clone());
    }
}

/// Where a node's kubelet listens.
fn address_of(server: &ApiServer, node: &str) -> Result<SocketAddr, Failure> {
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
