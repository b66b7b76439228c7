//! Query parameters.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::failure::Failure;

/// The parameters of a request, decoded, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decode(name, true), percent_decode(value, true))
                })
                .collect(),
        )
    }

    /// The value; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Changes the values of a parameter.
    pub(crate) fn rewrite(&mut self, name: &str, change: impl Fn(&str) -> String) {
        for (_, value) in self.0.iter_mut().filter(|(known, _)| known == name) {
            *value = change(value);
        }
    }

    /// All parameters, in their order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether it is there and true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "true" | "1")
    }

    /// The number, if it is there.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"))
            }),
        }
    }

    /// The resource version, if it is there.
    pub(crate) fn version(&self, name: &str) -> Result<Option<u64>, String> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                format!(
                    "{name}: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
                )
            }),
        }
    }

    /// Whether nothing is to be kept of the write.
    pub(crate) fn dry_run(&self) -> Result<bool, Failure> {
        match self.text("dryRun") {
            "" => Ok(false),
            "All" => Ok(true),
            other => Err(Failure::bad_request(format!(
                "Invalid value: [{other:?}]: dryRun: Unsupported value: {other:?}: supported values: \"All\""
            ))),
        }
    }
}

/// Parameters as the text of a query.
pub(crate) fn query_text(pairs: impl Iterator<Item = (String, String)>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    pairs.map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect::<Vec<_>>().join("&")
}

/// Undoes percent-encoding; in queries a plus is a space.
pub(crate) fn percent_decode(text: &str, plus: bool) -> String {
    let encoded = text.contains('%') || (plus && text.contains('+'));
    if !encoded {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [a, b, tail @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                bytes.push(hex(*a) * 16 + hex(*b));
                rest = tail;
            }
            (b'+', _) if plus => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn values_are_decoded() {
        let params = Params::parse(Some("labelSelector=app%3Dweb%2Ctier+in+%28a%29&watch=true&limit=x"));
        assert_eq!(params.text("labelSelector"), "app=web,tier in (a)");
        assert!(params.flag("watch") && !params.flag("follow"));
        assert!(params.number("limit").is_err());
        assert_eq!(params.number("none").unwrap(), None);
    }
}
