//! Families of pod networks.
//!
//! HNS types: flannel `pkg/backend/{hostgw,vxlan}` (`hcn.L2Bridge`, `hcn.Overlay`); containernetworking plugins
//! `plugins/main/windows/{win-bridge,win-overlay}`; ovn-kubernetes `hybrid-overlay/pkg/controller/overlay_windows.go`;
//! azure-container-networking `network/network_windows.go`.

use std::fmt;
use std::str::FromStr;

/// How a lab's pods are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkFamily {
    /// flannel with VXLAN: HNS networks of type Overlay.
    FlannelVxlan,
    /// flannel with host routes: HNS networks of type L2Bridge.
    FlannelHostGw,
    /// Azure CNI.
    Azure,
    /// OVN-Kubernetes with its hybrid overlay.
    OvnHybrid,
    /// The plugin win-bridge over a network made by hand.
    WinBridge,
    /// The plugin win-overlay over a network made by hand.
    WinOverlay,
}

impl NetworkFamily {
    /// Every family.
    pub const ALL: [Self; 6] = [
        Self::FlannelVxlan,
        Self::FlannelHostGw,
        Self::Azure,
        Self::OvnHybrid,
        Self::WinBridge,
        Self::WinOverlay,
    ];

    /// Its name in scenarios.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FlannelVxlan => "flannel-vxlan",
            Self::FlannelHostGw => "flannel-host-gw",
            Self::Azure => "azure",
            Self::OvnHybrid => "ovn-hybrid",
            Self::WinBridge => "win-bridge",
            Self::WinOverlay => "win-overlay",
        }
    }

    /// The type of its HNS network.
    #[must_use]
    pub const fn hns_type(self) -> &'static str {
        match self {
            Self::FlannelVxlan | Self::OvnHybrid | Self::WinOverlay => "Overlay",
            Self::FlannelHostGw | Self::Azure | Self::WinBridge => "L2Bridge",
        }
    }
}

impl fmt::Display for NetworkFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for NetworkFamily {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|family| family.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|family| family.name()).collect();
            format!("unknown network `{text}`; known are {}", names.join(", "))
        })
    }
}
