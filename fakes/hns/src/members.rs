//! Reading members of documents the way HNS clients write them.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::linux::Prefix;
use winlab_host::{Fault, Guid, HResult, MacAddress};

/// What a call comes to.
pub(crate) type Outcome<T> = Result<T, Fault>;

static MISSING: Document = Document::Null;
static NO_TEXT: &str = "";

/// Members whatever their case; a missing one reads as `null`, `""`, 0 or nothing.
pub(crate) trait Members {
    fn member(&self, name: &str) -> &Document;

    fn has(&self, name: &str) -> bool {
        !self.member(name).is_null()
    }

    fn string(&self, name: &str) -> &str {
        self.member(name).as_str().unwrap_or(NO_TEXT)
    }

    /// An integer, also one written as text.
    fn integer(&self, name: &str) -> Option<u64> {
        let member = self.member(name);
        member.as_u64().or_else(|| member.as_str()?.trim().parse().ok())
    }

    fn truth(&self, name: &str) -> bool {
        self.member(name).as_bool().unwrap_or_default()
    }

    fn list(&self, name: &str) -> &[Document] {
        self.member(name).items()
    }

    /// An id; nothing where it is missing or empty.
    ///
    /// # Errors
    /// `HCN_E_GUID_CONVERSION_FAILURE` for other text.
    fn guid(&self, name: &str) -> Outcome<Option<Guid>> {
        match self.string(name) {
            "" => Ok(None),
            text => read_guid(text).map(Some),
        }
    }

    /// An address; nothing where it is missing or empty.
    ///
    /// # Errors
    /// `refusal` for other text.
    fn address(&self, name: &str, refusal: HResult) -> Outcome<Option<IpAddr>> {
        match self.string(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| refusal.into()),
        }
    }

    /// A MAC; nothing where it is missing or empty.
    ///
    /// # Errors
    /// `refusal` for other text.
    fn mac(&self, name: &str, refusal: HResult) -> Outcome<Option<MacAddress>> {
        match self.string(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| refusal.into()),
        }
    }

    /// The strings of an array.
    fn strings(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

impl Members for Document {
    fn member(&self, name: &str) -> &Document {
        self.get_ignore_case(name).unwrap_or(&MISSING)
    }
}

/// Reads a GUID.
///
/// # Errors
/// `HCN_E_GUID_CONVERSION_FAILURE`.
pub(crate) fn read_guid(text: &str) -> Outcome<Guid> {
    text.parse().map_err(|_| HResult::HCN_E_GUID_CONVERSION_FAILURE.into())
}

/// A GUID as V1 documents show it.
pub(crate) fn upper(guid: Guid) -> Document {
    Document::from(format!("{guid:#}"))
}

/// The members of `document` that `known` does not name, in their order.
pub(crate) fn unknown_members(document: &Document, known: &[&str]) -> Document {
    let foreign = |name: &str| !known.iter().any(|k| k.eq_ignore_ascii_case(name));
    if document.members().iter().all(|(name, _)| !foreign(name)) {
        return Document::Null;
    }
    document.members().iter().filter(|(name, _)| foreign(name)).map(|(k, v)| (k, v.clone())).collect()
}

/// The prefix of text such as `10.244.1.0/24`.
///
/// # Errors
/// `HCN_E_INVALID_PREFIX`.
pub(crate) fn read_prefix(text: &str) -> Outcome<Prefix> {
    text.parse().map_err(|_| HResult::HCN_E_INVALID_PREFIX.into())
}

/// The code alone.
pub(crate) fn refuse<T>(code: HResult) -> Outcome<T> {
    Err(Fault::new(code))
}

/// `Ok` where `holds`, else the code.
pub(crate) fn require(holds: bool, code: HResult) -> Outcome<()> {
    if holds { Ok(()) } else { refuse(code) }
}
