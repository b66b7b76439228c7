//! One connection of HTTP/1.1, which may become something else.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use http::Request;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::streams::{AfterUpgrade, Change};

/// Serves a connection to its end, and what it changes to.
pub(super) async fn serve<S, A, F>(socket: S, answer: A)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Fn(Parts) -> F,
    F: Future<Output = Change<AfterUpgrade>>,
{
    let upgraded = Arc::new(Mutex::new(None::<(OnUpgrade, AfterUpgrade)>));
    let service = hyper::service::service_fn(|mut request: Request<Incoming>| {
        let on_upgrade = hyper::upgrade::on(&mut request);
        let answered = answer(request.into_parts().0);
        let slot = upgraded.clone();
        async move {
            Ok::<_, Infallible>(match answered.await {
                Ok((response, after)) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((on_upgrade, after));
                    response
                }
                Err(response) => *response,
            })
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades()
        .await;
    if served.is_err() {
        return;
    }
    let taken = upgraded.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((on_upgrade, after)) = taken
        && let Ok(io) = on_upgrade.await
    {
        after(TokioIo::new(io)).await;
    }
}
