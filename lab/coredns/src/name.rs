//! Domain names as text.

/// Lower case, without the last dot.
pub(crate) fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// What stands before a zone in a name: empty for the zone itself, none for names outside.
pub(crate) fn within<'a>(name: &'a str, zone: &str) -> Option<&'a str> {
    let rest = name.strip_suffix(zone)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_suffix('.') }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn zones_end_at_dots() {
        assert_eq!(within("web.default.svc.cluster.local", "cluster.local"), Some("web.default.svc"));
        assert_eq!(within("cluster.local", "cluster.local"), Some(""));
        assert_eq!(within("mycluster.local", "cluster.local"), None);
    }
}
