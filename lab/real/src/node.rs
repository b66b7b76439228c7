//! A node on which programs run.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use winlab_host::MacAddress;
use winlab_host::linux::Prefix;
use winlab_profiles::WindowsVersion;
use winlab_wine::Node;

use crate::files;
use crate::means::Means;

/// What a node is, as its programs see it.
#[derive(Clone, Debug)]
pub struct RealNodeConfig {
    /// Its name.
    pub name: String,
    /// Its Windows.
    pub windows: WindowsVersion,
    /// Its address on the segment.
    pub address: Prefix,
    /// Its NIC's address.
    pub mac: MacAddress,
    /// The router.
    pub gateway: IpAddr,
}

/// A node's room for programs: a Wine prefix in the node's own network. It ends, with all that runs in it, when the last
/// handle to it is dropped.
pub struct RealNode {
    pub(crate) wine: Node,
    pub(crate) means: Means,
    /// iproute2's `ip`.
    pub(crate) ip: PathBuf,
}

impl RealNode {
    pub(crate) fn new(wine: Node, means: Means, ip: PathBuf) -> Self {
        Self { wine, means, ip }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.wine.name()
    }

    /// Makes a folder of the drive.
    ///
    /// # Errors
    /// The operating system's.
    pub fn make_folder(&self, path: &str) -> io::Result<()> {
        files::create_folders(&self.path(path))
    }

    /// The file of this machine that a Windows path names.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.wine.path(path)
    }
}

impl fmt::Debug for RealNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealNode").field("name", &self.name()).finish_non_exhaustive()
    }
}
