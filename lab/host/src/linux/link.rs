//! Links.

use std::net::IpAddr;

use winlab_document::{Document, doc};

use super::route::Prefix;
use crate::{Field, FieldError, MacAddress};

/// What kind of link, with what only that kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKind {
    /// The loopback.
    Loopback,
    /// A NIC.
    Physical,
    /// A bridge.
    Bridge,
    /// One end of a pair.
    Veth {
        /// The other end's name.
        peer: String,
        /// The other end's namespace.
        peer_namespace: String,
    },
    /// A VXLAN tunnel end.
    Vxlan {
        /// VXLAN network identifier.
        vni: u32,
        /// UDP port.
        port: u16,
        /// Address it sends from.
        local: IpAddr,
        /// Link it sends through.
        device: String,
    },
    /// A link to nowhere, as kube-proxy's ipvs mode uses.
    Dummy,
}

impl LinkKind {
    /// The word that `ip link` uses.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Physical => "physical",
            Self::Bridge => "bridge",
            Self::Veth { .. } => "veth",
            Self::Vxlan { .. } => "vxlan",
            Self::Dummy => "dummy",
        }
    }
}

impl Field for LinkKind {
    fn to_document(&self) -> Document {
        match self {
            Self::Veth { peer, peer_namespace } => {
                doc!({"kind": "veth", "peer": peer, "peer_namespace": peer_namespace})
            }
            Self::Vxlan { vni, port, local, device } => {
                doc!({"kind": "vxlan", "vni": *vni, "port": *port, "local": local.to_string(), "device": device})
            }
            _ => doc!({"kind": self.word()}),
        }
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        Ok(match document.text(&["kind"]) {
            "loopback" => Self::Loopback,
            "physical" => Self::Physical,
            "bridge" => Self::Bridge,
            "dummy" => Self::Dummy,
            "veth" => Self::Veth {
                peer: Field::from_member(document, "peer")?,
                peer_namespace: Field::from_member(document, "peer_namespace")?,
            },
            "vxlan" => Self::Vxlan {
                vni: Field::from_member(document, "vni")?,
                port: Field::from_member(document, "port")?,
                local: Field::from_member(document, "local")?,
                device: Field::from_member(document, "device")?,
            },
            _ => return Err(FieldError::expected("a kind of link", document)),
        })
    }
}

document_struct! {
    /// Changes to a link; what is none stays.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct LinkSettings {
        /// Up or down.
        pub up: Option<bool>,
        /// The bridge it is a port of; `""` takes it off.
        pub master: Option<String>,
        /// Its MAC.
        pub mac: Option<MacAddress>,
        /// Its MTU in bytes.
        pub mtu: Option<u32>,
        /// The namespace it moves to.
        pub namespace: Option<String>,
        /// Its new name.
        pub name: Option<String>,
    }
}

document_struct! {
    /// A link as `ip -d addr show` shows it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Link {
        /// Its index, unique on the host.
        pub index: u32,
        /// Its name.
        pub name: String,
        /// Its kind.
        pub kind: LinkKind,
        /// Its MAC.
        pub mac: MacAddress,
        /// Its MTU in bytes.
        pub mtu: u32,
        /// Whether it is up.
        pub up: bool,
        /// The bridge it is a port of, or `""`.
        pub master: String,
        /// Its addresses.
        pub addresses: Vec<Prefix>,
    }
}
