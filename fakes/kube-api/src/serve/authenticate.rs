//! Who a request is from: by client certificate or bearer token, else nobody.

use http::{HeaderMap, Request, header};
use winlab_pki::Subject;

use crate::caller::{Caller, implied_groups};
use crate::failure::Failure;
use crate::server::ApiServer;

/// The caller, or why the request goes no further.
pub(super) fn caller<B>(
    server: &ApiServer,
    subject: Option<&Subject>,
    request: &Request<B>,
) -> Result<Caller, Failure> {
    let headers = request.headers();
    if let Some(subject) = subject {
        return Ok(Caller::remote(subject.user.clone(), subject.groups.clone(), headers));
    }
    if let Some(token) = bearer(headers) {
        let user = server.user_of_token(token).ok_or_else(Failure::unauthorized)?;
        let groups = implied_groups(&user);
        return Ok(Caller::remote(user, groups, headers));
    }
    let caller = Caller::anonymous(headers);
    let path = request.uri().path();
    if is_public(path) {
        Ok(caller)
    } else {
        Err(Failure::forbidden_path(&caller.identity.user, &verb(request), path))
    }
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

/// What everybody may ask (`system:public-info-viewer`).
fn is_public(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "/healthz" | "/livez" | "/readyz" | "/version")
        || ["/livez/", "/readyz/"].iter().any(|prefix| path.starts_with(prefix))
}

/// The verb of a request outside the resources: its method.
fn verb<B>(request: &Request<B>) -> String {
    request.method().as_str().to_lowercase()
}
