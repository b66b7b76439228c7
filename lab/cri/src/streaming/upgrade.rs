//! Which protocol a client wants to change to.

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, StatusCode};

/// The header that names SPDY's subprotocols.
pub(super) const PROTOCOL_VERSION: &str = "x-stream-protocol-version";
/// The header that tells which ones there are.
pub(super) const ACCEPTED_VERSIONS: &str = "x-accepted-stream-protocol-versions";

/// What is wrong with a request for another protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoUpgrade {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

/// The protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    WebSocket,
    Spdy,
}

/// As upstream tells them apart: `Connection` holds `upgrade`, `Upgrade` names the protocol.
pub(super) fn kind(headers: &HeaderMap) -> Result<Kind, NoUpgrade> {
    let upgrades = words(headers, CONNECTION.as_str()).any(|word| word.eq_ignore_ascii_case("upgrade"));
    let wanted: Vec<&str> = words(headers, UPGRADE.as_str()).collect();
    if upgrades && wanted.iter().any(|word| word.eq_ignore_ascii_case("websocket")) {
        Ok(Kind::WebSocket)
    } else if upgrades && wanted.iter().any(|word| word.eq_ignore_ascii_case("spdy/3.1")) {
        Ok(Kind::Spdy)
    } else {
        Err(NoUpgrade {
            status: StatusCode::BAD_REQUEST,
            text: "unable to upgrade: missing upgrade headers in request".to_owned(),
        })
    }
}

/// The first of a client's subprotocols that is spoken here. A client that names none gets none.
pub(super) fn negotiate<'a>(
    headers: &HeaderMap,
    header: &str,
    known: &'a [&'static str],
) -> Result<Option<&'a str>, NoUpgrade> {
    let wanted: Vec<&str> = words(headers, header).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let found = wanted.iter().find_map(|word| known.iter().find(|known| *known == word));
    found.map(|found| Some(*found)).ok_or_else(|| NoUpgrade {
        status: StatusCode::FORBIDDEN,
        text: format!(
            "unable to upgrade: unable to negotiate protocol: client supports [{}], server accepts [{}]",
            wanted.join(" "),
            known.join(" ")
        ),
    })
}

/// The words of a header that may stand several times, with commas in between.
fn words<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Kind, kind, negotiate};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn both_protocols_are_told_apart() {
        let spdy = headers(&[("connection", "Keep-Alive, Upgrade"), ("upgrade", "SPDY/3.1")]);
        assert_eq!(kind(&spdy), Ok(Kind::Spdy));
        let websocket = headers(&[("connection", "upgrade"), ("upgrade", "websocket")]);
        assert_eq!(kind(&websocket), Ok(Kind::WebSocket));
        assert!(kind(&headers(&[("upgrade", "websocket")])).is_err());
        assert!(kind(&headers(&[("connection", "upgrade"), ("upgrade", "h2c")])).is_err());
    }

    #[test]
    fn the_clients_order_decides() {
        let known = ["v5", "v4"];
        let wants =
            |text| negotiate(&headers(&[("p", text)]), "p", &known).map(|found| found.map(str::to_owned));
        assert_eq!(wants("v4, v5").unwrap().as_deref(), Some("v4"));
        assert_eq!(wants("v3,v5").unwrap().as_deref(), Some("v5"));
        assert!(wants("v1").unwrap_err().text.contains("client supports [v1], server accepts [v5 v4]"));
        assert_eq!(negotiate(&HeaderMap::new(), "p", &known), Ok(None));
    }
}
