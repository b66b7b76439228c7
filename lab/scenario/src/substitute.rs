//! Axes and inputs: `$net`, `${net}` and `$$` in plain scalars.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::span::{Span, Spanned};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind, Style};

/// Values by name, with where each was written; a name without a value is one whose value has been refused.
pub(crate) type Values = BTreeMap<String, Option<Spanned<String>>>;

/// Puts values in for their names, and remembers where.
pub(crate) struct Substitution<'v> {
    values: &'v Values,
    /// Whether names are unknown because what declares them could not be read.
    tolerant: bool,
    /// Names that were met.
    pub(crate) used: BTreeSet<String>,
    /// Where values were put in.
    pub(crate) origins: Origins,
}

/// Where values were put in: what is wrong there is the value's fault, or that of its lack.
#[derive(Default)]
pub(crate) struct Origins {
    /// Scalars that values were put into, each with the name and the place of a value.
    known: Vec<(Span, String, Span)>,
    /// Scalars with a name that has no value: that has been told, and what follows from it is noise.
    failed: Vec<Span>,
}

impl<'v> Substitution<'v> {
    pub(crate) fn new(values: &'v Values, tolerant: bool) -> Self {
        Self { values, tolerant, used: BTreeSet::new(), origins: Origins::default() }
    }

    /// The tree with the values in it. Places stay those of the names.
    pub(crate) fn apply(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) -> Node {
        let kind = match &node.kind {
            NodeKind::Scalar { text, style: Style::Plain } if text.contains('$') => {
                let text = self.replace(node, text, problems);
                NodeKind::Scalar { text, style: Style::Plain }
            }
            NodeKind::Scalar { .. } => return node.clone(),
            NodeKind::Sequence(items) => {
                NodeKind::Sequence(items.iter().map(|item| self.apply(item, problems)).collect())
            }
            NodeKind::Mapping(members) => NodeKind::Mapping(
                members
                    .iter()
                    .map(|(key, span, value)| (key.clone(), *span, self.apply(value, problems)))
                    .collect(),
            ),
        };
        Node { span: node.span, kind }
    }

    fn replace(&mut self, node: &Node, text: &str, problems: &mut Vec<Diagnostic>) -> String {
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
                if behind.starts_with('{') {
                    let span = node.span.part(offset, offset + 2);
                    let problem =
                        Diagnostic::error("unclosed-axis", span, "`${` has no name and `}` behind it");
                    problems.push(problem.hint("as in `${net}`; put the text in quotes to keep a `$`"));
                    self.origins.failed.push(node.span);
                }
                out.push('$');
                rest = behind;
                continue;
            }
            match self.values.get(name) {
                Some(Some(value)) => {
                    self.used.insert(name.to_owned());
                    self.origins.known.push((node.span, name.to_owned(), value.span));
                    out.push_str(value);
                }
                Some(None) => {
                    self.used.insert(name.to_owned());
                    self.origins.failed.push(node.span);
                }
                None => {
                    self.origins.failed.push(node.span);
                    if !self.tolerant {
                        let span = node.span.part(offset, offset + 1 + taken);
                        problems.push(self.unknown(name, span));
                    }
                }
            }
            rest = &behind[taken..];
        }
        out.push_str(rest);
        out
    }

    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let longest = self.values.keys().filter(|known| name.starts_with(&format!("{known}-"))).max();
        let hint = match longest {
            Some(known) => format!("write `${{{known}}}{}` if `{known}` is meant", &name[known.len()..]),
            None => did_you_mean(name, self.values.keys().map(String::as_str))
                .map(|near| format!("did you mean `${near}`?"))
                .unwrap_or_else(|| {
                    "axes are declared under `matrix.axes`; put the text in quotes to keep a `$`".to_owned()
                }),
        };
        Diagnostic::error("unknown-axis", span, format!("there is no axis or input `{name}`")).hint(hint)
    }
}

impl Origins {
    /// Takes over what another substitution of the same case noted.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.known.extend(other.known);
        self.failed.extend(other.failed);
    }

    /// Drops problems that only follow from a missing value, and adds to the others where their values were written.
    pub(crate) fn settle(&self, problems: &mut Vec<Diagnostic>, from: usize) {
        let found: Vec<Diagnostic> = problems.drain(from..).collect();
        let follows = |problem: &Diagnostic| {
            !matches!(problem.code, "unknown-axis" | "unclosed-axis")
                && self.failed.iter().any(|scalar| within(problem.span, *scalar))
        };
        problems.extend(
            found.into_iter().filter(|problem| !follows(problem)).map(|problem| self.explain(problem)),
        );
    }

    fn explain(&self, mut problem: Diagnostic) -> Diagnostic {
        let mut places = vec![problem.span];
        // A value may itself have been written with a name in it: an input of a verb with an axis.
        let mut at = 0;
        while let Some(place) = places.get(at).copied() {
            for (_, name, value) in self.known.iter().filter(|(scalar, ..)| within(place, *scalar)) {
                if !places.contains(value) {
                    problem.also.push((*value, format!("the value of `${name}`")));
                    places.push(*value);
                }
            }
            at += 1;
        }
        problem
    }
}

fn within(place: Span, scalar: Span) -> bool {
    place.file == scalar.file && place.start >= scalar.start && place.end <= scalar.end
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
    use super::{Substitution, Values};
    use crate::source::FileId;
    use crate::span::{Span, Spanned};
    use crate::yaml::parse;

    #[test]
    fn plain_scalars_only_and_dollars_can_be_kept() {
        let text = "[$net, 'x $net', cost $$5, $nett, $, $net-x]\n---\na-${net}-b";
        let nodes = parse(FileId::SCENARIO, text, &mut Vec::new()).unwrap();
        let value = Spanned::new("overlay".to_owned(), Span::start_of(FileId::SCENARIO));
        let values: Values = [("net".to_owned(), Some(value))].into();
        let mut axes = Substitution::new(&values, false);
        let mut problems = Vec::new();
        let done = axes.apply(&nodes[0], &mut problems);
        assert_eq!(done.to_document().to_string(), r#"["overlay","x $net","cost $5",null,"$",null]"#);
        let done = axes.apply(&nodes[1], &mut Vec::new());
        assert_eq!(done.text(), Some("a-overlay-b"));
        let hints: Vec<_> = problems.iter().filter_map(|problem| problem.hint.as_deref()).collect();
        assert_eq!(hints, ["did you mean `$net`?", "write `${net}-x` if `net` is meant"]);
        assert!(axes.used.contains("net"));
    }
}
