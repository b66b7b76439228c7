//! Field selectors: `spec.nodeName=win1,status.phase!=Failed`. Grammar of apimachinery's `pkg/fields/selector.go`.

use winlab_document::Document;

use crate::kinds::Kind;

/// A conjunction of terms; without any, everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    equal: bool,
    value: String,
}

impl FieldSelector {
    /// Reads the query form for a kind.
    ///
    /// # Errors
    /// What is wrong with it, for people: a bad term, or a field that cannot be selected by.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        for term in split(text) {
            let term = parse_term(&term)
                .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
            let known = term.field == "metadata.name"
                || (kind.namespaced && term.field == "metadata.namespace")
                || kind.selectable.contains(&term.field.as_str());
            if !known {
                return Err(match kind.kind {
                    "Pod"
                    | "Node"
                    | "Namespace"
                    | "Service"
                    | "Event"
                    | "Secret"
                    | "ReplicationController" => {
                        format!("field label not supported: {}", term.field)
                    }
                    _ => format!(
                        "{:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
                        term.field
                    ),
                });
            }
            terms.push(term);
        }
        Ok(Self(terms))
    }

    /// The value that `field` must have, if one is asked for.
    pub fn required(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|term| term.equal && term.field == field).map(|term| term.value.as_str())
    }

    /// Whether everything matches.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object matches.
    pub fn matches(&self, object: &Document) -> bool {
        self.0.iter().all(|term| field_is(object, &term.field, &term.value) == term.equal)
    }
}

/// Whether a field has this value, in the text form that selectors compare.
fn field_is(object: &Document, field: &str, value: &str) -> bool {
    let found = field.split('.').try_fold(object, |at, name| at.get(name));
    match found {
        None | Some(Document::Null) => match field {
            // Booleans are compared by their text, and an unset one is false.
            "spec.unschedulable" | "spec.hostNetwork" => value == "false",
            "status.replicas" | "status.successful" => value == "0",
            _ => value.is_empty(),
        },
        Some(Document::String(text)) => **text == *value,
        // Events are selected by `source`, which stands for its component.
        Some(source @ Document::Object(_)) => source.text(&["component"]) == value,
        Some(other) => other.to_string() == value,
    }
}

/// The value of an index field.
pub(crate) fn index_value<'a>(object: &'a Document, field: &str) -> &'a str {
    field.split('.').try_fold(object, |at, name| at.get(name)).and_then(Document::as_str).unwrap_or_default()
}

/// Splits at commas that are not escaped, and leaves escapes in.
fn split(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            terms.push(String::new());
        } else if let Some(term) = terms.last_mut() {
            term.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    terms.retain(|term| !term.is_empty());
    terms
}

fn parse_term(term: &str) -> Option<Term> {
    let at = term.find(['=', '!'])?;
    let (field, rest) = term.split_at(at);
    let (equal, value) = match rest {
        _ if rest.starts_with("!=") => (false, &rest[2..]),
        _ if rest.starts_with("==") => (true, &rest[2..]),
        _ if rest.starts_with('=') => (true, &rest[1..]),
        _ => return None,
    };
    Some(Term { field: field.trim().to_owned(), equal, value: unescape(value)? })
}

/// `\\`, `\,` and `\=` stand for themselves; any other use of those characters is an error.
fn unescape(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|next| matches!(next, '\\' | ',' | '='))?),
            '=' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::FieldSelector;
    use crate::kinds::{KINDS, by_name};

    fn matches(selector: &str) -> bool {
        let pod = doc!({"metadata": {"name": "p"}, "spec": {"nodeName": "win1", "hostNetwork": true}});
        FieldSelector::parse(&KINDS[by_name("", "Pod")], selector).unwrap().matches(&pod)
    }

    #[test]
    fn terms() {
        for selector in [
            "",
            "spec.nodeName=win1",
            "metadata.name==p,spec.nodeName!=",
            "status.phase=",
            "spec.hostNetwork=true",
        ] {
            assert!(matches(selector), "{selector} should match");
        }
        for selector in
            ["spec.nodeName=", "metadata.name!=p", "status.phase=Running", "spec.hostNetwork=false"]
        {
            assert!(!matches(selector), "{selector} should not match");
        }
    }

    #[test]
    fn escapes() {
        let selector = FieldSelector::parse(&KINDS[by_name("", "Pod")], r"metadata.name=a\,b\=c\\").unwrap();
        assert!(selector.matches(&doc!({"metadata": {"name": r"a,b=c\"}})));
    }

    #[test]
    fn unknown_fields_are_named() {
        let error = FieldSelector::parse(&KINDS[by_name("", "Pod")], "spec.foo=x").unwrap_err();
        assert_eq!(error, "field label not supported: spec.foo");
        assert!(FieldSelector::parse(&KINDS[by_name("", "Pod")], "spec.nodeName").is_err());
    }
}
