//! Sockets of the lab in a node's network.
#![expect(
    clippy::disallowed_types,
    reason = "a node's network is sockets and addresses, which `ip` gives it"
)]

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use crate::node::RealNode;

impl RealNode {
    /// Listens at an address of the node itself, for its programs only.
    ///
    /// # Errors
    /// The operating system's.
    pub fn listen(&self, at: SocketAddr) -> io::Result<TcpListener> {
        self.inside(|| bind(at))
    }

    /// Listens at a pod's address: to the node's programs, it is the pod.
    ///
    /// # Errors
    /// The operating system's, or what `ip` says.
    pub(crate) fn pod_socket(&self, at: SocketAddr) -> io::Result<TcpListener> {
        self.inside(|| {
            self.make_local(at.ip())?;
            bind(at)
        })
    }

    /// Lets the node's kernel take packets to a pod's address, without giving the address to an interface, which programs
    /// would see.
    fn make_local(&self, address: IpAddr) -> io::Result<()> {
        let length = if address.is_ipv4() { 32 } else { 128 };
        let local = format!("{address}/{length}");
        let added = Command::new(&self.ip)
            .args(["route", "replace", "local", &local, "dev", "lo", "table", "local"])
            .stdin(Stdio::null())
            .output()?;
        if added.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&added.stderr).trim().to_owned()))
    }

    fn inside<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.wine.network() {
            Some(network) => network.inside(work)?,
            None => work(),
        }
    }
}

fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
