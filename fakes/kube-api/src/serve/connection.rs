//! One connection: TLS, then HTTP/1.1 or HTTP/2 as the client chooses.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tower::{BoxError, Service};
use winlab_clock::VirtualSpan;
use winlab_pki::{Subject, subject_of};

use super::{SecureServing, authenticate, compress};
use crate::body::ApiBody;
use crate::service::{ApiService, refusal};

/// A client that has not finished its handshake by then is let go of.
const HANDSHAKE: VirtualSpan = VirtualSpan::from_secs(60);

/// Serves a connection to its end. Its errors are its client's: it went away, or speaks no TLS or HTTP.
pub(super) async fn serve(serving: SecureServing, socket: TcpStream) {
    // Answers to components are small and many: none is to wait for another.
    let _ = socket.set_nodelay(true);
    let clock = serving.server.config().clock;
    let Ok(Ok(stream)) = clock.within(HANDSHAKE, serving.acceptor.accept(socket)).await else { return };
    let certificates = stream.get_ref().1.peer_certificates();
    let subject = certificates.and_then(<[_]>::first).and_then(|first| subject_of(first)).map(Arc::new);
    let service = service_fn(move |request| answer(serving.clone(), subject.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}

async fn answer(
    serving: SecureServing,
    subject: Option<Arc<Subject>>,
    request: Request<Incoming>,
) -> Result<Response<ApiBody>, BoxError> {
    let caller = match authenticate::caller(&serving.server, subject.as_deref(), &request) {
        Ok(caller) => caller,
        Err(failure) => return Ok(refusal(&failure)),
    };
    let accepts = compress::accepts_gzip(&request);
    let response = ApiService::of_caller(serving.server, Arc::new(caller)).call(request).await?;
    Ok(if accepts { compress::gzip(response) } else { response })
}
