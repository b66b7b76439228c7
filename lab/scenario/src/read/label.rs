//! Labels and taints of nodes: what the API server takes (apimachinery, `pkg/util/validation`).

/// What is wrong with a label's key, if anything.
pub(super) fn bad_key(key: &str) -> Option<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    match prefix {
        Some(prefix) if !is_subdomain(prefix) => Some(format!("its prefix `{prefix}` is no DNS name")),
        _ if !is_name(name) => Some(OF_NAME.to_owned()),
        _ => None,
    }
}

/// What is wrong with a label's value, if anything.
pub(super) fn bad_value(value: &str) -> Option<String> {
    (!value.is_empty() && !is_name(value)).then(|| OF_NAME.to_owned())
}

const OF_NAME: &str = "letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at either end";

fn is_name(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.starts_with(ends)
        && text.ends_with(ends)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn is_subdomain(text: &str) -> bool {
    let is_label = |label: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        label.starts_with(ends) && label.ends_with(ends) && label.chars().all(|c| ends(c) || c == '-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::{bad_key, bad_value};

    #[test]
    fn keys_and_values_are_those_of_kubernetes() {
        for good in ["zone", "example.com/Zone_1", "kubernetes.io/os", "a.b-c"] {
            assert_eq!(bad_key(good), None, "{good}");
        }
        for bad in ["", "a b", "-a", "a/", "/a", "Example.com/a", "a/b/c", &"x".repeat(64)] {
            assert!(bad_key(bad).is_some(), "{bad}");
        }
        assert_eq!((bad_value(""), bad_value("v1.0")), (None, None));
        assert!(bad_value("c d").is_some() && bad_value("a.").is_some());
    }
}
