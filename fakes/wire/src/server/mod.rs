//! The server: many hosts behind one or more listeners.
//!
//! A call that has been read is carried out to its end, whether or not its client waits for the answer, as Windows
//! carries out what a dying process asked for.

mod body;
mod calls;
mod events;
mod host;
mod input;
mod limits;
mod listener;
mod output;
mod respond;
mod route;
mod service;
mod session;
mod sessions;
mod token;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Pace, VirtualSpan};

pub use host::Host;
pub use limits::Limits;
pub use listener::Listener;

use host::HostEntry;
use sessions::Sessions;

/// Answers for hosts. Cheap to clone; clones serve the same hosts.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
}

/// What every connection sees.
struct Shared {
    clock: Clock,
    limits: Limits,
    token: Option<String>,
    hosts: Mutex<BTreeMap<String, Arc<HostEntry>>>,
    sessions: Sessions,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl Server {
    /// A server without hosts. Its waits are on `clock`. With a `token`, every request has to carry it.
    #[must_use]
    pub fn new(clock: Clock, limits: Limits, token: Option<String>) -> Self {
        let (calls, streams) = (Semaphore::new(limits.calls), Semaphore::new(limits.streams));
        Self {
            shared: Arc::new(Shared {
                clock,
                limits,
                token,
                hosts: Mutex::default(),
                sessions: Sessions::default(),
                calls: Arc::new(calls),
                streams: Arc::new(streams),
            }),
        }
    }

    /// Answers for a host from now on, also while serving; one of the same name is replaced.
    pub fn host(&self, name: impl Into<String>, host: Host) {
        let name = name.into();
        let entry = Arc::new(HostEntry::new(name.clone(), host));
        self.shared.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(name, entry);
    }

    /// Answers no longer for a host. Streams from it go on until it ends them.
    pub fn remove_host(&self, name: &str) {
        self.shared.hosts.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Serves connections until the future is dropped; that closes them all at once, as the end of a process does.
    ///
    /// # Errors
    /// `PermissionDenied` where the listener can be reached from other machines and the server asks for no token;
    /// `InvalidInput` under a virtual clock, which would jump while a socket waits; what `accept` fails with, other
    /// than a shortage that passes.
    pub async fn serve(&self, listener: Listener) -> io::Result<Infallible> {
        if self.shared.token.is_none() && !listener.is_local() {
            let message = "a listener that other machines can reach needs a token";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        if self.shared.clock.pace() == Pace::Virtual {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "sockets need wall time"));
        }
        let mut connections = JoinSet::new();
        loop {
            let socket = match listener.accept().await {
                Ok(socket) => socket,
                Err(error) if is_passing(&error) => {
                    self.shared.clock.sleep(VirtualSpan::from_millis(50)).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            while connections.try_join_next().is_some() {}
            let shared = self.shared.clone();
            let service = service_fn(move |request| service::answer(shared.clone(), request));
            connections.spawn(async move {
                // A connection's errors are its client's: it went away, or speaks no HTTP.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
            });
        }
    }
}

/// Whether `accept` may succeed a moment later: the connection was gone already, or descriptors are short.
fn is_passing(error: &io::Error) -> bool {
    // ENFILE, EMFILE, WSAEMFILE
    let too_many_files = matches!(error.raw_os_error(), Some(23 | 24 | 10024));
    too_many_files
        || matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
        )
}

impl Shared {
    /// The host of a name.
    fn find(&self, name: &str) -> Option<Arc<HostEntry>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}
