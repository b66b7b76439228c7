//! Bootstrap tokens: secrets that let a new node in until it has a certificate
//! (`plugin/pkg/auth/authenticator/token/bootstrap`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use winlab_document::Document;

use crate::kinds;
use crate::request::key;
use crate::server::State;

/// The user that a token `id.secret` stands for.
pub(crate) fn user(state: &State, token: &str, now: Timestamp) -> Option<String> {
    let (id, secret) = token.split_once('.')?;
    if !is_part(id, 6) || !is_part(secret, 16) {
        return None;
    }
    let name = key("kube-system", &format!("bootstrap-token-{id}"));
    let stored = state.store.kind(kinds::by_name("", "Secret")).get(&name)?;
    let object = &stored.document;
    let holds = object.text(&["type"]) == "bootstrap.kubernetes.io/token"
        && !crate::meta::is_deleting(object)
        && data(object, "token-id").as_deref() == Some(id)
        && data(object, "token-secret").as_deref() == Some(secret)
        && data(object, "usage-bootstrap-authentication").as_deref() == Some("true");
    let expired = data(object, "expiration").is_some_and(|text| {
        // A time that cannot be read has passed.
        text.parse::<Timestamp>().map_or(true, |expires| expires <= now)
    });
    (holds && !expired).then(|| format!("system:bootstrap:{id}"))
}

fn is_part(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn data(secret: &Document, name: &str) -> Option<String> {
    let encoded = secret.path(&["data", name])?.as_str()?;
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}
