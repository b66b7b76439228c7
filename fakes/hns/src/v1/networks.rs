//! `/networks/`.

use winlab_document::{Document, doc};
use winlab_host::{Guid, HResult};

use crate::context::Context;
use crate::hns::Hns;
use crate::members::{Members, Outcome};
use crate::modify::RequestType;
use crate::v1::paths::there;
use crate::v1::update::OF_NETWORK;
use crate::v1::{endpoint, policy};

const MISSING: HResult = HResult::HCN_E_NETWORK_NOT_FOUND;

impl Hns {
    pub(super) fn v1_network(&self, id: Guid) -> Outcome<Document> {
        Ok(self.network_v1(there(self.networks.get(id), MISSING)?))
    }

    pub(super) fn v1_create_network(
        &mut self,
        body: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Document> {
        let id = self.create_network(Guid::NIL, body, context)?;
        self.v1_network(id)
    }

    /// Extensions are switched, DNS is replaced, and policies, where given, replace every other of the types they name.
    /// Other members of an existing network do not change this way, which is counted.
    pub(super) fn v1_update_network(&mut self, id: Guid, body: &Document) -> Outcome<Document> {
        let shown = self.v1_network(id)?;
        self.count_passed_over(body, &shown, OF_NETWORK);
        let policies = policy::to_v2(body.list("Policies"));
        if !policies.is_empty() {
            self.modify_network_policies(id, RequestType::Update, &doc!({"Policies": policies}))?;
        }
        for extension in body.list("Extensions") {
            self.modify_extension(id, extension)?;
        }
        let mut dns = endpoint::dns(body);
        if let Some(suffix) = dns.remove("Search") {
            dns.set("Domain", suffix.items().first().cloned().unwrap_or_default());
        }
        let network = there(self.networks.get_mut(id), MISSING)?;
        for (member, value) in dns.members() {
            network.dns.set(member, value.clone());
        }
        network.touch();
        self.v1_network(id)
    }

    pub(super) fn v1_delete_network(&mut self, id: Guid) -> Outcome<Document> {
        there(self.networks.get(id), MISSING)?;
        self.delete_network(id)?;
        Ok(Document::Null)
    }
}
