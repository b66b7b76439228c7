//! The server and the host this process belongs to, and the connections to it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::{Fault, ERROR_TIMEOUT, RPC_S_CALL_FAILED, RPC_S_SERVER_UNAVAILABLE};
use crate::http::{Connection, Response};

/// How many unused connections are kept.
const KEPT: usize = 16;

static POOL: Mutex<Vec<Connection>> = Mutex::new(Vec::new());

/// Where the lab is, as `WINLAB_SERVER` (address and port), `WINLAB_HOST` (a name) and `WINLAB_TOKEN` (where the
/// server wants one) say. They are read at each use: a program may be told late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) server: SocketAddr,
    pub(crate) host: String,
    pub(crate) token: Option<String>,
}

impl Place {
    pub(crate) fn of_this_process() -> Result<Self, Fault> {
        let unset = |name: &str| Fault::new(RPC_S_SERVER_UNAVAILABLE, format!("{} is not set.", name));
        let server = std::env::var("WINLAB_SERVER").map_err(|_| unset("WINLAB_SERVER"))?;
        let server = server.parse().map_err(|_| {
            Fault::new(
                RPC_S_SERVER_UNAVAILABLE,
                format!("WINLAB_SERVER: `{}` is no address and port.", server),
            )
        })?;
        let host = std::env::var("WINLAB_HOST").map_err(|_| unset("WINLAB_HOST"))?;
        Ok(Self { server, host, token: std::env::var("WINLAB_TOKEN").ok() })
    }

    pub(crate) fn connect(&self) -> Result<Connection, Fault> {
        Connection::open(self.server).map_err(|error| {
            Fault::new(RPC_S_SERVER_UNAVAILABLE, format!("The RPC server is unavailable: {}.", error))
        })
    }

    /// One exchange on a connection of the pool, or a new one. It is never repeated: whether a call whose answer was
    /// lost has been carried out is not known.
    pub(crate) fn exchange(&self, request: &[u8]) -> Result<Response, Fault> {
        let mut connection = match unused() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let response = connection.exchange(request).map_err(|error| lost(&error))?;
        if connection.is_usable() {
            let mut pool = pool();
            if pool.len() < KEPT {
                pool.push(connection);
            }
        }
        Ok(response)
    }
}

/// The pool's last connection that can be used; those that cannot are dropped.
fn unused() -> Option<Connection> {
    loop {
        let connection = pool().pop()?;
        if connection.is_usable() {
            return Some(connection);
        }
    }
}

fn pool() -> MutexGuard<'static, Vec<Connection>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn lost(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Fault::new(ERROR_TIMEOUT, "This operation returned because the timeout period expired.")
        }
        _ => Fault::new(RPC_S_CALL_FAILED, format!("The remote procedure call failed: {}.", error)),
    }
}
