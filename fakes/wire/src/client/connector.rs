//! Connecting to the one address of a client, whatever the URI says.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use tower::Service;
use winlab_clock::{Clock, VirtualSpan};

use crate::address::Address;
use crate::socket::Socket;

#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) address: Address,
    pub(super) clock: Clock,
    pub(super) within: VirtualSpan,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Socket>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Socket>>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        let Self { address, clock, within } = self.clone();
        Box::pin(async move {
            match clock.within(within, Socket::connect(&address)).await {
                Ok(connected) => connected.map(TokioIo::new),
                Err(elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, elapsed.to_string())),
            }
        })
    }
}
