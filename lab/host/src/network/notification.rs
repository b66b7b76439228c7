//! What HNS tells its listeners (`HCN_NOTIFICATIONS`).

use winlab_document::Document;

use crate::Guid;

word_enum! {
    /// The kinds of notification, by Microsoft's names.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum NotificationKind {
        /// A network is about to be created.
        NetworkPreCreate = "NetworkPreCreate",
        /// A network has been created.
        NetworkCreate = "NetworkCreate",
        /// A network is about to be deleted.
        NetworkPreDelete = "NetworkPreDelete",
        /// A network has been deleted.
        NetworkDelete = "NetworkDelete",
        /// A namespace has been created.
        NamespaceCreate = "NamespaceCreate",
        /// A namespace has been deleted.
        NamespaceDelete = "NamespaceDelete",
        /// A guest network service has been created.
        GuestNetworkServiceCreate = "GuestNetworkServiceCreate",
        /// A guest network service has been deleted.
        GuestNetworkServiceDelete = "GuestNetworkServiceDelete",
        /// An endpoint got its port on the switch.
        NetworkEndpointAttached = "NetworkEndpointAttached",
        /// An endpoint lost its port.
        NetworkEndpointDetached = "NetworkEndpointDetached",
        /// A guest network service changed its state.
        GuestNetworkServiceStateChanged = "GuestNetworkServiceStateChanged",
        /// An interface of a guest changed its state.
        GuestNetworkServiceInterfaceStateChanged = "GuestNetworkServiceInterfaceStateChanged",
        /// The service went away; every registration with it.
        ServiceDisconnect = "ServiceDisconnect",
    }
}

impl NotificationKind {
    /// The value a callback gets.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::NetworkPreCreate => 1,
            Self::NetworkCreate => 2,
            Self::NetworkPreDelete => 3,
            Self::NetworkDelete => 4,
            Self::NamespaceCreate => 5,
            Self::NamespaceDelete => 6,
            Self::GuestNetworkServiceCreate => 7,
            Self::GuestNetworkServiceDelete => 8,
            Self::NetworkEndpointAttached => 9,
            Self::NetworkEndpointDetached => 0x10,
            Self::GuestNetworkServiceStateChanged => 0x11,
            Self::GuestNetworkServiceInterfaceStateChanged => 0x12,
            Self::ServiceDisconnect => 0x0100_0000,
        }
    }
}

document_struct! {
    /// One notification.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Notification {
        /// Its kind.
        pub kind: NotificationKind,
        /// The object it is about.
        pub id: Guid,
        /// More: the namespace an endpoint was attached in, say.
        pub data: Document,
    }
}
