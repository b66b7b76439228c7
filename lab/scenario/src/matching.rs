//! Is one document a part of another, and where not.

use winlab_document::Document;

use crate::span::Span;
use crate::yaml::{Node, NodeKind, Style};

/// The first place at which a document is not as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The path to it: `status.readyReplicas`, `spec.ports[0].port`.
    pub path: String,
    /// Where the expectation was written.
    pub span: Span,
    /// What should be there.
    pub expected: Document,
    /// What is there; none: nothing.
    pub actual: Option<Document>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() { "the value" } else { &self.path };
        match &self.actual {
            Some(actual) => write!(f, "{path}: expected {}, found {}", brief(&self.expected), brief(actual)),
            None => write!(f, "{path}: expected {}, there is nothing", brief(&self.expected)),
        }
    }
}

/// A document in at most about a line.
fn brief(document: &Document) -> String {
    let text = document.to_string();
    match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// The first place where `actual` is not what `expected` says; none: everything expected is there. Objects are
/// compared by the expected members, lists item by item, a null means "not there".
#[must_use]
pub fn difference(expected: &Node, actual: &Document) -> Option<Difference> {
    differ(expected, Some(actual), String::new())
}

fn differ(expected: &Node, actual: Option<&Document>, path: String) -> Option<Difference> {
    let differs = |path: String| {
        Some(Difference {
            path,
            span: expected.span,
            expected: expected.to_document(),
            actual: actual.cloned(),
        })
    };
    if expected.is_null() {
        return if actual.is_none_or(Document::is_null) { None } else { differs(path) };
    }
    let Some(found) = actual else { return differs(path) };
    match &expected.kind {
        NodeKind::Mapping(members) => {
            if !found.is_object() {
                return differs(path);
            }
            members.iter().find_map(|(key, _, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differ(value, found.get(key), path)
            })
        }
        NodeKind::Sequence(items) => {
            if !found.is_array() || items.len() != found.items().len() {
                return differs(path);
            }
            let pairs = items.iter().zip(found.items()).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (item, found))| differ(item, Some(found), format!("{path}[{at}]")))
        }
        NodeKind::Scalar { text, style } => {
            let same = *found == expected.to_document()
                // A number in the file also stands for a text that reads the same: `nodePort: 30080`, `"1.40"`.
                || (*style == Style::Plain && found.as_str() == Some(text.as_str()))
                || same_number(&expected.to_document(), found);
            if same { None } else { differs(path) }
        }
    }
}

fn same_number(a: &Document, b: &Document) -> bool {
    let (Some(a), Some(b)) = (a.as_number(), b.as_number()) else { return false };
    a.as_f64().total_cmp(&b.as_f64()).is_eq()
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::difference;
    use crate::source::FileId;
    use crate::yaml::parse;

    #[test]
    fn the_first_difference_has_its_path() {
        let actual = doc!({"status": {"readyReplicas": 1, "text": "1.40"}, "list": [{"a": 1, "b": 2}]});
        for (expected, message) in [
            ("{status: {readyReplicas: 1}}", None),
            ("{list: [{a: 1}]}", None),
            ("{status: {text: 1.40}}", None),
            ("{nothing: null}", None),
            ("{status: {readyReplicas: 2}}", Some("status.readyReplicas: expected 2, found 1")),
            ("{list: []}", Some("list: expected [], found [{\"a\":1,\"b\":2}]")),
            ("{list: [{a: 2}]}", Some("list[0].a: expected 2, found 1")),
            ("{status: {unready: 0}}", Some("status.unready: expected 0, there is nothing")),
        ] {
            let node = &parse(FileId::SCENARIO, expected, &mut Vec::new()).unwrap()[0];
            let found = difference(node, &actual).map(|difference| difference.to_string());
            assert_eq!(found.as_deref(), message, "{expected}");
        }
    }
}
