//! Answers questions on a lab's socket.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{Either, LocalBoxFuture, select};
use futures::stream::FuturesUnordered;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::UnixListener;
use winlab_document::{Document, doc};

use crate::question::Question;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(
    /// In words.
    pub String,
);

/// A lab that answers.
pub trait Answers {
    /// The answer to a question.
    fn answer(&self, question: Question) -> LocalBoxFuture<'_, Result<Document, Refusal>>;
}

/// Answers until the future is dropped.
///
/// # Errors
/// What `accept` fails with.
pub async fn serve(listener: &UnixListener, lab: &dyn Answers) -> io::Result<Infallible> {
    let mut connections = FuturesUnordered::new();
    loop {
        let served = async {
            // A connection's errors are its client's.
            while connections.next().await.is_some() {}
            pending::<Infallible>().await
        };
        let (socket, _) = match select(pin!(listener.accept()), pin!(served)).await {
            Either::Left((accepted, _)) => accepted?,
            Either::Right((never, _)) => match never {},
        };
        let service = service_fn(move |request| answer(lab, request));
        connections.push(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

async fn answer(lab: &dyn Answers, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let question = Question::of_path(request.uri().path()).filter(|_| request.method() == Method::GET);
    let (status, document) = match question {
        None => (StatusCode::NOT_FOUND, doc!({"error": "there is no such question"})),
        Some(question) => match lab.answer(question).await {
            Ok(document) => (StatusCode::OK, document),
            Err(Refusal(why)) => (StatusCode::BAD_REQUEST, doc!({"error": why})),
        },
    };
    let mut response = Response::new(Full::new(Bytes::from(document.to_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
