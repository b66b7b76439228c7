//! Requests that a kubelet answers: passed on to it, and its answer passed back, upgrades included.

use bytes::Bytes;
use futures::StreamExt;
use http::header::{self, HeaderMap};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, BodyStream, Empty};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use super::{Connection, ContainerRef};
use crate::body::ApiBody;
use crate::failure::Failure;
use crate::kinds::Subresource;
use crate::service::Call;

/// Passes a request on over a connection to `host`.
pub(super) async fn forward(
    connection: Box<dyn Connection>,
    host: &str,
    part: Subresource,
    container: &ContainerRef,
    mut call: Call,
) -> Result<Response<ApiBody>, Failure> {
    let away = |error: hyper::Error| Failure::internal(format!("error dialing backend: {host}: {error}"));
    let (mut sender, exchange) =
        hyper::client::conn::http1::handshake(TokioIo::new(connection)).await.map_err(away)?;
    tokio::spawn(async move {
        // How it ends shows in the answer's body.
        let _ = exchange.with_upgrades().await;
    });
    let request = request(part, container, &call, host);
    let mut answer = sender.send_request(request).await.map_err(away)?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        // A client in this process has no connection that could change: it is given the kubelet's, with the answer.
        if let Some(client) = call.parts.extensions.remove::<OnUpgrade>() {
            tokio::spawn(join(client, hyper::upgrade::on(&mut answer)));
        }
        return Ok(answer.map(|_| ApiBody::whole("")));
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

/// Carries what two connections say after their upgrade. Either side's end is the end.
async fn join(client: OnUpgrade, kubelet: OnUpgrade) {
    let (Ok(client), Ok(kubelet)) = (client.await, kubelet.await) else { return };
    let (mut client, mut kubelet) = (TokioIo::new(client), TokioIo::new(kubelet));
    let _ = tokio::io::copy_bidirectional(&mut client, &mut kubelet).await;
}

/// The request as the kubelet serves it (`pkg/registry/core/pod/strategy.go`, `LogLocation`, `streamLocation`).
fn request(part: Subresource, container: &ContainerRef, call: &Call, host: &str) -> Request<Empty<Bytes>> {
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
    if let Ok(host) = host.parse() {
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
