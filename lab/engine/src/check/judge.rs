//! Does a check hold of these documents? Pure: documents in, verdict out.

use winlab_document::Document;
use winlab_scenario::{Cel, Check, Count, Node, NodeKind, Span, difference};

/// How many documents a diff shows.
const SHOWN: usize = 3;

/// Why a check does not hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wrong {
    /// What the caret is put under.
    pub(super) span: Span,
    /// In one line.
    pub(super) message: String,
    /// What may help.
    pub(super) hint: Option<String>,
    /// Expected against actual.
    pub(super) diff: Option<String>,
}

impl Wrong {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None, diff: None }
    }

    fn hint_some(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }
}

/// Whether an `expect` or `always` holds: of the documents that `where` selects there are `count`, or at least one, and each of
/// them has what `match` shows and fulfils `that`.
pub(super) fn judge(check: &Check, documents: &[Document]) -> Result<(), Wrong> {
    let (selected, unsure) = select(check, documents);
    let counted = count(check, selected.len(), documents.len());
    counted.map_err(|wrong| if selected.is_empty() { wrong.hint_some(unsure) } else { wrong })?;
    if let Some(expected) = &check.matches {
        matches(expected, &selected)?;
    }
    if let Some(that) = &check.that {
        for document in &selected {
            fulfils(&that.value, that.span, document)?;
        }
    }
    Ok(())
}

/// What a `never` forbids and is so: documents that `where` selects, that have what `match` shows and fulfil `that`, as many as
/// `count` says or any.
pub(super) fn forbidden(check: &Check, documents: &[Document]) -> Option<Wrong> {
    let (mut selected, _) = select(check, documents);
    if let Some(expected) = &check.matches {
        selected.retain(|document| difference(expected, document).is_none());
    }
    if let Some(that) = &check.that {
        selected.retain(|document| that.is_true_of(document) == Ok(true));
    }
    let so = match &check.count {
        None => !selected.is_empty(),
        Some(wanted) => is_count(&wanted.value, selected.len()).unwrap_or(false),
    };
    so.then(|| {
        let shown: Vec<String> = selected.iter().take(SHOWN).map(|document| label(document)).collect();
        let message = match selected.len() {
            0 => "there is none".to_owned(),
            1 => format!("there is {}", shown.join(", ")),
            count => format!("there are {count}: {}", shown.join(", ")),
        };
        Wrong::at(check.said_at(), message)
    })
}

/// The documents that `where` selects. One of which it cannot be told is not selected; the answer says why, once.
fn select<'d>(check: &Check, documents: &'d [Document]) -> (Vec<&'d Document>, Option<String>) {
    let Some(filter) = &check.filter else { return (documents.iter().collect(), None) };
    let mut unsure = None;
    let selected = documents.iter().filter(|document| match filter.is_true_of(document) {
        Ok(selected) => selected,
        Err(error) => {
            unsure.get_or_insert_with(|| {
                let hint = error.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                format!("`where` cannot be told of {}: {}{hint}", label(document), error.message)
            });
            false
        }
    });
    (selected.collect(), unsure)
}

fn count(check: &Check, selected: usize, all: usize) -> Result<(), Wrong> {
    let of = if check.filter.is_some() { format!(" (of {all}, by `where`)") } else { String::new() };
    let Some(wanted) = &check.count else {
        if selected > 0 {
            return Ok(());
        }
        return Err(match &check.filter {
            Some(filter) if all > 0 => {
                Wrong::at(filter.span, format!("none of {all} is selected by `{}`", filter.text()))
            }
            _ => Wrong::at(check.target.span, "there is none"),
        });
    };
    match is_count(&wanted.value, selected) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let expected = match &wanted.value {
                Count::Exactly(number) => format!("expected {number}"),
                Count::That(cel) => format!("expected `{}`", cel.text()),
            };
            Err(Wrong::at(wanted.span, format!("count is {selected}, {expected}{of}")))
        }
        Err(message) => Err(Wrong::at(wanted.span, message)),
    }
}

fn is_count(wanted: &Count, found: usize) -> Result<bool, String> {
    match wanted {
        Count::Exactly(number) => Ok(u64::try_from(found) == Ok(*number)),
        Count::That(cel) => cel.is_true_of(&Document::from(found)).map_err(|error| error.message),
    }
}

fn matches(expected: &Node, selected: &[&Document]) -> Result<(), Wrong> {
    let mut first = None;
    let mut diff = String::new();
    let mut differing = 0;
    for document in selected {
        let Some(found) = difference(expected, document) else { continue };
        differing += 1;
        if differing <= SHOWN {
            diff.push_str(&format!("  {}\n", label(document)));
            subset_diff(expected, Some(document), "", &mut diff);
        }
        first.get_or_insert((found, document));
    }
    let Some((found, document)) = first else { return Ok(()) };
    let message = match selected.len() {
        1 => found.to_string(),
        all => format!("{differing} of {all} differ; {}: {found}", label(document)),
    };
    Err(Wrong { span: found.span, message, hint: None, diff: Some(diff) })
}

/// Every member that differs, as a line expected and a line actual.
fn subset_diff(expected: &Node, actual: Option<&Document>, path: &str, out: &mut String) {
    if let (NodeKind::Mapping(members), Some(found)) = (&expected.kind, actual)
        && found.is_object()
    {
        for (key, _, value) in members {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            subset_diff(value, found.get(key), &path, out);
        }
        return;
    }
    let nothing = Document::Null;
    if difference(expected, actual.unwrap_or(&nothing)).is_none() {
        return;
    }
    out.push_str(&format!("- {path}: {}\n", expected.to_document()));
    match actual {
        Some(actual) => out.push_str(&format!("+ {path}: {actual}\n")),
        None => out.push_str(&format!("+ {path} is not there\n")),
    }
}

fn fulfils(that: &Cel, span: Span, document: &Document) -> Result<(), Wrong> {
    match that.is_true_of(document) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Wrong::at(span, format!("`{}` is not true of {}", that.text(), label(document)))),
        Err(error) => {
            let message = format!("`{}` cannot be told of {}: {error}", that.text(), label(document));
            Err(Wrong::at(span, message).hint_some(error.hint))
        }
    }
}

/// What a document calls itself.
pub(super) fn label(document: &Document) -> String {
    let metadata = document.get("metadata");
    let name = metadata.into_iter().map(|metadata| metadata.text(&["name"]));
    let own = ["Name", "name", "ID", "Id", "id", "function", "line"].iter().map(|key| document.text(&[key]));
    let kind = document.text(&["kind"]);
    let Some(name) = name.chain(own).find(|name| !name.is_empty()) else { return "the document".to_owned() };
    if kind.is_empty() || metadata.is_none() {
        name.to_owned()
    } else {
        format!("{} {name}", kind.to_lowercase())
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
