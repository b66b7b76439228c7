//! What packets would meet: every object in its V2 form, plumbed or not.

use winlab_document::Document;
use winlab_host::{Guid, NetObject, WindowsDataPlane};

use crate::hns::Hns;

impl Hns {
    /// The data plane of this moment, kept until something changes. Routes, forwarding and compartments are the joined host's to fill
    /// in: HNS knows no programs.
    #[must_use]
    pub fn data_plane(&self) -> WindowsDataPlane {
        self.plane.get_or_init(|| self.make_data_plane()).clone()
    }

    fn make_data_plane(&self) -> WindowsDataPlane {
        let base = self.base();
        WindowsDataPlane {
            hns_version: (self.version().major, self.version().minor),
            build: (self.config.windows.build(), self.config.windows.revision()),
            networks: self.networks.iter().map(|n| object(n.id, self.network_v2(n), n.plumbed)).collect(),
            endpoints: self.endpoints.iter().map(|e| object(e.id, self.endpoint_v2(e), e.plumbed)).collect(),
            namespaces: self
                .namespaces
                .iter()
                .map(|n| object(n.id, self.namespace_v2(n), n.plumbed))
                .collect(),
            load_balancers: self.load_balancers.iter().map(|b| object(b.id, b.v2(), b.plumbed)).collect(),
            routes: self.routes.iter().map(|r| object(r.id, r.v2(base), r.plumbed)).collect(),
            adapters: self.adapters.clone(),
            host_routes: Vec::new(),
            forwarding: Vec::new(),
            compartments: Vec::new(),
        }
    }
}

fn object(id: Guid, document: Document, plumbed: bool) -> NetObject {
    NetObject { id, document, plumbed }
}
