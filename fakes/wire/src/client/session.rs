//! A client's session: one connection that stands for as long as the client does.

use http::Method;
use http_body_util::BodyExt as _;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Trouble;
use super::exchange::{Exchange, Failure};
use crate::VERSION;
use crate::wired_path::segment;

pub(super) struct Session {
    pub(super) name: String,
    /// The task that keeps the connection; it ends when the connection does.
    anchor: Mutex<Option<Anchor>>,
}

/// Ends the session with its last user.
struct Anchor(JoinHandle<()>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Session {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), anchor: Mutex::new(None) }
    }

    /// Makes sure that it is open. After the server's end, what the old one held is gone; a new one begins.
    pub(super) async fn ensure(&self, exchange: &Exchange) -> Result<(), Trouble> {
        let mut anchor = self.anchor.lock().await;
        if anchor.as_ref().is_some_and(|anchor| !anchor.0.is_finished()) {
            return Ok(());
        }
        let path = format!("/{VERSION}/sessions/{}", segment(&self.name));
        let body = exchange.open_lines(Method::POST, &path).await.map_err(Failure::into_trouble)?;
        *anchor = Some(Anchor(tokio::spawn(async move {
            let mut body = body;
            while let Some(Ok(_)) = body.frame().await {}
        })));
        Ok(())
    }

    /// The server does not know it: it was restarted before this side noticed.
    pub(super) async fn forget(&self) {
        *self.anchor.lock().await = None;
    }
}
