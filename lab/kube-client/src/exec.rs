//! Commands in containers, as `kubectl exec` runs them: channels over a WebSocket
//! (`k8s.io/apimachinery/pkg/util/remotecommand`), whose first byte says which one the rest of a message belongs to.
//!
//! kube has a client of its own for it, which chooses between what is ready by chance: in a lab everything has to happen in
//! the same order each time.

use futures::StreamExt;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use kube::core::Status;
use kube::{Client, Error};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;

/// The protocols spoken, best first.
const PROTOCOLS: &str = "v5.channel.k8s.io, v4.channel.k8s.io";
/// RFC 6455's own example. A server only shows by it that it knows WebSocket; nothing is kept from anybody.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A command, and where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exec<'a> {
    /// The pod's namespace.
    pub namespace: &'a str,
    /// The pod.
    pub pod: &'a str,
    /// The container; a pod with one container needs no name.
    pub container: Option<&'a str>,
    /// The command.
    pub command: &'a [String],
}

/// What a command left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Its exit code.
    pub code: i32,
    /// What it wrote.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: Vec<u8>,
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The request did not get through.
    #[error("the request failed")]
    Request(#[source] Box<Error>),
    /// The server or the kubelet refuses it.
    #[error("{}", .0.message)]
    Refused(Box<Status>),
    /// The runtime could not run it.
    #[error("{0}")]
    Failed(String),
    /// The connection ended before the command was known to have.
    #[error("the connection ended before the command")]
    Broken,
}

impl Exec<'_> {
    /// Runs it without input, to its end.
    ///
    /// # Errors
    /// That it did not run, or that nobody knows how it ended.
    pub async fn run(&self, client: &Client) -> Result<Executed, ExecError> {
        let request = |error: Error| ExecError::Request(Box::new(error));
        let response = client.send(self.request()?).await.map_err(request)?;
        let status = response.status();
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let text = response.into_body().collect().await.map_err(request)?.to_bytes();
            let refused = serde_json::from_slice(&text).unwrap_or_else(|_| {
                let text = String::from_utf8_lossy(&text);
                Status::failure(&format!("{status}: {text}"), "Unknown").with_code(status.as_u16())
            });
            return Err(ExecError::Refused(Box::new(refused)));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(|_| ExecError::Broken)?;
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        read(socket).await
    }

    fn request(&self) -> Result<Request<Body>, ExecError> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut uri = format!(
            "/api/v1/namespaces/{}/pods/{}/exec?stdout=true&stderr=true",
            encoded(self.namespace),
            encoded(self.pod)
        );
        let container = self.container.map(|container| ("container", container));
        let words = self.command.iter().map(|word| ("command", word.as_str()));
        for (name, value) in container.into_iter().chain(words) {
            uri.push_str(&format!("&{name}={}", encoded(value)));
        }
        let request = Request::get(uri)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, KEY)
            .header(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOLS)
            .body(Body::empty());
        request.map_err(|error| ExecError::Request(Box::new(Error::HttpError(error))))
    }
}

/// Reads until the command has ended.
async fn read<S>(mut socket: WebSocketStream<S>) -> Result<Executed, ExecError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut done = Executed::default();
    while let Some(Ok(message)) = socket.next().await {
        let bytes = message.into_data();
        match bytes.split_first() {
            Some((&STDOUT, bytes)) => done.stdout.extend_from_slice(bytes),
            Some((&STDERR, bytes)) => done.stderr.extend_from_slice(bytes),
            Some((&ERROR, bytes)) if !bytes.is_empty() => {
                let status = serde_json::from_slice(bytes).map_err(|_| ExecError::Broken)?;
                done.code = code(&status)?;
                // The goodbye is answered, as the server waits for that.
                socket.close(None).await.ok();
                return Ok(done);
            }
            _ => {}
        }
    }
    Err(ExecError::Broken)
}

/// The exit code that a command's `Status` tells.
fn code(status: &Status) -> Result<i32, ExecError> {
    if status.is_success() {
        return Ok(0);
    }
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let code =
        causes.filter(|cause| cause.reason == "ExitCode").find_map(|cause| cause.message.parse::<i64>().ok());
    match code {
        // Codes of Windows have no sign: 3221225786 is 0xC000013A.
        Some(code) if status.reason == "NonZeroExitCode" => i32::try_from(code)
            .or_else(|_| u32::try_from(code).map(u32::cast_signed))
            .map_err(|_| ExecError::Broken),
        _ => Err(ExecError::Failed(status.message.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::{ExecError, code};

    fn status(text: &str) -> kube::core::Status {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_status_tells_the_exit_code_or_why_there_is_none() {
        let exited = |code: &str| {
            status(&format!(
                r#"{{"metadata":{{}},"status":"Failure","reason":"NonZeroExitCode","message":"m",
                "details":{{"causes":[{{"reason":"ExitCode","message":"{code}"}}]}}}}"#
            ))
        };
        assert_eq!(code(&status(r#"{"metadata":{},"status":"Success"}"#)).unwrap(), 0);
        assert_eq!(code(&exited("3")).unwrap(), 3);
        assert_eq!(code(&exited("3221225786")).unwrap(), 0xC000_013A_u32.cast_signed());
        let failed =
            status(r#"{"status":"Failure","reason":"InternalError","message":"no such file","code":500}"#);
        assert!(matches!(code(&failed), Err(ExecError::Failed(text)) if text == "no such file"));
    }
}
