//! Asks a lab that is up.

use std::io;
use std::path::Path;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use winlab_document::Document;

use crate::question::Question;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The lab said why.
    #[error("{0}")]
    Refused(String),
    /// The lab went away.
    #[error("the lab does not answer")]
    Connection(#[from] io::Error),
    /// What came is no answer.
    #[error("what answers there is no lab")]
    Protocol(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The answer of the lab behind a socket. Call it inside a runtime.
///
/// # Errors
/// The lab refuses, or is not there.
pub async fn ask(socket: &Path, question: &Question) -> Result<Document, AskError> {
    let protocol = |error: hyper::Error| AskError::Protocol(error.into());
    let stream = TokioIo::new(UnixStream::connect(socket).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.map_err(protocol)?;
    let connection = tokio::spawn(connection);
    let request = Request::get(question.path()).header(header::HOST, "winlab").body(Empty::<Bytes>::new());
    let request = request.map_err(|error| AskError::Protocol(error.into()))?;
    let answer = sender.send_request(request).await.map_err(protocol)?;
    let status = answer.status();
    let text = answer.into_body().collect().await.map_err(protocol)?.to_bytes();
    connection.abort();
    let document = Document::from_slice(&text).map_err(|error| AskError::Protocol(error.into()))?;
    match status {
        StatusCode::OK => Ok(document),
        _ => Err(AskError::Refused(document.text(&["error"]).to_owned())),
    }
}
