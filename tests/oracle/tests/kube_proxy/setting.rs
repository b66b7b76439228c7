//! Nodes that kube-proxy runs on.

use winlab_oracle::NetworkKind;

/// A node and the flags of its kube-proxy.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) build: &'static str,
    pub(crate) network: NetworkKind,
    pub(crate) flags: &'static str,
}

/// What differs in how HNS is programmed: its version, the network, direct server return.
pub(crate) const SETTINGS: [Setting; 4] = [
    Setting { name: "bridge::ltsc2022", build: "ltsc2022", network: NetworkKind::Bridge, flags: "" },
    Setting {
        name: "bridge::ltsc2025::dsr",
        build: "ltsc2025",
        network: NetworkKind::Bridge,
        flags: "--enable-dsr=true --feature-gates=WinDSR=true",
    },
    Setting {
        name: "overlay::ltsc2022::dsr",
        build: "ltsc2022",
        network: NetworkKind::Overlay,
        flags: "--source-vip=10.244.1.2 --enable-dsr=true --feature-gates=WinOverlay=true",
    },
    Setting {
        name: "overlay::ltsc2019",
        build: "ltsc2019",
        network: NetworkKind::Overlay,
        flags: "--source-vip=10.244.1.2",
    },
];
