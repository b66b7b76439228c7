//! The token.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::refusal::{Refusal, Refused};

/// Refuses a request without the server's token, if it has one.
pub(super) fn check(headers: &HeaderMap, token: Option<&str>) -> Result<(), Refused> {
    let Some(token) = token else { return Ok(()) };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match given.split_once(' ') {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") && same(given.trim(), token) => Ok(()),
        _ => Err(Refused::new(Refusal::Unauthorized, "`authorization: Bearer <token>` is missing or wrong")),
    }
}

/// Whether both are the same, in a time that does not tell where they differ.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len()
        && given.bytes().zip(token.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::AUTHORIZATION;

    use super::check;

    #[test]
    fn only_the_token_opens() {
        for (given, is_right) in
            [("Bearer abc", true), ("bearer abc", true), ("Bearer abd", false), ("abc", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, given.parse().unwrap());
            assert_eq!(check(&headers, Some("abc")).is_ok(), is_right, "{given}");
        }
        assert!(check(&HeaderMap::new(), Some("abc")).is_err());
        assert!(check(&HeaderMap::new(), None).is_ok());
    }
}
