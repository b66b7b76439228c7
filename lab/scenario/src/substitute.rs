//! Axes and inputs: `$net`, `${net}` and `$$` in plain scalars.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind, Style};

/// Puts values in for their names; names that are met are noted in `used`. Places stay those of the names.
pub(crate) fn substitute(
    node: &Node,
    values: &BTreeMap<String, String>,
    used: &mut BTreeSet<String>,
    problems: &mut Vec<Diagnostic>,
) -> Node {
    let kind = match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } if text.contains('$') => {
            let text = replace(node, text, values, used, problems);
            NodeKind::Scalar { text, style: Style::Plain }
        }
        NodeKind::Scalar { .. } => return node.clone(),
        NodeKind::Sequence(items) => {
            NodeKind::Sequence(items.iter().map(|item| substitute(item, values, used, problems)).collect())
        }
        NodeKind::Mapping(members) => NodeKind::Mapping(
            members
                .iter()
                .map(|(key, span, value)| (key.clone(), *span, substitute(value, values, used, problems)))
                .collect(),
        ),
    };
    Node { span: node.span, kind }
}

fn replace(
    node: &Node,
    text: &str,
    values: &BTreeMap<String, String>,
    used: &mut BTreeSet<String>,
    problems: &mut Vec<Diagnostic>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let offset = text.len() - rest.len() + at;
        let behind = &rest[at + 1..];
        if let Some(tail) = behind.strip_prefix('$') {
            out.push('$');
            rest = tail;
            continue;
        }
        let (name, taken) = name_in(behind);
        if name.is_empty() {
            out.push('$');
            rest = behind;
            continue;
        }
        match values.get(name) {
            Some(value) => {
                used.insert(name.to_owned());
                out.push_str(value);
            }
            None => {
                let span = node.span.part(offset, offset + 1 + taken);
                let near = did_you_mean(name, values.keys().map(String::as_str));
                let hint = near.map_or_else(
                    || {
                        "axes are declared under `matrix.axes`; put the text in quotes to keep a `$`"
                            .to_owned()
                    },
                    |near| format!("did you mean `${near}`?"),
                );
                problems.push(
                    Diagnostic::error("unknown-axis", span, format!("there is no axis or input `{name}`"))
                        .hint(hint),
                );
            }
        }
        rest = &behind[taken..];
    }
    out.push_str(rest);
    out
}

/// The name at the start of `text`, bare or in braces, and how many bytes it takes.
fn name_in(text: &str) -> (&str, usize) {
    if let Some(inner) = text.strip_prefix('{') {
        return inner.find('}').map_or(("", 0), |end| (&inner[..end], end + 2));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let name = text[..end].trim_end_matches('-');
    (name, name.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::substitute;
    use crate::source::FileId;
    use crate::yaml::parse;

    #[test]
    fn plain_scalars_only_and_dollars_can_be_kept() {
        let text = "[$net, 'x $net', cost $$5, $nett, $]\n---\na-${net}-b";
        let nodes = parse(FileId::SCENARIO, text).unwrap();
        let values = [("net".to_owned(), "overlay".to_owned())].into();
        let (mut used, mut problems) = (BTreeSet::new(), Vec::new());
        let done = substitute(&nodes[0], &values, &mut used, &mut problems);
        assert_eq!(done.to_document().to_string(), r#"["overlay","x $net","cost $5",null,"$"]"#);
        let done = substitute(&nodes[1], &values, &mut used, &mut Vec::new());
        assert_eq!(done.text(), Some("a-overlay-b"));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].hint.as_deref(), Some("did you mean `$net`?"));
        assert!(used.contains("net"));
    }
}
