//! Port reservations of guest network services.

use crate::Guid;

word_enum! {
    /// `HCN_PORT_PROTOCOL`
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PortProtocol {
        /// TCP
        Tcp = "TCP",
        /// UDP
        Udp = "UDP",
        /// Both
        Both = "BOTH",
    }
}

word_enum! {
    /// `HCN_PORT_ACCESS`
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PortAccess {
        /// Nobody else may reserve it.
        Exclusive = "EXCLUSIVE",
        /// Other guests may reserve it too.
        Shared = "SHARED",
    }
}

document_struct! {
    /// A reserved range, both ends included.
    #[derive(Debug, Clone, PartialEq)]
    pub struct PortRange {
        /// The reservation's name, for giving it back.
        pub reservation: u64,
        /// First port.
        pub start: u16,
        /// Last port.
        pub end: u16,
    }
}

document_struct! {
    /// One entry of the host's reservations (`HCN_PORT_RANGE_ENTRY`).
    #[derive(Debug, Clone, PartialEq)]
    pub struct PortReservation {
        /// The guest network service that owns it.
        pub owner: Guid,
        /// Protocol.
        pub protocol: PortProtocol,
        /// Whether others may share it.
        pub access: PortAccess,
        /// First port.
        pub start: u16,
        /// Last port.
        pub end: u16,
    }
}
