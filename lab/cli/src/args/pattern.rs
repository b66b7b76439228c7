//! Patterns for names.

use std::convert::Infallible;
use std::str::FromStr;

/// A pattern for a name: a part of it, the whole of it with `=` in front, or with `*` for any run of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The name contains this.
    Part(String),
    /// The name is this.
    Whole(String),
    /// The name is made of these, in this order, with anything between.
    Parts(Vec<String>),
}

impl FromStr for Pattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix('=') {
            Some(whole) => Self::Whole(whole.to_owned()),
            None if text.contains('*') => Self::Parts(text.split('*').map(str::to_owned).collect()),
            None => Self::Part(text.to_owned()),
        })
    }
}

impl Pattern {
    /// Whether the name fits.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Part(part) => name.contains(part),
            Self::Whole(whole) => name == whole,
            Self::Parts(parts) => matches_parts(parts, name),
        }
    }
}

fn matches_parts(parts: &[String], name: &str) -> bool {
    let [first, middle @ .., last] = parts else { return false };
    let Some(mut rest) = name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
    else {
        return false;
    };
    // The leftmost place for each part leaves the most for those after it.
    middle.iter().all(|part| match rest.find(part.as_str()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let name = "join-basic[kube=v1.36.1,windows=ltsc2022]";
        let matches = |pattern: &str| Pattern::from_str(pattern).unwrap().matches(name);
        for pattern in [
            "basic",
            "kube=v1.36.1",
            "join-basic[kube=v1.36.1,windows=ltsc2022]",
            "=join-basic[kube=v1.36.1,windows=ltsc2022]",
            "*",
            "join*",
            "*ltsc2022]",
            "join*v1.36*ltsc*",
            "",
        ] {
            assert!(matches(pattern), "{pattern}");
        }
        for pattern in ["=join-basic", "basic*", "*basic", "join*ltsc*kube*", "JOIN", "join-basic[*[*]"] {
            assert!(!matches(pattern), "{pattern}");
        }
        assert!(!Pattern::from_str("aa*aa").unwrap().matches("aaa"));
    }
}
