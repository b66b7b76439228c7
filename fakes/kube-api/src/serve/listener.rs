//! Accepts connections.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::convert::Infallible;
use std::io;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use winlab_clock::{Pace, VirtualSpan};

use super::{SecureServing, connection};

/// After a shortage that passes, `accept` is tried again this much later.
const PAUSE: VirtualSpan = VirtualSpan::from_millis(50);

impl SecureServing {
    /// Serves connections until the future is dropped; that closes them all at once, as the end of a process does.
    ///
    /// # Errors
    /// `InvalidInput` under a virtual clock, which would jump while a socket waits; what `accept` fails with, other
    /// than a shortage that passes.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<Infallible> {
        let clock = self.server.config().clock;
        if clock.pace() == Pace::Virtual {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "sockets need wall time"));
        }
        let mut connections = JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((socket, _)) => {
                    while connections.try_join_next().is_some() {}
                    connections.spawn(connection::serve(self.clone(), socket));
                }
                Err(error) if is_passing(&error) => clock.sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether `accept` may succeed a moment later: the connection was gone already, or descriptors are short.
fn is_passing(error: &io::Error) -> bool {
    // ENFILE, EMFILE, WSAEMFILE
    let too_many_files = matches!(error.raw_os_error(), Some(23 | 24 | 10024));
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    );
    too_many_files || gone
}
