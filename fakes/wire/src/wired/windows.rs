//! Faults of the three Windows services.

use winlab_document::Document;
use winlab_host::{Fault, HResult};

use crate::client::Trouble;
use crate::outcome::FaultForm;

/// What a service's function hands back beside its HRESULT, if the fault says nothing more.
pub(super) type PlainRecord = fn(&Fault) -> Option<Document>;

pub(super) fn form(fault: &Fault, plain: PlainRecord) -> FaultForm {
    let record = fault.detail.clone().or_else(|| plain(fault));
    FaultForm {
        code: format!("0x{:08x}", fault.code.0),
        message: fault.message.clone(),
        record: record.map(|record| record.to_string()),
    }
}

pub(super) fn read(form: FaultForm, plain: PlainRecord) -> Option<Fault> {
    let code = u32::from_str_radix(form.code.strip_prefix("0x")?, 16).ok()?;
    let mut fault = Fault::because(HResult(code), form.message);
    let record = match form.record {
        Some(text) => Some(Document::parse(&text).ok()?),
        None => None,
    };
    if record != plain(&fault) {
        fault.detail = record;
    }
    Some(fault)
}

/// The codes of the RPC runtime (`winerror.h`, "RPC Status"): the real services are reached through it, so this is
/// what their clients know to mean that a call did not get through.
pub(super) fn trouble(trouble: &Trouble) -> Fault {
    let code = match trouble {
        Trouble::Unreachable(_) | Trouble::NoHost(_) => HResult::RPC_S_SERVER_UNAVAILABLE,
        Trouble::Broken(_) => HResult::RPC_S_CALL_FAILED,
        Trouble::TimedOut(_) => HResult::ERROR_TIMEOUT,
        Trouble::Protocol(_) => HResult::RPC_S_PROTOCOL_ERROR,
        Trouble::Busy(_) => HResult::RPC_S_SERVER_TOO_BUSY,
        Trouble::Denied(_) => HResult::E_ACCESSDENIED,
        Trouble::TooLarge(_) => HResult::RPC_S_STRING_TOO_LONG,
        Trouble::NoService(_) => HResult::RPC_S_UNKNOWN_IF,
        Trouble::NoFunction(_) => HResult::RPC_S_PROCNUM_OUT_OF_RANGE,
    };
    Fault::because(code, trouble.to_string())
}
