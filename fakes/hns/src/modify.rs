//! `ModifySettingRequest`: what a `HcnModify…` call asks for.

use winlab_document::Document;
use winlab_host::HResult;

use crate::members::{Members, Outcome, refuse};

/// What to do with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestType {
    Add,
    Remove,
    Update,
    Refresh,
    Reset,
}

/// A request that has been read.
#[derive(Debug)]
pub(crate) struct ModifyRequest {
    pub(crate) resource: String,
    pub(crate) kind: RequestType,
    pub(crate) settings: Document,
}

impl ModifyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `HCN_E_INVALID_JSON` where it is no object, `E_INVALIDARG` where it names no known request type.
    pub(crate) fn read(document: &Document) -> Outcome<Self> {
        if !document.is_object() {
            return refuse(HResult::HCN_E_INVALID_JSON);
        }
        let kind = match document.string("RequestType").to_ascii_lowercase().as_str() {
            "add" => RequestType::Add,
            "remove" => RequestType::Remove,
            "update" => RequestType::Update,
            "refresh" => RequestType::Refresh,
            "reset" => RequestType::Reset,
            _ => return refuse(HResult::E_INVALIDARG),
        };
        let settings = document.member("Settings").clone();
        Ok(Self { resource: document.string("ResourceType").to_ascii_lowercase(), kind, settings })
    }
}
