//! The body of an answer: `{"result":…}` or `{"fault":{"code":"0x803b0001","message":"…","record":"…"}}`.
//!
//! It is written without blanks and in this order, so that a client without a JSON reader finds the result's text
//! between `{"result":` and the last brace.

use bytes::Bytes;
use winlab_document::{Document, ObjectBuilder, doc};

use crate::wired::Wired;

/// A fault as it travels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultForm {
    /// The HRESULT as `0x` and eight digits; of a Linux host, the errno in decimal.
    pub(crate) code: String,
    /// The service's text.
    pub(crate) message: String,
    /// What the service's function hands back beside its code, as text.
    pub(crate) record: Option<String>,
}

/// The answer to a call.
pub(crate) fn write<S: Wired>(outcome: &Result<Document, S::Fault>) -> Bytes {
    let mut body = Vec::with_capacity(256);
    match outcome {
        Ok(result) => {
            body.extend_from_slice(br#"{"result":"#);
            result.write_to(&mut body);
            body.push(b'}');
        }
        Err(fault) => {
            let FaultForm { code, message, record } = S::fault_form(fault);
            let mut form = ObjectBuilder::with_capacity(3);
            form.set("code", code).set("message", message).set_some("record", record);
            doc!({"fault": form.build()}).write_to(&mut body);
        }
    }
    body.into()
}

/// The other way: what a client makes of it. `None` where it is neither.
pub(crate) fn read<S: Wired>(function: &str, body: &Document) -> Option<Result<S::Answer, S::Fault>> {
    if let Some(result) = body.get("result") {
        return S::answer(function, result).ok().map(Ok);
    }
    let fault = body.get("fault")?;
    let text = |name: &str| fault.get(name)?.as_str().map(str::to_owned);
    let form = FaultForm { code: text("code")?, message: text("message")?, record: text("record") };
    S::fault(form).map(Err)
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_host::compute::Compute;
    use winlab_host::linux::{Errno, Linux, LinuxFault};
    use winlab_host::network::{Answer, Network};
    use winlab_host::system::System;
    use winlab_host::{Fault, HResult, Service};

    use super::{read, write};
    use crate::wired::Wired;

    type Read<S> = Option<Result<<S as Service>::Answer, <S as Service>::Fault>>;

    fn there_and_back<S: Wired>(fault: S::Fault) -> (String, Read<S>) {
        let body = write::<S>(&Err(fault));
        let function = "HcnDeleteNetwork";
        (
            String::from_utf8(body.to_vec()).unwrap(),
            read::<S>(function, &Document::from_slice(&body).unwrap()),
        )
    }

    #[test]
    fn results_keep_their_text() {
        let body = write::<Network>(&Ok(doc!({"Name": "a", "Id": [1]})));
        assert_eq!(body, r#"{"result":{"Name":"a","Id":[1]}}"#);
        let body = doc!({"result": null});
        assert_eq!(read::<Network>("HcnDeleteNetwork", &body), Some(Ok(Answer::DeleteNetwork(()))));
        assert_eq!(read::<Network>("HcnCreateNetwork", &body), None);
        assert_eq!(read::<Network>("HcnDeleteNetwork", &doc!({"error": "x"})), None);
    }

    #[test]
    fn a_fault_carries_the_record_of_its_service() {
        let fault = Fault::new(HResult::E_INVALIDARG);
        let (text, back) = there_and_back::<Network>(fault.clone());
        let record =
            r#"{\"Success\":false,\"Error\":\"The parameter is incorrect. \",\"ErrorCode\":2147942487}"#;
        assert_eq!(
            text,
            format!(
                r#"{{"fault":{{"code":"0x80070057","message":"The parameter is incorrect.","record":"{record}"}}}}"#
            )
        );
        assert_eq!(back, Some(Err(fault.clone())));
        let (text, back) = there_and_back::<Compute>(fault.clone());
        assert!(text.contains(r#""record":"{\"Error\":-2147024809,\"ErrorMessage\":"#), "{text}");
        assert_eq!(back, Some(Err(fault.clone())));
        let (text, back) = there_and_back::<System>(fault.clone());
        assert!(!text.contains("record"), "{text}");
        assert_eq!(back, Some(Err(fault)));
    }

    #[test]
    fn details_and_errno_values_travel_too() {
        let fault = Fault { detail: Some(doc!({"more": 1})), ..Fault::new(HResult::E_FAIL) };
        assert_eq!(there_and_back::<Network>(fault.clone()).1, Some(Err(fault)));
        let fault = LinuxFault::because(Errno::ENOENT, "Cannot find device");
        let (text, back) = there_and_back::<Linux>(fault.clone());
        assert_eq!(text, r#"{"fault":{"code":"2","message":"Cannot find device"}}"#);
        assert_eq!(back, Some(Err(fault)));
    }
}
