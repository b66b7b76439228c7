//! Where connections come in.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

/// A bound socket inside the lab's runtime.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener, SocketAddr);

impl Listener {
    /// Takes over a socket that was bound elsewhere: in another network namespace, say.
    pub(crate) fn new(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        Ok(Self(listener, address))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.1
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.0.accept().await?;
        // Each call is one small packet each way.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
