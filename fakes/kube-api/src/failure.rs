//! Refusals, in the shape of `metav1.Status`.
//!
//! Reasons, codes and message forms are those of apimachinery's `pkg/api/errors/errors.go`.

use winlab_document::{Document, ObjectBuilder, doc};

use crate::kinds::Kind;
use crate::validate::FieldError;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status code.
    pub code: u16,
    /// Machine-readable reason: `NotFound`, `Invalid`, ….
    pub reason: &'static str,
    /// For people.
    pub message: String,
    details: Option<Box<Details>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Details {
    name: String,
    group: &'static str,
    kind: String,
    uid: String,
    causes: Vec<Cause>,
    retry_after_seconds: u32,
}

/// One of several causes of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Machine-readable: `FieldValueInvalid`, ….
    pub reason: &'static str,
    /// For people.
    pub message: String,
    /// Path of the field, if it is about one.
    pub field: String,
}

impl Failure {
    fn plain(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None }
    }

    fn about(code: u16, reason: &'static str, kind: &Kind, name: &str, message: String) -> Self {
        let details = Details {
            name: name.to_owned(),
            group: kind.group,
            kind: kind.plural.to_owned(),
            ..Details::default()
        };
        Self { code, reason, message, details: Some(Box::new(details)) }
    }

    /// 404 for an object.
    pub fn not_found(kind: &Kind, name: &str) -> Self {
        Self::about(404, "NotFound", kind, name, format!("{} {name:?} not found", kind.resource()))
    }

    /// 404 for a path that is served by nothing.
    pub fn no_such_resource() -> Self {
        let mut failure = Self::plain(404, "NotFound", "the server could not find the requested resource");
        failure.details = Some(Box::default());
        failure
    }

    /// 409 for a name in use.
    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        Self::about(409, "AlreadyExists", kind, name, format!("{} {name:?} already exists", kind.resource()))
    }

    /// 409 for a write that is based on something outdated.
    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", kind.resource());
        Self::about(409, "Conflict", kind, name, message)
    }

    /// 409 for an update of a version that is no longer the newest.
    pub fn modified(kind: &Kind, name: &str) -> Self {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// 403.
    pub fn forbidden(kind: &Kind, name: &str, why: &str) -> Self {
        let message = match name {
            "" => format!("{} is forbidden: {why}", kind.resource()),
            _ => format!("{} {name:?} is forbidden: {why}", kind.resource()),
        };
        Self::about(403, "Forbidden", kind, name, message)
    }

    /// 403 for a path outside the resources.
    pub(crate) fn forbidden_path(user: &str, verb: &str, path: &str) -> Self {
        let message = format!("forbidden: User {user:?} cannot {verb} path {path:?}");
        let mut failure = Self::plain(403, "Forbidden", message);
        failure.details = Some(Box::default());
        failure
    }

    /// 422 with the fields that are wrong.
    pub fn invalid(kind: &Kind, name: &str, errors: &[FieldError]) -> Self {
        let qualified = if kind.group.is_empty() {
            kind.kind.to_owned()
        } else {
            format!("{}.{}", kind.kind, kind.group)
        };
        // An aggregate prints a message only once, and brackets from the second on.
        let mut texts: Vec<String> = Vec::new();
        for error in errors {
            let text = error.to_string();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let list = if texts.len() == 1 { texts.remove(0) } else { format!("[{}]", texts.join(", ")) };
        let causes = errors
            .iter()
            .map(|e| Cause { reason: e.reason(), message: e.body(), field: e.field.clone() })
            .collect();
        let details = Details {
            name: name.to_owned(),
            group: kind.group,
            kind: kind.kind.to_owned(),
            causes,
            ..Details::default()
        };
        Self {
            code: 422,
            reason: "Invalid",
            message: format!("{qualified} {name:?} is invalid: {list}"),
            details: Some(Box::new(details)),
        }
    }

    /// 422 with the fields that are wrong, about the resource instead of the kind.
    pub fn invalid_resource(kind: &Kind, name: &str, errors: &[FieldError]) -> Self {
        let mut failure = Self::invalid(kind, name, errors);
        let list = failure.message.split_once(" is invalid: ").map(|(_, list)| list.to_owned());
        failure.message = format!("{} {name:?} is invalid: {}", kind.resource(), list.unwrap_or_default());
        if let Some(details) = &mut failure.details {
            details.kind = kind.plural.to_owned();
        }
        failure
    }

    /// 422 with the fields that are wrong of what is no stored kind: options, a scale.
    pub fn invalid_form(group: &'static str, form: &str, name: &str, errors: &[FieldError]) -> Self {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let list = if let [one] = texts.as_slice() { one.clone() } else { format!("[{}]", texts.join(", ")) };
        let causes = errors
            .iter()
            .map(|e| Cause { reason: e.reason(), message: e.body(), field: e.field.clone() })
            .collect();
        let details =
            Details { name: name.to_owned(), group, kind: form.to_owned(), causes, ..Details::default() };
        Self {
            code: 422,
            reason: "Invalid",
            message: format!("{form}.{group} {name:?} is invalid: {list}"),
            details: Some(Box::new(details)),
        }
    }

    /// 422 from a patch that does not fit the object: `transformDecodeError` keeps the reason to itself.
    pub fn unprocessable_patch() -> Self {
        let message = "the server rejected our request due to an error in our request";
        let mut failure = Self::plain(422, "Invalid", message);
        failure.details = Some(Box::default());
        failure
    }

    /// 422 with a bare message.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::plain(422, "Invalid", message)
    }

    /// 409 for a deletion whose precondition does not hold; it names the kind instead of the resource
    /// (apiserver, `registry/generic/registry/store.go`, `deletionPreconditions`).
    pub fn precondition(kind: &Kind, name: &str, why: &str) -> Self {
        let qualified = if kind.group.is_empty() {
            kind.kind.to_owned()
        } else {
            format!("{}.{}", kind.kind, kind.group)
        };
        let message = format!("Operation cannot be fulfilled on {qualified} {name:?}: {why}");
        let mut failure = Self::about(409, "Conflict", kind, name, message);
        if let Some(details) = &mut failure.details {
            details.kind = kind.kind.to_owned();
        }
        failure
    }

    /// 409 for a subresource: `pods/binding`.
    pub fn conflict_of(kind: &Kind, subresource: &str, name: &str, why: &str) -> Self {
        let resource = format!("{}/{subresource}", kind.resource());
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        let mut failure = Self::about(409, "Conflict", kind, name, message);
        if let Some(details) = &mut failure.details {
            details.kind = format!("{}/{subresource}", kind.plural);
        }
        failure
    }

    /// 409 for an apply that would take fields from others.
    pub(crate) fn apply_conflict(message: String, causes: Vec<Cause>) -> Self {
        let mut failure = Self::plain(409, "Conflict", message);
        failure.details = Some(Box::new(Details { causes, ..Details::default() }));
        failure
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::plain(400, "BadRequest", message)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::plain(401, "Unauthorized", "Unauthorized")
    }

    /// 410: the resource version is no longer kept.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::plain(410, "Expired", message)
    }

    /// 410 for a watch, with the version asked for and the oldest that is kept.
    pub fn too_old(asked: u64, oldest: u64) -> Self {
        Self::expired(format!("too old resource version: {asked} ({oldest})"))
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        let mut failure = Self::plain(405, "MethodNotAllowed", message);
        failure.details = Some(Box::default());
        failure
    }

    /// 406.
    pub fn not_acceptable(accepted: &str) -> Self {
        let message = format!("only the following media types are accepted: {accepted}");
        Self::plain(406, "NotAcceptable", message)
    }

    /// 415.
    pub fn unsupported_media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::plain(415, "UnsupportedMediaType", message)
    }

    /// 415 for a form of patch that nobody knows.
    pub fn unknown_patch_type() -> Self {
        let mut failure = Self::plain(415, "UnsupportedMediaType", "415: Unsupported Media Type");
        failure.details = Some(Box::default());
        failure
    }

    /// 429 with the seconds after which it may be tried again.
    pub fn too_many_requests(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::plain(429, "TooManyRequests", message).retry_after(retry_after_seconds)
    }

    /// 500.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        let cause = Cause { reason: "", message: message.to_string(), field: String::new() };
        Self::plain(500, "InternalError", format!("Internal error occurred: {message}")).cause(cause)
    }

    /// 500 with the bare message of an error that has no reason.
    pub fn unnamed(message: impl Into<String>) -> Self {
        Self::plain(500, "", message)
    }

    /// 500 whose message is said as it is.
    pub fn internal_plain(message: &str) -> Self {
        Self::plain(500, "InternalError", message)
    }

    /// 501: there, but not modelled.
    pub(crate) fn not_implemented(message: impl Into<String>) -> Self {
        Self::plain(501, "NotImplemented", message)
    }

    /// What a kubelet answered, as the server hands it on (`pkg/registry/core/rest`, `GenericHttpResponseChecker`).
    pub(crate) fn of_kubelet(status: http::StatusCode, text: &str) -> Self {
        let reason = match status.as_u16() {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            _ => "InternalError",
        };
        Self::plain(status.as_u16(), reason, text)
    }

    /// 503.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::plain(503, "ServiceUnavailable", message)
    }

    /// 504 for a resource version from the future.
    pub fn too_large_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let cause = Cause {
            reason: "ResourceVersionTooLarge",
            message: "Too large resource version".to_owned(),
            field: String::new(),
        };
        Self::plain(504, "Timeout", message).cause(cause).retry_after(1)
    }

    /// The same with one more cause.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.details.get_or_insert_default().causes.push(cause);
        self
    }

    /// The same with the seconds after which to try again.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.details.get_or_insert_default().retry_after_seconds = seconds;
        self
    }

    /// Seconds after which the server wants to be asked again; 0 if it did not say.
    pub fn retry_after_seconds(&self) -> u32 {
        self.details.as_ref().map_or(0, |details| details.retry_after_seconds)
    }

    /// The `Status` object.
    pub fn to_document(&self) -> Document {
        let mut status = ObjectBuilder::new();
        status
            .set("kind", "Status")
            .set("apiVersion", "v1")
            .set("metadata", Document::empty_object())
            .set("status", "Failure")
            .set("message", self.message.as_str());
        if !self.reason.is_empty() {
            status.set("reason", self.reason);
        }
        if let Some(details) = &self.details {
            status.set("details", details.to_document());
        }
        status.set("code", self.code);
        status.build()
    }
}

impl Details {
    fn to_document(&self) -> Document {
        let mut out = ObjectBuilder::new();
        for (name, value) in
            [("name", self.name.as_str()), ("group", self.group), ("kind", &self.kind), ("uid", &self.uid)]
        {
            if !value.is_empty() {
                out.set(name, value);
            }
        }
        if !self.causes.is_empty() {
            out.set("causes", self.causes.iter().map(Cause::to_document).collect::<Document>());
        }
        if self.retry_after_seconds > 0 {
            out.set("retryAfterSeconds", self.retry_after_seconds);
        }
        out.build()
    }
}

impl Cause {
    fn to_document(&self) -> Document {
        let mut out = ObjectBuilder::new();
        for (name, value) in
            [("reason", self.reason), ("message", &self.message), ("field", self.field.as_str())]
        {
            if !value.is_empty() {
                out.set(name, value);
            }
        }
        out.build()
    }
}

/// The `Status` of a request that succeeded and has nothing else to say.
pub(crate) fn success(kind: &Kind, name: &str, uid: &str) -> Document {
    let (name, uid) = (name.to_owned(), uid.to_owned());
    let details =
        Details { name, group: kind.group, kind: kind.plural.to_owned(), uid, ..Details::default() };
    doc!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": (details.to_document())
    })
}
