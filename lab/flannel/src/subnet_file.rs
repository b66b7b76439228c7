//! `/run/flannel/subnet.env`: what the CNI plugin reads (`pkg/subnet/subnet.go`).

use winlab_component::{FileError, HostFiles};
use winlab_host::linux::Prefix;

use crate::config::nth;

/// The file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SubnetFile {
    pub(crate) network: Prefix,
    /// The pods of this node.
    pub(crate) subnet: Prefix,
    pub(crate) mtu: u32,
    pub(crate) ip_masq: bool,
}

impl SubnetFile {
    fn text(&self) -> String {
        let first = Prefix { address: nth(self.subnet, 1), length: self.subnet.length };
        format!(
            "FLANNEL_NETWORK={}\nFLANNEL_SUBNET={first}\nFLANNEL_MTU={}\nFLANNEL_IPMASQ={}\n",
            self.network, self.mtu, self.ip_masq
        )
    }

    pub(crate) async fn write(&self, files: &HostFiles, path: &str) -> Result<(), FileError> {
        files.write(path, self.text().into_bytes()).await
    }

    /// Network and subnet of a run before this one.
    pub(crate) async fn read(files: &HostFiles, path: &str) -> Option<(Prefix, Prefix)> {
        let text = files.read_text(path).await.ok()?;
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
            line.trim().parse::<Prefix>().ok().map(|prefix| prefix.network())
        };
        Some((value("FLANNEL_NETWORK")?, value("FLANNEL_SUBNET")?))
    }
}

#[cfg(test)]
mod tests {
    use super::SubnetFile;

    #[test]
    fn the_text() {
        let file = SubnetFile {
            network: "10.244.0.0/16".parse().unwrap(),
            subnet: "10.244.1.0/24".parse().unwrap(),
            mtu: 1450,
            ip_masq: true,
        };
        assert_eq!(
            file.text(),
            "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"
        );
    }
}
