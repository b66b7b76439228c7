//! Arguments as a client may write them: an argument `settings` may come as `settings_text`, a string with its JSON,
//! so that a DLL hands on its caller's text without reading it.

use winlab_document::{Document, ObjectBuilder};
use winlab_host::Call as _;

use crate::refusal::{Refusal, Refused};
use crate::wired::Wired;

const SUFFIX: &str = "_text";

/// Why there is no call.
#[derive(Debug)]
pub(crate) enum NoCall<F> {
    /// The request is not one of this protocol.
    Refused(Refused),
    /// The service itself would refuse it: its document is not JSON.
    Fault(F),
}

impl<F> From<Refused> for NoCall<F> {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// The call in a request's body: `{"function":"HcnDeleteNetwork","arguments":{"id":"…"}}`.
pub(crate) fn read_call<S: Wired>(body: &[u8]) -> Result<S::Call, NoCall<S::Fault>> {
    let bad = |message: String| Refused::new(Refusal::BadRequest, message);
    let request = Document::from_slice(body).map_err(|error| bad(format!("not a JSON body: {error}")))?;
    if let Some((name, _)) =
        request.members().iter().find(|(name, _)| !matches!(name.as_str(), "function" | "arguments"))
    {
        return Err(bad(format!("a call has no member `{name}`")).into());
    }
    let function = request
        .get("function")
        .and_then(Document::as_str)
        .ok_or_else(|| bad("`function` must name a function".into()))?;
    if !S::Call::functions().contains(&function) {
        let message = format!("{} has no function `{function}`", S::NAME);
        return Err(Refused::new(Refusal::UnknownFunction, message).into());
    }
    let arguments = match request.get("arguments") {
        None => Document::empty_object(),
        Some(arguments) if arguments.is_object() => read_texts::<S>(function, arguments)?,
        Some(_) => return Err(bad("`arguments` must be an object".into()).into()),
    };
    let call = S::Call::from_arguments(function, &arguments).map_err(|error| bad(error.to_string()))?;
    let known = call.arguments();
    match arguments.members().iter().find(|(name, _)| known.get(name).is_none()) {
        Some((name, _)) => Err(bad(format!("`{function}` has no argument `{name}`")).into()),
        None => Ok(call),
    }
}

/// The arguments with each `…_text` replaced by the document in it. Empty text is what a client in C passes as `NULL`.
fn read_texts<S: Wired>(function: &str, arguments: &Document) -> Result<Document, NoCall<S::Fault>> {
    if !arguments.members().iter().any(|(name, _)| name.as_str().ends_with(SUFFIX)) {
        return Ok(arguments.clone());
    }
    let mut read = ObjectBuilder::with_capacity(arguments.members().len());
    for (name, value) in arguments.members() {
        let Some(bare) = name.as_str().strip_suffix(SUFFIX) else {
            read.set(name.clone(), value.clone());
            continue;
        };
        let problem = |problem: &str| Refused::new(Refusal::BadRequest, format!("{name}: {problem}"));
        if arguments.get(bare).is_some() {
            return Err(problem("the argument is given twice").into());
        }
        let document = match value {
            Document::Null => Document::Null,
            Document::String(text) if text.is_empty() => Document::Null,
            Document::String(text) => match Document::parse(text) {
                Ok(document) => document,
                Err(_) => S::unreadable(function, text).map_err(NoCall::Fault)?,
            },
            _ => return Err(problem("expected a string").into()),
        };
        read.set(bare, document);
    }
    Ok(read.build())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use winlab_document::{Document, doc};
    use winlab_host::network::{Call, CreateNetwork, HnsCall, Network};
    use winlab_host::{Guid, HResult};

    use super::{NoCall, read_call};

    fn read(body: &str) -> Result<Call, String> {
        read_call::<Network>(body.as_bytes()).map_err(|error| match error {
            NoCall::Refused(refused) => refused.to_document().to_string(),
            NoCall::Fault(fault) => fault.to_string(),
        })
    }

    #[test]
    fn a_document_may_come_as_text() {
        let expected = CreateNetwork { id: Guid::NIL, settings: doc!({"Name": "cbr0"}) };
        let nil = Guid::NIL;
        for settings in [r#""settings":{"Name":"cbr0"}"#, r#""settings_text":"{\"Name\":\"cbr0\"}""#] {
            let body =
                format!(r#"{{"function":"HcnCreateNetwork","arguments":{{"id":"{nil}",{settings}}}}}"#);
            assert_eq!(read(&body), Ok(Call::CreateNetwork(expected.clone())));
        }
    }

    #[test]
    fn text_that_is_no_json_is_the_services_business() {
        let body = r#"{"function":"HcnEnumerateNetworks","arguments":{"query_text":"{"}}"#;
        assert_eq!(read(body), Err(winlab_host::Fault::new(HResult::HCN_E_INVALID_JSON).to_string()));
        let body =
            r#"{"function":"HNSCall","arguments":{"method":"POST","path":"/networks","body_text":"{"}}"#;
        let expected = HnsCall { method: "POST".into(), path: "/networks".into(), body: doc!("{") };
        assert_eq!(read(body), Ok(Call::HnsCall(expected)));
        let body = r#"{"function":"HcnEnumerateNetworks","arguments":{"query_text":""}}"#;
        assert_eq!(read(body), read(r#"{"function":"HcnEnumerateNetworks"}"#));
    }

    #[test]
    fn what_is_no_call_is_refused_with_its_reason() {
        for (body, expected) in [
            ("[]", r#""error":"bad-request","message":"`function` must name a function""#),
            ("\u{7f}", "not a JSON body"),
            (r#"{"function":"HcnOpenNetwork","argument":{}}"#, "no member `argument`"),
            (r#"{"function":"HcnNothing"}"#, r#""error":"unknown-function","message":"hns has no function"#),
            (r#"{"function":"HcnOpenNetwork","arguments":[]}"#, "must be an object"),
            (r#"{"function":"HcnOpenNetwork","arguments":{"id":"x"}}"#, "id: expected a GUID"),
            (r#"{"function":"HcnEnumerateNetworks","arguments":{"querry":{}}}"#, "no argument `querry`"),
            (r#"{"function":"HcnEnumerateNetworks","arguments":{"query":{},"query_text":""}}"#, "twice"),
            (r#"{"function":"HcnEnumerateNetworks","arguments":{"query_text":1}}"#, "expected a string"),
        ] {
            let refused = read(body).unwrap_err();
            assert!(refused.contains(expected), "{body}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_call::<Network>(&body);
        }

        #[test]
        fn any_text_is_its_document_or_no_json(text in r#"[{}\[\],:"a-c0-2 \\]{0,12}"#) {
            let read = |settings| {
                let arguments = doc!({"id": Guid::NIL}).with("settings_text", settings);
                let body = doc!({"function": "HcnCreateNetwork", "arguments": arguments});
                read(&body.to_string())
            };
            match Document::parse(&text) {
                Ok(settings) => {
                    let expected = CreateNetwork { id: Guid::NIL, settings };
                    prop_assert_eq!(read(text.as_str()), Ok(Call::CreateNetwork(expected)));
                }
                Err(_) if text.is_empty() => {
                    let expected = CreateNetwork { id: Guid::NIL, settings: Document::Null };
                    prop_assert_eq!(read(""), Ok(Call::CreateNetwork(expected)));
                }
                Err(_) => prop_assert!(read(text.as_str()).unwrap_err().contains("HCN_E_INVALID_JSON")),
            }
        }
    }
}
