//! Nodes that kube-proxy runs on.

use winlab_oracle::NetworkKind;

use crate::cluster::Family;

/// A node and the flags of its kube-proxy.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) build: &'static str,
    pub(crate) network: NetworkKind,
    /// Whether the network and its pods have addresses of both families.
    pub(crate) dual_network: bool,
    /// The family of the node's address.
    pub(crate) primary: Family,
    /// Families that kube-proxy works for: both on builds that can, but for overlay networks
    /// (`DualStackCompatTester`).
    pub(crate) proxied: &'static [Family],
    pub(crate) flags: &'static str,
    /// Whether CI has time for it.
    pub(crate) in_ci: bool,
}

const BOTH: &[Family] = &[Family::V4, Family::V6];
const V4: &[Family] = &[Family::V4];

const BRIDGE: Setting = Setting {
    name: "bridge::ltsc2022",
    build: "ltsc2022",
    network: NetworkKind::Bridge,
    dual_network: false,
    primary: Family::V4,
    proxied: BOTH,
    flags: "",
    in_ci: true,
};

const OVERLAY: Setting = Setting {
    name: "overlay::ltsc2022::dsr",
    network: NetworkKind::Overlay,
    proxied: V4,
    flags: "--source-vip=10.244.1.2 --enable-dsr=true --feature-gates=WinOverlay=true,WinDSR=true",
    ..BRIDGE
};

/// What differs in how HNS is programmed: its version, the network, direct server return, the families.
pub(crate) const SETTINGS: [Setting; 7] = [
    BRIDGE,
    Setting {
        name: "bridge::ltsc2025::dsr",
        build: "ltsc2025",
        flags: "--enable-dsr=true --feature-gates=WinDSR=true",
        ..BRIDGE
    },
    OVERLAY,
    Setting { name: "overlay::ltsc2019", build: "ltsc2019", flags: "--source-vip=10.244.1.2", ..OVERLAY },
    Setting { name: "bridge::ltsc2022::dual", dual_network: true, ..BRIDGE },
    Setting {
        name: "bridge::ltsc2025::ipv6",
        build: "ltsc2025",
        dual_network: true,
        primary: Family::V6,
        in_ci: false,
        ..BRIDGE
    },
    Setting { name: "bridge::ltsc2019", build: "ltsc2019", proxied: V4, in_ci: false, ..BRIDGE },
];

/// Versions of kube-proxy; CI builds the first one.
pub(crate) const VERSIONS: [&str; 5] = ["v1.34.4", "v1.31.14", "v1.35.4", "v1.36.3", "v1.37.2"];
