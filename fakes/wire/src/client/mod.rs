//! The client: hosts of a server elsewhere as implementations of the boundary.

mod connector;
mod exchange;
mod remote;
mod session;
mod subscription;
mod timeouts;
mod trouble;

use std::fmt;
use std::sync::Arc;

use http::Method;
use winlab_clock::Clock;
use winlab_document::Document;

use crate::VERSION;
use crate::address::Address;

pub use remote::RemoteHost;
pub use timeouts::Timeouts;
pub use trouble::Trouble;

use exchange::{Exchange, Failure};

/// A server, seen from here. Cheap to clone. Connections are made when they are needed and kept for the next call.
#[derive(Clone)]
pub struct Client {
    exchange: Arc<Exchange>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.exchange.address).finish_non_exhaustive()
    }
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerEntry {
    /// Its program: `winlab`.
    pub server: String,
    /// Its release.
    pub release: String,
    /// The versions of the protocol that it speaks.
    pub versions: Vec<String>,
}

/// A host that a server answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostEntry {
    /// Its name.
    pub name: String,
    /// Its services: `hns`, `hcs`, `system`, `linux`.
    pub services: Vec<String>,
}

impl Client {
    /// A client of the server at `address`; nothing is sent yet. Its waits are on `clock`.
    #[must_use]
    pub fn new(address: Address, clock: Clock, timeouts: Timeouts, token: Option<&str>) -> Self {
        Self { exchange: Arc::new(Exchange::new(address, clock, timeouts, token)) }
    }

    /// What the server is.
    ///
    /// # Errors
    /// [`Trouble`]; `Protocol` where it does not speak [`VERSION`].
    pub async fn server(&self) -> Result<ServerEntry, Trouble> {
        let found = self.get(&format!("/{VERSION}")).await?;
        let text = |name: &str| found.text(&[name]).to_owned();
        let entry = ServerEntry {
            server: text("server"),
            release: text("release"),
            versions: texts(&found, "versions"),
        };
        if !entry.versions.iter().any(|version| version == VERSION) {
            return Err(Trouble::Protocol(format!("the server does not speak {VERSION}")));
        }
        Ok(entry)
    }

    /// The hosts the server answers for, by name.
    ///
    /// # Errors
    /// [`Trouble`]
    pub async fn hosts(&self) -> Result<Vec<HostEntry>, Trouble> {
        let found = self.get(&format!("/{VERSION}/hosts")).await?;
        let hosts = found.get("hosts").map(Document::items).unwrap_or_default();
        let entry = |host: &Document| HostEntry {
            name: host.text(&["name"]).to_owned(),
            services: texts(host, "services"),
        };
        Ok(hosts.iter().map(entry).collect())
    }

    /// One host, without a session: what it is asked to open stays open.
    #[must_use]
    pub fn host(&self, name: &str) -> RemoteHost {
        RemoteHost::new(self.exchange.clone(), name, None)
    }

    /// One host, with a session of this name: what is opened through it is given back when the last clone of it is
    /// dropped, or this process ends. The name is this client's alone on that server.
    #[must_use]
    pub fn host_in_session(&self, name: &str, session: &str) -> RemoteHost {
        RemoteHost::new(self.exchange.clone(), name, Some(session))
    }

    async fn get(&self, path: &str) -> Result<Document, Trouble> {
        self.exchange.answer(Method::GET, path, None, None).await.map_err(Failure::into_trouble)
    }
}

fn texts(document: &Document, name: &str) -> Vec<String> {
    let items = document.get(name).map(Document::items).unwrap_or_default();
    items.iter().filter_map(Document::as_str).map(str::to_owned).collect()
}
