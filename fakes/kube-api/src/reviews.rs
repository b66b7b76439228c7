//! Reviews: objects that are questions and never stored (`authentication.k8s.io` and `authorization.k8s.io`).
//!
//! Nobody is refused here: there is no authorizer, and questions about access are answered with yes. The one exception is
//! a question that is asked in place of a person's decision: whose certificates are approved by themselves (`bindings`).

use http::StatusCode;
use winlab_document::{Document, doc};

use crate::bindings;
use crate::caller::{AUTHENTICATED, Caller, implied_groups};
use crate::failure::Failure;
use crate::server::ApiServer;
use crate::service::Call;

/// A kind of review.
#[derive(Debug)]
pub(crate) struct Review {
    pub(crate) group: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
}

const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

const fn review(group: &'static str, kind: &'static str, plural: &'static str) -> Review {
    Review { group, kind, plural, namespaced: false }
}

/// Every review that is answered, all of version `v1`.
pub(crate) const REVIEWS: &[Review] = &[
    review(AUTHENTICATION, "TokenReview", "tokenreviews"),
    review(AUTHENTICATION, "SelfSubjectReview", "selfsubjectreviews"),
    review(AUTHORIZATION, "SubjectAccessReview", "subjectaccessreviews"),
    review(AUTHORIZATION, "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
    review(AUTHORIZATION, "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
    Review {
        group: AUTHORIZATION,
        kind: "LocalSubjectAccessReview",
        plural: "localsubjectaccessreviews",
        namespaced: true,
    },
];

/// The review that a path leads to.
pub(crate) fn route(path: &str) -> Option<&'static Review> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, plural, namespaced) = match segments.as_slice() {
        ["apis", group, "v1", plural] => (*group, *plural, false),
        ["apis", group, "v1", "namespaces", _, plural] => (*group, *plural, true),
        _ => return None,
    };
    REVIEWS.iter().find(|one| one.group == group && one.plural == plural && one.namespaced == namespaced)
}

/// Answers a review.
pub(crate) fn answer(
    server: &ApiServer,
    caller: &Caller,
    review: &Review,
    call: &Call,
) -> Result<(StatusCode, Document), Failure> {
    if call.parts.method != http::Method::POST {
        return Err(Failure::method_not_allowed());
    }
    let mut object = crate::verbs::body(call)?;
    let status = match review.kind {
        "TokenReview" => token_review(server, object.text(&["spec", "token"])),
        "SelfSubjectReview" => doc!({"userInfo": (user_info(&caller.identity.user, &caller.groups))}),
        "SelfSubjectRulesReview" => doc!({
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": false
        }),
        _ => access(server, caller, &object),
    };
    object.set("kind", review.kind);
    object.set("apiVersion", format!("{}/v1", review.group));
    if object.get("metadata").is_none() {
        object.set("metadata", doc!({"creationTimestamp": null}));
    }
    object.set("status", status);
    Ok((StatusCode::CREATED, object))
}

/// Answers a question about access: of the user it names, or of whoever asks.
fn access(server: &ApiServer, caller: &Caller, review: &Document) -> Document {
    let asked = |name: &str| review.text(&["spec", "resourceAttributes", name]);
    if let Some(role) = bindings::approval_role(asked("group"), asked("resource"), asked("subresource")) {
        let (user, groups) = match review.text(&["spec", "user"]) {
            "" => (caller.identity.user.clone(), caller.groups.clone()),
            user => {
                let groups = review.path(&["spec", "groups"]).map(Document::items).unwrap_or_default();
                (user.to_owned(), groups.iter().filter_map(Document::as_str).map(str::to_owned).collect())
            }
        };
        return doc!({"allowed": (bindings::bound(&server.state(), role, &user, &groups))});
    }
    doc!({"allowed": true, "reason": "this API server has no authorizer: everybody may do everything"})
}

fn token_review(server: &ApiServer, token: &str) -> Document {
    match server.user_of_token(token) {
        Some(user) => {
            let mut groups = implied_groups(&user);
            groups.push(AUTHENTICATED.to_owned());
            doc!({"authenticated": true, "user": (user_info(&user, &groups)), "audiences": [(crate::tokens::ISSUER)]})
        }
        None => doc!({"authenticated": false, "error": "invalid bearer token"}),
    }
}

fn user_info(user: &str, groups: &[String]) -> Document {
    doc!({"username": user, "groups": (groups.iter().map(String::as_str).collect::<Document>())})
}

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn a_review_is_found_by_its_path() {
        let kind = |path: &str| route(path).map(|review| review.kind);
        let local = "/apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews";
        assert_eq!(kind(local), Some("LocalSubjectAccessReview"));
        let own = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert_eq!(kind(own), Some("SelfSubjectAccessReview"));
        assert_eq!(kind("/apis/authorization.k8s.io/v1/localsubjectaccessreviews"), None);
    }
}
