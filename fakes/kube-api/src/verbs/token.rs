//! `token` of a service account (`pkg/registry/core/serviceaccount/storage/token.go`, `TokenRequest`).

use http::StatusCode;
use jiff::SignedDuration;
use winlab_document::{Document, ObjectBuilder, doc};

use super::Done;
use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::{self, Kind};
use crate::meta;
use crate::request::{Target, key};
use crate::server::State;
use crate::tokens::ISSUER;
use crate::validate::{FieldErrors, FieldPath};

/// What a request gets that does not say how long its token is to hold.
const DEFAULT_SECONDS: i64 = 3600;
const LEAST_SECONDS: i64 = 600;

pub(super) fn request(
    state: &mut State,
    config: &Config,
    target: &Target,
    mut request: Document,
) -> Result<Done, Failure> {
    let kind = target.kind();
    let account = state.store.kind(target.kind).get(&target.key()).cloned();
    let account = account.ok_or_else(|| Failure::not_found(kind, &target.name))?.document.clone();
    let seconds = request.path(&["spec", "expirationSeconds"]).and_then(Document::as_i64);
    let seconds = seconds.unwrap_or(DEFAULT_SECONDS);
    if seconds < LEAST_SECONDS {
        let mut errors = FieldErrors::default();
        let spec = FieldPath::new("spec");
        errors.invalid(
            &spec.child("expirationSeconds"),
            seconds,
            "may not specify a duration less than 10 minutes",
        );
        return Err(Failure::invalid(&TOKEN_REQUEST, "", &errors.into_vec()));
    }
    let audiences = request.path(&["spec", "audiences"]).filter(|audiences| !audiences.items().is_empty());
    let audiences = audiences.cloned().unwrap_or_else(|| [ISSUER].into_iter().collect());
    let bound = request.path(&["spec", "boundObjectRef"]).cloned().unwrap_or_default();
    let bound = bound_object(state, target, &bound)?;
    let now = config.clock.timestamp();
    let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    let claims = Grant { target, uid: meta::text(&account, "uid"), audiences: &audiences, bound };
    let token = state.tokens.sign(&claims.document(now.as_second(), until.as_second(), &mut state.uids));
    request.set("kind", "TokenRequest");
    request.set("apiVersion", "authentication.k8s.io/v1");
    request.set_path(&["metadata", "name"], target.name.as_str());
    request.set_path(&["metadata", "namespace"], target.namespace.as_str());
    request.set_path(&["metadata", "creationTimestamp"], meta::timestamp(now));
    request.set_path(&["spec", "audiences"], audiences);
    request.set_path(&["spec", "expirationSeconds"], seconds);
    request.set("status", doc!({"token": token, "expirationTimestamp": (meta::timestamp(until))}));
    Ok(Done::document(StatusCode::CREATED, &request))
}

/// A token for a service account that is there, bound to nothing, for a year: what a kubeconfig holds.
pub(crate) fn standing(state: &mut State, config: &Config, namespace: &str, name: &str) -> Option<String> {
    let target = Target {
        kind: kinds::by_name("", "ServiceAccount"),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource: String::new(),
    };
    let account = state.store.kind(target.kind).get(&target.key())?.document.clone();
    let audiences: Document = [ISSUER].into_iter().collect();
    let grant =
        Grant { target: &target, uid: meta::text(&account, "uid"), audiences: &audiences, bound: None };
    let now = config.clock.timestamp().as_second();
    Some(state.tokens.sign(&grant.document(now, now + 365 * 86_400, &mut state.uids)))
}

/// What a token is for.
struct Grant<'a> {
    target: &'a Target,
    uid: &'a str,
    audiences: &'a Document,
    bound: Option<(&'static str, Document)>,
}

impl Grant<'_> {
    fn document(&self, now: i64, until: i64, uids: &mut winlab_clock::Rng) -> Document {
        let (namespace, name) = (self.target.namespace.as_str(), self.target.name.as_str());
        let mut about = ObjectBuilder::new();
        about.set("namespace", namespace);
        if let Some((kind, object)) = &self.bound {
            about.set(*kind, object.clone());
        }
        about.set("serviceaccount", doc!({"name": name, "uid": (self.uid)}));
        doc!({
            "aud": (self.audiences.clone()), "exp": until, "iat": now, "iss": ISSUER,
            "jti": (meta::uid(uids)), "kubernetes.io": (about.build()), "nbf": now,
            "sub": (format!("system:serviceaccount:{namespace}:{name}"))
        })
    }
}

/// The pod, secret or node a token is bound to, as its claim.
fn bound_object(
    state: &State,
    target: &Target,
    reference: &Document,
) -> Result<Option<(&'static str, Document)>, Failure> {
    let (kind, claim) = match reference.text(&["kind"]) {
        "" => return Ok(None),
        "Pod" => ("Pod", "pod"),
        "Secret" => ("Secret", "secret"),
        "Node" => ("Node", "node"),
        other => {
            return Err(Failure::bad_request(format!("cannot bind token to object of type {other}")));
        }
    };
    let id = kinds::by_name("", kind);
    let kind = &kinds::KINDS[id];
    let name = reference.text(&["name"]);
    let namespace = if kind.namespaced { target.namespace.as_str() } else { "" };
    let stored = state.store.kind(id).get(&key(namespace, name)).cloned();
    let object = stored.ok_or_else(|| Failure::not_found(kind, name))?.document.clone();
    let (asked, uid) = (reference.text(&["uid"]), meta::text(&object, "uid"));
    if !asked.is_empty() && asked != uid {
        let why = format!(
            "the UID in the bound object reference ({asked}) does not match the UID in record. The object might have been deleted and then recreated"
        );
        return Err(Failure::conflict(kind, name, &why));
    }
    if claim == "pod" && object.text(&["spec", "serviceAccountName"]) != target.name {
        return Err(Failure::bad_request(format!(
            "cannot bind token for serviceaccount {:?} to pod running with different serviceaccount name.",
            target.name
        )));
    }
    Ok(Some((claim, doc!({"name": name, "uid": uid}))))
}

/// For messages only: the kind is not stored.
static TOKEN_REQUEST: Kind = kinds::unstored("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests");
