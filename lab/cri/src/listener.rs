//! Where connections come in.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

/// A socket's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// TCP; port 0 asks for a free one.
    Tcp(SocketAddr),
    /// A Unix socket; its path must not be there yet, and is the caller's to remove.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    /// As kubelet's `containerRuntimeEndpoint` spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// A bound socket.
#[derive(Debug)]
pub struct Listener(Bound);

#[derive(Debug)]
enum Bound {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener, PathBuf),
}

/// A connection of either kind.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

impl Listener {
    /// Binds an address.
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

    pub(crate) async fn accept(&self) -> io::Result<Box<dyn Socket>> {
        match &self.0 {
            Bound::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                // Each call is one small packet each way.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Bound::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}
