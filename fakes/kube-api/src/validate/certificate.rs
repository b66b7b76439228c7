//! Certificate signing requests (`pkg/apis/certificates/validation/validation.go`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use winlab_document::Document;
use winlab_pki::Usage;

use super::{FieldErrors, FieldPath};
use crate::certificates::{conditions, request};
use crate::config::Profile;
use crate::kinds::Subresource;

static SPEC: FieldPath<'static> = FieldPath::new("spec");
static STATUS: FieldPath<'static> = FieldPath::new("status");
static CONDITIONS: FieldPath<'static> = STATUS.child("conditions");
/// What v1 no longer takes.
const LEGACY_SIGNER: &str = "kubernetes.io/legacy-unknown";
const LEAST_SECONDS: i64 = 600;

/// Checks a request.
pub(crate) fn signing_request(object: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    if let Err(error) = request(object) {
        errors.invalid(&SPEC.child("request"), object.text(&["spec", "request"]), error.to_string());
    }
    usages(object, errors);
    signer(object.text(&["spec", "signerName"]), errors);
    let seconds = object.path(&["spec", "expirationSeconds"]).and_then(Document::as_i64);
    if let Some(seconds) = seconds.filter(|seconds| *seconds < LEAST_SECONDS) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        errors.invalid(&SPEC.child("expirationSeconds"), seconds, detail);
    }
    check_conditions(object, errors);
    if let Some(detail) = certificate_problem(object.text(&["status", "certificate"])) {
        errors.invalid(&STATUS.child("certificate"), "<certificate data>", detail);
    }
}

fn usages(object: &Document, errors: &mut FieldErrors) {
    let path = SPEC.child("usages");
    let usages = object.path(&["spec", "usages"]).map(Document::items).unwrap_or_default();
    if usages.is_empty() {
        errors.required(&path, "");
    }
    let known: Vec<&str> = Usage::all().iter().map(|usage| usage.name).collect();
    for (at, usage) in usages.iter().enumerate() {
        let usage = usage.as_str().unwrap_or_default();
        if !known.contains(&usage) {
            errors.not_supported(&path.index(at), usage, &known);
        }
    }
    for (at, usage) in usages.iter().enumerate() {
        if usages[..at].contains(usage) {
            errors.duplicate(&path.index(at), usage.clone());
        }
    }
}

/// `ValidateSignerName`: a domain with a dot, and a path of one part.
fn signer(name: &str, errors: &mut FieldErrors) {
    let path = SPEC.child("signerName");
    if name == LEGACY_SIGNER {
        errors.invalid(&path, name, "the legacy signerName is not allowed via this API version");
        return;
    }
    if name.is_empty() {
        errors.required(&path, "");
        return;
    }
    let parts: Vec<&str> = name.split('/').collect();
    let [domain, part] = parts.as_slice() else {
        errors.invalid(
            &path,
            name,
            "must be a fully qualified domain and path of the form 'example.com/signer-name'",
        );
        return;
    };
    if let Some(problem) = super::name::dns_subdomain_problem(domain) {
        errors.invalid(&path, *domain, format!("validating label {domain:?}: {problem}"));
    } else if !domain.contains('.') {
        errors.invalid(&path, *domain, "should be a domain with at least two segments separated by dots");
    }
    if part.is_empty() {
        errors.invalid(&path, *part, "validating label \"\": must be a path of one part or more");
    }
}

fn check_conditions(object: &Document, errors: &mut FieldErrors) {
    const TRUE_ONLY: [&str; 3] = ["Approved", "Denied", "Failed"];
    let all = conditions(object);
    for (at, condition) in all.iter().enumerate() {
        let path = CONDITIONS.index(at);
        let kind = condition.text(&["type"]);
        if kind.is_empty() {
            errors.required(&path.child("type"), "");
        }
        let allowed: &[&str] =
            if TRUE_ONLY.contains(&kind) { &["True"] } else { &["False", "True", "Unknown"] };
        match condition.text(&["status"]) {
            "" => errors.required(&path.child("status"), ""),
            status if !allowed.contains(&status) => {
                errors.not_supported(&path.child("status"), status, allowed);
            }
            _ => {}
        }
        let earlier = |kind: &str| all[..at].iter().any(|other| other.text(&["type"]) == kind);
        let contradicts =
            (kind == "Approved" && earlier("Denied")) || (kind == "Denied" && earlier("Approved"));
        if contradicts {
            errors.invalid(&CONDITIONS, kind, "Approved and Denied conditions are mutually exclusive");
        }
        if earlier(kind) {
            errors.duplicate(&path.child("type"), kind);
        }
    }
}

fn certificate_problem(encoded: &str) -> Option<&'static str> {
    if encoded.is_empty() {
        return None;
    }
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    let has = String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----");
    (!has).then_some("must contain at least one CERTIFICATE PEM block")
}

/// What a write through this path may not do to the decision and the certificate.
pub(crate) fn signing_request_update(
    object: &Document,
    old: &Document,
    part: Option<Subresource>,
    errors: &mut FieldErrors,
) {
    let of = |object: &Document, kind: &str| -> Vec<Document> {
        conditions(object).iter().filter(|one| one.text(&["type"]) == kind).cloned().collect()
    };
    for kind in ["Approved", "Denied", "Failed"] {
        if of(object, kind).len() < of(old, kind).len() {
            errors.forbidden(&CONDITIONS, format!("updates may not remove a condition of type {kind:?}"));
        }
    }
    if part != Some(Subresource::Approval) {
        for kind in ["Approved", "Denied"] {
            let (new, old) = (of(object, kind), of(old, kind));
            if new.len() > old.len() {
                errors.forbidden(&CONDITIONS, format!("updates may not add a condition of type {kind:?}"));
            } else if new.len() == old.len() && new != old {
                errors.forbidden(&CONDITIONS, format!("updates may not modify a condition of type {kind:?}"));
            }
        }
    }
    let (new, old) = (object.text(&["status", "certificate"]), old.text(&["status", "certificate"]));
    if new != old {
        let path = STATUS.child("certificate");
        if part != Some(Subresource::Status) {
            errors.forbidden(&path, "updates may not set certificate content");
        } else if !old.is_empty() {
            errors.forbidden(&path, "updates may not modify existing certificate content");
        }
    }
}
