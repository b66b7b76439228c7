//! The network of a lab with real programs: a namespace for the thread that carries the lab, with a bridge that has the
//! addresses of the lab's own side, and one namespace for each node.
//!
//! ```text
//! the thread's namespace                       a node's namespace
//!  lo, lab0 192.168.0.1/16, 192.168.0.2/16 ──── Ethernet 192.168.0.11/16, default via 192.168.0.1
//!  servers, etcd, kube-apiserver, clients       kubelet.exe, kube-proxy.exe
//! ```
//!
//! Packets for addresses that nobody has are answered at the gateway with 'network unreachable', so that nothing in a
//! node waits for a DNS server of the machine.

use std::fs;
use std::io::{self, Write as _};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use winlab_host::MacAddress;
use winlab_host::linux::Prefix;

use crate::machine::Namespaces;
use crate::probe::{Lacking, Probe};

/// The bridge's name.
const BRIDGE: &str = "lab0";

/// The lab's own side of the segment between nodes.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Addresses of the bridge: the gateway's, the API server's.
    pub addresses: Vec<Prefix>,
    /// Bytes.
    pub mtu: u32,
}

/// A node's interface.
#[derive(Clone, Debug)]
pub struct Nic {
    /// Its name, of at most 15 bytes: Windows programs see it as the adapter's.
    pub name: String,
    /// Its address in the segment.
    pub address: Prefix,
    /// Its hardware address.
    pub mac: MacAddress,
    /// Where everything else is sent.
    pub gateway: Option<IpAddr>,
    /// Bytes.
    pub mtu: u32,
}

/// Why there is no network.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Something is missing on this machine.
    #[error("{0}")]
    Lacking(Lacking),
    /// The kernel refuses a namespace.
    #[error("no network namespace for {of}")]
    Namespace {
        /// For whom.
        of: String,
        /// What the system says.
        source: io::Error,
    },
    /// `ip` does not start, or fails.
    #[error("the network of {of} cannot be set up: {said}")]
    Setup {
        /// Whose.
        of: String,
        /// What `ip` says.
        said: String,
    },
}

/// This thread's network, until it is dropped. Sockets and programs that the thread makes belong to it.
#[derive(Debug)]
pub struct World {
    ip: PathBuf,
    before: Namespaces,
    own: Arc<Namespaces>,
    count: AtomicU32,
    /// It is the thread's.
    _not_send: PhantomData<Rc<()>>,
}

impl World {
    /// Puts this thread into a network of its own.
    ///
    /// # Errors
    /// This process may not, or `ip` is missing or fails; the thread is where it was.
    pub fn enter(probe: &Probe, segment: &Segment) -> Result<Self, NetworkError> {
        let ip = probe.network().map_err(NetworkError::Lacking)?;
        let of = || "the lab".to_owned();
        let namespace = |source| NetworkError::Namespace { of: of(), source };
        let before = Namespaces::current().map_err(namespace)?;
        let own = Arc::new(Namespaces::enter_new("winlab").map_err(namespace)?);
        let this = Self { ip, before, own, count: AtomicU32::new(0), _not_send: PhantomData };
        let mut lines = format!(
            "link set lo up\nlink add {BRIDGE} mtu {mtu} type bridge\nlink set {BRIDGE} up\n",
            mtu = segment.mtu
        );
        for address in &segment.addresses {
            lines.push_str(&format!("addr add {address} dev {BRIDGE}\n"));
        }
        batch(&this.ip, &lines).map_err(|said| NetworkError::Setup { of: of(), said })?;
        // A host that forwards says so when it has no route; one that does not drops the packet without a word.
        fs::write("/proc/sys/net/ipv4/ip_forward", "1").map_err(namespace)?;
        Ok(this)
    }

    /// Makes a node's network.
    ///
    /// # Errors
    /// As [`enter`](Self::enter)'s.
    pub fn node(&self, node: &str, nic: &Nic) -> Result<NodeNetwork, NetworkError> {
        let namespace = |source| NetworkError::Namespace { of: node.to_owned(), source };
        let inner = Namespaces::enter_new(node);
        self.own.enter().map_err(namespace)?;
        let inner = inner.map_err(namespace)?;
        let setup = |said| NetworkError::Setup { of: node.to_owned(), said };
        let port = format!("port{}", self.count.fetch_add(1, Ordering::Relaxed));
        let Nic { name, address, mac, gateway, mtu } = nic;
        let mac = mac.to_string().replace('-', ":");
        batch(
            &self.ip,
            &format!(
                "link add {port} mtu {mtu} type veth peer name \"{name}\" address {mac} mtu {mtu} netns {netns}\n\
                 link set {port} master {BRIDGE} up\n",
                netns = inner.net_path()
            ),
        )
        .map_err(setup)?;
        let network = NodeNetwork { own: inner, home: self.own.clone() };
        let mut lines =
            format!("link set lo up\naddr add {address} dev \"{name}\"\nlink set \"{name}\" up\n");
        if let Some(gateway) = gateway {
            lines.push_str(&format!("route add default via {gateway}\n"));
        }
        network.inside(|| batch(&self.ip, &lines)).map_err(namespace)?.map_err(setup)?;
        Ok(network)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.before.enter().expect("a thread may go back to the namespaces it came from");
    }
}

/// A node's network. It ends when this is dropped and no program is left in it.
#[derive(Debug)]
pub struct NodeNetwork {
    own: Namespaces,
    home: Arc<Namespaces>,
}

impl NodeNetwork {
    /// Does something in the node's network: sockets and programs made in it are the node's.
    ///
    /// # Errors
    /// The kernel does not let this thread in.
    ///
    /// # Panics
    /// The kernel does not let this thread out again.
    pub fn inside<T>(&self, work: impl FnOnce() -> T) -> io::Result<T> {
        self.own.enter()?;
        let done = work();
        self.home.enter().expect("a thread may go back to the namespaces it came from");
        Ok(done)
    }
}

/// Runs lines of `ip`, and gives back what it complains of.
fn batch(ip: &Path, lines: &str) -> Result<(), String> {
    let run = || -> io::Result<Result<(), String>> {
        let mut child = Command::new(ip)
            .args(["-batch", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(lines.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        Ok(if output.status.success() { Ok(()) } else { Err(said) })
    };
    run().unwrap_or_else(|error| Err(format!("{}: {error}", ip.display())))
}
