//! The tree.

use winlab_document::{Document, ObjectBuilder};

use super::scalar::resolve;
use crate::span::Span;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it was written; for what an alias stands for, the alias.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A scalar, uninterpreted: whoever reads it knows what it should be.
    Scalar {
        /// Its text.
        text: String,
        /// How it was written.
        style: Style,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping in written order: key, its place, value.
    Mapping(Vec<(String, Span, Node)>),
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: may be a number, a boolean or null, and `$axis` is replaced in it.
    Plain,
    /// In quotes or as a block: text, as it stands.
    Quoted,
}

impl Node {
    /// The scalar's text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let NodeKind::Scalar { text, .. } = &self.kind { Some(text) } else { None }
    }

    /// A mapping's value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(known, ..)| known == key).map(|(_, _, value)| value)
    }

    /// A mapping's members in written order; none of anything else.
    #[must_use]
    pub fn members(&self) -> &[(String, Span, Self)] {
        if let NodeKind::Mapping(members) = &self.kind { members } else { &[] }
    }

    /// Whether it is an empty value: `key:` with nothing behind it, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, style: Style::Plain } if resolve(text).is_null())
    }

    /// What it is, in words for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Sequence(_) => "a list".to_owned(),
            NodeKind::Mapping(_) => "an object".to_owned(),
            NodeKind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            NodeKind::Scalar { text, style: Style::Quoted } => format!("the text {:?}", brief(text)),
            NodeKind::Scalar { text, .. } => match resolve(text) {
                Document::Number(_) => format!("the number {text}"),
                Document::Bool(_) => format!("the boolean {text}"),
                _ => format!("the text `{}`", brief(text)),
            },
        }
    }

    /// As a JSON document, by YAML 1.2's core schema.
    #[must_use]
    pub fn to_document(&self) -> Document {
        match &self.kind {
            NodeKind::Scalar { text, style: Style::Plain } => resolve(text),
            NodeKind::Scalar { text, .. } => Document::from(text),
            NodeKind::Sequence(items) => items.iter().map(Self::to_document).collect(),
            NodeKind::Mapping(members) => {
                let mut object = ObjectBuilder::with_capacity(members.len());
                for (key, _, value) in members {
                    object.set(key.as_str(), value.to_document());
                }
                object.build()
            }
        }
    }

    /// How many values it holds, and how deep they are nested.
    pub(super) fn size(&self) -> (usize, usize) {
        let inner: Vec<(usize, usize)> = match &self.kind {
            NodeKind::Scalar { .. } => Vec::new(),
            NodeKind::Sequence(items) => items.iter().map(Self::size).collect(),
            NodeKind::Mapping(members) => members.iter().map(|(_, _, value)| value.size()).collect(),
        };
        inner.iter().fold((1, 1), |(count, depth), (more, deeper)| (count + more, depth.max(1 + deeper)))
    }
}

/// The first line of a text, cut where it gets long: messages have one line.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}
