//! Reading one object by its shape.

use winlab_clock::{SpanError, VirtualSpan};

use crate::diagnostic::Diagnostic;
use crate::shape::{self, Shape, Value};
use crate::span::{Span, Spanned};
use crate::suggest::{meant, meant_or_all};
use crate::yaml::{Node, NodeKind, Style};

/// The members of an object that was held against its shape: what is unknown or missing has been told.
pub(crate) struct Fields<'n> {
    node: &'n Node,
    shape: &'static Shape,
}

impl<'n> Fields<'n> {
    /// Checks the keys; none if it is no object at all.
    pub(crate) fn open(
        node: &'n Node,
        shape: &'static Shape,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let NodeKind::Mapping(members) = &node.kind else {
            let keys: Vec<&str> = shape.keys.iter().map(|key| key.name).take(4).collect();
            let message = format!("{} is an object, this is {}", shape.called, node.describe());
            let more = if shape.keys.len() > keys.len() { " …" } else { "" };
            let hint = format!("its keys are {}{more}", keys.join(", "));
            problems.push(Diagnostic::error("wrong-type", node.span, message).hint(hint));
            return None;
        };
        for (key, span, value) in members {
            match shape.key(key).map(|key| &key.value) {
                None => problems.push(unknown_key(key, *span, shape)),
                Some(Value::List(_)) if !matches!(value.kind, NodeKind::Sequence(_)) => {
                    let message = format!("`{key}` is a list, this is {}", value.describe());
                    let hint = format!(
                        "as in `{key}: [{}]`",
                        value.text().filter(|_| !value.is_null()).unwrap_or("…")
                    );
                    problems.push(Diagnostic::error("wrong-type", value.span, message).hint(hint));
                }
                Some(_) => {}
            }
        }
        for key in shape.keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
            let message = format!("{} needs the key `{}`", shape.called, key.name);
            let problem = Diagnostic::error("missing-key", first_key(node), message);
            problems.push(problem.hint(format!("`{}`: {}", key.name, key.about)));
        }
        Some(Self { node, shape })
    }

    /// The place of its first key: where something is missing from the whole.
    pub(crate) fn first_key(&self) -> Span {
        first_key(self.node)
    }

    /// Those of the keys that exclude each other which are there, in the order of the table.
    pub(crate) fn chosen(&self) -> Vec<&'static str> {
        self.shape.choices().filter(|key| self.node.get(key).is_some()).collect()
    }

    pub(crate) fn node(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    pub(crate) fn span(&self) -> Span {
        self.node.span
    }

    /// The place of a value, or of the whole object if it is missing.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.node.get(key).map_or(self.node.span, |node| node.span)
    }

    /// The place of a key, or of the whole object if it is missing.
    pub(crate) fn key_span(&self, key: &str) -> Span {
        let members = self.node.members();
        members.iter().find(|(known, ..)| known == key).map_or(self.node.span, |(_, span, _)| *span)
    }

    /// Text; numbers and booleans are taken as they were written.
    pub(crate) fn text(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
        text(self.node(key)?, key, problems)
    }

    /// A list of texts; a single one is a list of one.
    pub(crate) fn texts(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        items(node).iter().filter_map(|item| text(item, key, problems)).collect()
    }

    pub(crate) fn integer(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<u64>> {
        integer(self.node(key)?, key, problems)
    }

    /// An integer that fits a smaller type.
    pub(crate) fn small<T: TryFrom<u64>>(
        &self,
        key: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<T>> {
        let number = self.integer(key, problems)?;
        match T::try_from(number.value) {
            Ok(value) => Some(Spanned::new(value, number.span)),
            Err(_) => {
                let message = format!("{} is too large for `{key}`", number.value);
                problems.push(Diagnostic::error("out-of-range", number.span, message));
                None
            }
        }
    }

    pub(crate) fn bool(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<bool>> {
        let node = self.node(key)?;
        match (&node.kind, node.to_document().as_bool()) {
            (NodeKind::Scalar { style: Style::Plain, .. }, Some(value)) => {
                Some(Spanned::new(value, node.span))
            }
            _ => {
                let message = format!("`{key}` is true or false, not {}", node.describe());
                problems.push(Diagnostic::error("wrong-type", node.span, message));
                None
            }
        }
    }

    pub(crate) fn time(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<VirtualSpan>> {
        time(self.node(key)?, key, problems)
    }

    /// One of the words that the shape allows.
    pub(crate) fn word(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<&'static str>> {
        let Some(Value::Words(words)) = self.shape.key(key).map(|key| &key.value) else { return None };
        word(self.node(key)?, key, words, problems)
    }

    /// An exit code: a signed or an unsigned number of 32 bits, as programs report it (0xC0000005 is -1073741819).
    pub(crate) fn exit_code(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<i32> {
        let node = self.node(key)?;
        let code = node.to_document().as_i64();
        let fits = code.and_then(|code| {
            i32::try_from(code).ok().or_else(|| u32::try_from(code).ok().map(u32::cast_signed))
        });
        if fits.is_none() {
            let message = format!("`{key}` is a whole number of 32 bits, not {}", node.describe());
            problems.push(Diagnostic::error("wrong-type", node.span, message));
        }
        fits
    }

    /// An HTTP status.
    pub(crate) fn status(&self, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<u16>> {
        let status = self.small::<u16>(key, problems)?;
        if (100..=599).contains(&status.value) {
            return Some(status);
        }
        let message = format!("{} is no HTTP status", status.value);
        problems.push(Diagnostic::error("out-of-range", status.span, message).hint("100 to 599"));
        None
    }
}

fn first_key(node: &Node) -> Span {
    node.members().first().map_or(node.span, |(_, span, _)| *span)
}

fn unknown_key(key: &str, span: Span, shape: &'static Shape) -> Diagnostic {
    let known = || shape.keys.iter().map(|key| key.name);
    let homes: Vec<&str> = shape::ALL
        .iter()
        .filter(|other| other.key(key).is_some())
        .map(|other| other.called)
        .take(3)
        .collect();
    let hint = match meant(key, known()) {
        Some(hint) => hint,
        None if !homes.is_empty() => format!("`{key}` is a key of {}", homes.join(" and ")),
        None => format!("known keys: {}", known().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error("unknown-key", span, format!("unknown key `{key}` in {}", shape.called)).hint(hint)
}

/// The items of a list; anything else is a list of one.
pub(crate) fn items(node: &Node) -> &[Node] {
    if let NodeKind::Sequence(items) = &node.kind { items } else { std::slice::from_ref(node) }
}

pub(crate) fn text(node: &Node, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
    match node.text().filter(|_| !node.is_null()) {
        Some(text) => Some(Spanned::new(text.to_owned(), node.span)),
        None => {
            let message = format!("`{key}` is text, this is {}", node.describe());
            problems.push(Diagnostic::error("wrong-type", node.span, message));
            None
        }
    }
}

pub(crate) fn integer(node: &Node, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<u64>> {
    let plain = matches!(node.kind, NodeKind::Scalar { style: Style::Plain, .. });
    match node.to_document().as_u64().filter(|_| plain) {
        Some(number) => Some(Spanned::new(number, node.span)),
        None => {
            let message = format!("`{key}` is a whole number, not {}", node.describe());
            let problem = Diagnostic::error("wrong-type", node.span, message);
            let quoted = !plain && node.text().is_some_and(|text| text.parse::<u64>().is_ok());
            problems.push(if quoted { problem.hint("without quotes it is a number") } else { problem });
            None
        }
    }
}

pub(crate) fn time(node: &Node, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Spanned<VirtualSpan>> {
    let Some(text) = node.text() else {
        let message = format!("`{key}` is a span of time, this is {}", node.describe());
        problems.push(Diagnostic::error("wrong-type", node.span, message).hint("as in `30s` or `5m`"));
        return None;
    };
    match text.parse::<VirtualSpan>() {
        Ok(span) => Some(Spanned::new(span, node.span)),
        Err(error) => {
            let hint = match error {
                SpanError::NoUnit => format!("did you mean `{}s`?", text.trim()),
                _ => "as in `30s`, `5m`, `1h30m`".to_owned(),
            };
            let problem = Diagnostic::error("bad-time", node.span, format!("`{key}`: {error}"));
            problems.push(problem.hint(hint));
            None
        }
    }
}

pub(crate) fn word(
    node: &Node,
    key: &str,
    words: &[&'static str],
    problems: &mut Vec<Diagnostic>,
) -> Option<Spanned<&'static str>> {
    let text = text(node, key, problems)?;
    if let Some(word) = words.iter().find(|word| **word == text.value) {
        return Some(Spanned::new(word, text.span));
    }
    let message = format!("`{key}` cannot be `{}`", text.value);
    problems
        .push(Diagnostic::error("unknown-word", text.span, message).hint(meant_or_all(&text.value, words)));
    None
}
