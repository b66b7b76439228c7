//! `HNSCall`: methods and paths, and the response around every output.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::{Fault, HResult};

use crate::context::Context;
use crate::hns::Hns;
use crate::members::{Outcome, read_guid, refuse};
use crate::unmodelled;

impl Hns {
    /// Carries out a V1 call. Its failures are part of the response, as hosts log them:
    /// `{"Error":"An adapter was not found. ","ErrorCode":2151350278,"Success":false}`.
    pub(crate) fn hns_call(
        &mut self,
        method: &str,
        path: &str,
        body: &Document,
        context: &mut dyn Context,
    ) -> Document {
        match self.dispatch(method, path, body, context) {
            Ok(Document::Null) => doc!({"Success": true}),
            Ok(output) => doc!({"Success": true, "Output": output}),
            Err(fault) => failure(&fault),
        }
    }

    /// A path may end with a slash; an empty body may be missing, empty text or text that is JSON.
    fn dispatch(
        &mut self,
        method: &str,
        path: &str,
        body: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Document> {
        let parsed = match body.as_str() {
            Some("") => Document::Null,
            Some(text) => Document::parse(text).map_err(|_| Fault::new(HResult::HCN_E_INVALID_JSON))?,
            None => body.clone(),
        };
        let body = &parsed;
        let method = method.to_ascii_uppercase();
        let lower = path.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["globals", "version"]) => {
                let version = self.version();
                Ok(doc!({"Major": version.major, "Minor": version.minor}))
            }
            ("GET", ["networks"]) => {
                Ok(self.networks.iter().map(|network| self.network_v1(network)).collect())
            }
            ("GET", ["networks", id]) => self.v1_network(read_guid(id)?),
            ("POST", ["networks"]) => self.v1_create_network(body, context),
            ("POST", ["networks", id]) => self.v1_update_network(read_guid(id)?, body),
            ("DELETE", ["networks", id]) => self.v1_delete_network(read_guid(id)?),

            ("GET", ["endpoints"]) => Ok(self.endpoints.iter().map(|e| self.endpoint_v1(e)).collect()),
            ("GET", ["endpoints", id]) => self.v1_endpoint(read_guid(id)?),
            ("POST", ["endpoints"]) => self.v1_create_endpoint(body, context),
            ("POST", ["endpoints", id]) => self.v1_update_endpoint(read_guid(id)?, body),
            ("POST", ["endpoints", id, "attach"]) => self.v1_attach(read_guid(id)?, body),
            ("POST", ["endpoints", id, "detach"]) => self.v1_detach(read_guid(id)?, body),
            ("DELETE", ["endpoints", id]) => self.v1_delete_endpoint(read_guid(id)?),
            ("GET", ["endpointstats", id]) => self.v1_stats(read_guid(id)?),

            ("GET", ["policylists"]) => Ok(self.policy_lists()),
            ("GET", ["policylists", id]) => self.policy_list(read_guid(id)?),
            ("POST", ["policylists"]) => self.create_policy_list(body, context),
            ("DELETE", ["policylists", id]) => done(self.delete_policy_list(read_guid(id)?)),

            ("GET", ["namespaces"]) => {
                Ok(self.namespaces.iter().map(|space| self.namespace_v1(space)).collect())
            }
            ("GET", ["namespaces", id]) => self.v1_namespace(read_guid(id)?),
            ("POST", ["namespaces"]) => self.v1_create_namespace(body, context),
            ("POST", ["namespaces", id, "addresource"]) => {
                self.v1_change_namespace(read_guid(id)?, body, true)
            }
            ("POST", ["namespaces", id, "removeresource"]) => {
                self.v1_change_namespace(read_guid(id)?, body, false)
            }
            ("DELETE", ["namespaces", id]) => done(self.delete_namespace(read_guid(id)?)),

            (_, ["accelnet"]) => self.accelnet(&method, body),
            // Diagnostics of hns.psm1; an idle host shows nothing.
            ("GET", ["activities" | "plugins"]) => Ok(Document::empty_array()),
            _ => {
                self.gaps.count(unmodelled::LEGACY_CALL);
                refuse(HResult::HCN_E_REQUEST_UNSUPPORTED)
            }
        }
    }
}

/// The object of that id, or the code for its kind.
pub(super) fn there<T>(object: Option<T>, code: HResult) -> Outcome<T> {
    object.ok_or_else(|| Fault::new(code))
}

/// A call without output.
pub(super) fn done(outcome: Outcome<()>) -> Outcome<Document> {
    outcome.map(|()| Document::Null)
}

fn failure(fault: &Fault) -> Document {
    let mut object = ObjectBuilder::with_capacity(3);
    object.set("Error", format!("{} ", fault.message));
    object.set("ErrorCode", fault.code.0);
    object.set("Success", false);
    object.build()
}
