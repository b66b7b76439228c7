//! Where connections come in.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use crate::address::Address;
use crate::socket::Socket;

/// A bound socket.
#[derive(Debug)]
pub struct Listener(Bound);

#[derive(Debug)]
enum Bound {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener, std::path::PathBuf),
}

impl Listener {
    /// Binds an address; port 0 asks for a free one. A Unix socket's path must not be there yet, and is the caller's
    /// to remove; who may connect is said by its folder's permissions.
    ///
    /// # Errors
    /// The operating system's; `Unsupported` for Unix sockets where there are none.
    pub async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => Self::tcp(TcpListener::bind(address).await?),
            #[cfg(unix)]
            Address::Unix(path) => Ok(Self(Bound::Unix(UnixListener::bind(path)?, path.clone()))),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Takes over a socket that was bound elsewhere: in another network namespace, say.
    ///
    /// # Errors
    /// The operating system's.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Self::tcp(TcpListener::from_std(listener)?)
    }

    fn tcp(listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self(Bound::Tcp(listener, address)))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> Address {
        match &self.0 {
            Bound::Tcp(_, address) => Address::Tcp(*address),
            #[cfg(unix)]
            Bound::Unix(_, path) => Address::Unix(path.clone()),
        }
    }

    /// Whether only this machine can reach it.
    pub(super) fn is_local(&self) -> bool {
        match &self.0 {
            Bound::Tcp(_, address) => address.ip().is_loopback(),
            #[cfg(unix)]
            Bound::Unix(..) => true,
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Socket> {
        match &self.0 {
            Bound::Tcp(listener, _) => Socket::tcp(listener.accept().await?.0),
            #[cfg(unix)]
            Bound::Unix(listener, _) => Ok(Socket::Unix(listener.accept().await?.0)),
        }
    }
}
