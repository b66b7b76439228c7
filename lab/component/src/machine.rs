//! The machine a component runs on: one set of boundary services per operating system.

use std::fmt;
use std::sync::Arc;

use winlab_host::{HostCompute, HostLinux, HostNetwork, HostSystem};

/// A node's operating system, as its components reach it.
#[derive(Clone)]
pub enum Machine {
    /// A Windows node.
    Windows(WindowsMachine),
    /// A Linux node.
    Linux(Arc<HostLinux>),
}

/// The services of a Windows node.
#[derive(Clone)]
pub struct WindowsMachine {
    /// The Host Networking Service.
    pub network: Arc<HostNetwork>,
    /// The Host Compute Service.
    pub compute: Arc<HostCompute>,
    /// Service control manager, registry, files, adapters, counters.
    pub system: Arc<HostSystem>,
}

impl Machine {
    /// The value of `kubernetes.io/os`: Go's name of the operating system.
    #[must_use]
    pub fn os(&self) -> &'static str {
        match self {
            Self::Windows(_) => "windows",
            Self::Linux(_) => "linux",
        }
    }

    /// The services of a Windows node, if it is one.
    #[must_use]
    pub fn windows(&self) -> Option<&WindowsMachine> {
        if let Self::Windows(machine) = self { Some(machine) } else { None }
    }

    /// The Linux host, if it is one.
    #[must_use]
    pub fn linux(&self) -> Option<&Arc<HostLinux>> {
        if let Self::Linux(host) = self { Some(host) } else { None }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machine({})", self.os())
    }
}

impl fmt::Debug for WindowsMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WindowsMachine")
    }
}
