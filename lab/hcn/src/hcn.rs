//! The V2 interface.

use std::fmt;
use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_host::{Fault, Guid, HostNetwork};

use crate::error::HcnError;

/// The V2 interface of one host's HNS. Objects are their documents, as HNS wrote them.
#[derive(Clone)]
pub struct Hcn {
    pub(crate) host: Arc<HostNetwork>,
}

impl Hcn {
    /// Over a host's HNS.
    #[must_use]
    pub fn new(host: Arc<HostNetwork>) -> Self {
        Self { host }
    }

    /// The host's HNS.
    #[must_use]
    pub fn host(&self) -> &Arc<HostNetwork> {
        &self.host
    }
}

impl fmt::Debug for Hcn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hcn")
    }
}

/// `defaultQuery`
pub(crate) fn default_query() -> Document {
    doc!({"SchemaVersion": {"Major": 2, "Minor": 0}})
}

/// The default query with one member to match.
pub(crate) fn filtered(member: &str, value: &str) -> Document {
    default_query().with("Filter", doc!({(member): value}).to_string())
}

pub(crate) fn failed(function: &'static str) -> impl FnOnce(Fault) -> HcnError {
    move |fault| HcnError::Failed { function, fault }
}

/// A GUID in text, or the library's own refusal.
pub(crate) fn parse(id: &str, refusal: &'static str) -> Result<Guid, HcnError> {
    id.parse().map_err(|_| HcnError::Refused(refusal))
}
