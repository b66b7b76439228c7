//! `/namespaces/`.

use winlab_document::Document;
use winlab_host::{Guid, HResult};

use crate::context::Context;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require};
use crate::v1::paths::there;

/// hcsshim's V1 client knows a missing namespace by the text of this code (`internal/hns/namespace.go`).
const MISSING: HResult = HResult::ERROR_NOT_FOUND;

impl Hns {
    pub(super) fn v1_namespace(&self, id: Guid) -> Outcome<Document> {
        Ok(self.namespace_v1(there(self.namespaces.get(id), MISSING)?))
    }

    /// There is always a default namespace, so another one is refused.
    pub(super) fn v1_create_namespace(
        &mut self,
        body: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Document> {
        require(!body.truth("IsDefault"), HResult::GCN_E_DEFAULTNAMESPACE_EXISTS)?;
        let id = self.create_namespace(Guid::NIL, body, context)?;
        self.v1_namespace(id)
    }

    /// `addresource` and `removeresource`: `{"Type":"Endpoint","Data":{"Id":"…"}}`.
    pub(super) fn v1_change_namespace(&mut self, id: Guid, body: &Document, add: bool) -> Outcome<Document> {
        there(self.namespaces.get(id), MISSING)?;
        let data = body.member("Data");
        match (body.string("Type"), add) {
            ("Endpoint", true) => self.add_endpoint(id, data.guid("Id")?.unwrap_or_default())?,
            ("Endpoint", false) => self.remove_endpoint(id, data.guid("Id")?.unwrap_or_default())?,
            ("Container", true) => self.add_container(id, data.string("Id")).map(drop)?,
            ("Container", false) => self.remove_container(id, data.string("Id"))?,
            _ => return refuse(HResult::E_INVALIDARG),
        }
        self.v1_namespace(id)
    }
}
