//! YAML as a tree in which everything has its place.
//!
//! The events come from the parser below serde-saphyr; this module only builds the tree. Keys given twice, keys that
//! are not scalars, tags and merge keys are refused: a scenario says what it means once, in plain sight.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};
use winlab_document::{Document, Number, ObjectBuilder};

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::span::Span;

/// How deep values may be nested.
const DEEPEST: usize = 64;
/// How many nodes a file may have after its aliases are put in.
const MOST_NODES: usize = 200_000;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it was written.
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
        let NodeKind::Mapping(members) = &self.kind else { return None };
        members.iter().find(|(known, ..)| known == key).map(|(_, _, value)| value)
    }

    /// Whether it is an empty value: `key:` with nothing behind it, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, style: Style::Plain }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, in words for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Sequence(_) => "a list".to_owned(),
            NodeKind::Mapping(_) => "an object".to_owned(),
            NodeKind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            NodeKind::Scalar { text, style: Style::Quoted } => format!("the text {text:?}"),
            NodeKind::Scalar { text, .. } => match resolve(text) {
                Document::Number(_) => format!("the number {text}"),
                Document::Bool(_) => format!("the boolean {text}"),
                _ => format!("the text `{text}`"),
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
}

/// A plain scalar by the core schema of YAML 1.2: `no` and `0b1` are text, `0xb7` is a number.
fn resolve(text: &str) -> Document {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Document::Null,
        "true" | "True" | "TRUE" => return Document::Bool(true),
        "false" | "False" | "FALSE" => return Document::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(number) = text.trim_start_matches('+').parse::<i64>() {
            return Document::from(number);
        }
        if let Ok(number) = text.parse::<u64>() {
            return Document::from(number);
        }
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(number) = text.strip_prefix(prefix).and_then(|rest| u64::from_str_radix(rest, radix).ok())
        {
            return Document::from(number);
        }
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Document::Number(Number::Float(number)),
        _ => Document::from(text),
    }
}

/// Every document of a text; the first problem ends it.
pub(crate) fn parse(file: FileId, text: &str) -> Result<Vec<Node>, Box<Diagnostic>> {
    let mut builder = Builder { file, text, anchors: BTreeMap::new(), nodes: 0 };
    let mut parser = Parser::new_from_str(text);
    let mut documents = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| builder.scan_error(&error))?;
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
            other => documents.push(builder.node(&mut parser, other, span, 0)?),
        }
    }
    Ok(documents)
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

type Events<'a> = Parser<'a, granit_parser::StrInput<'a>>;

impl<'a> Builder<'a> {
    fn scan_error(&self, error: &granit_parser::ScanError) -> Box<Diagnostic> {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { file: self.file, start, end: start };
        let tab = self.text[..at]
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.trim_start_matches(' ').starts_with('\t'))
            || self.text[at..].starts_with('\t');
        let diagnostic =
            Diagnostic::error("yaml-syntax", span, format!("this is not YAML: {}", error.info()));
        Box::new(if tab {
            diagnostic.hint("YAML is indented with blanks, not with tabs")
        } else {
            diagnostic
        })
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let at = |marker: granit_parser::Marker| {
            let byte = marker.byte_offset().unwrap_or_default().min(self.text.len());
            u32::try_from(byte).unwrap_or(u32::MAX)
        };
        Span { file: self.file, start: at(span.start), end: at(span.end) }
    }

    fn next(&self, parser: &mut Events<'a>) -> Result<(Event<'a>, granit_parser::Span), Box<Diagnostic>> {
        match parser.next_event() {
            Some(event) => event.map_err(|error| self.scan_error(&error)),
            None => Err(Box::new(Diagnostic::error(
                "yaml-syntax",
                Span::start_of(self.file),
                "the file ends too early",
            ))),
        }
    }

    fn node(
        &mut self,
        parser: &mut Events<'a>,
        event: Event<'a>,
        place: granit_parser::Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        let span = self.span(place);
        self.nodes += 1;
        if depth > DEEPEST || self.nodes > MOST_NODES {
            let message = "nested too deeply, or too large once its aliases are put in";
            return Err(Box::new(Diagnostic::error("yaml-budget", span, message)));
        }
        let (anchor, node) = match event {
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    let message = "an alias cannot stand inside its own anchor";
                    return Err(Box::new(Diagnostic::error("yaml-alias", span, message)));
                };
                self.nodes += count(&node);
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span)?;
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                (anchor, Node { span, kind: NodeKind::Scalar { text: text.into_owned(), style } })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span)?;
                (anchor, self.sequence(parser, span, depth)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span)?;
                (anchor, self.mapping(parser, span, depth)?)
            }
            _ => return Err(Box::new(Diagnostic::error("yaml-syntax", span, "a value is missing here"))),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn refuse_tag(&self, tagged: bool, span: Span) -> Result<(), Box<Diagnostic>> {
        if tagged {
            return Err(Box::new(Diagnostic::error("yaml-tag", span, "YAML tags have no meaning here")));
        }
        Ok(())
    }

    fn sequence(
        &mut self,
        parser: &mut Events<'a>,
        start: Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        let mut items = Vec::new();
        loop {
            let (event, place) = self.next(parser)?;
            if event == Event::SequenceEnd {
                let span = whole(start, self.span(place), items.last().map(|item: &Node| item.span));
                return Ok(Node { span, kind: NodeKind::Sequence(items) });
            }
            items.push(self.node(parser, event, place, depth + 1)?);
        }
    }

    fn mapping(
        &mut self,
        parser: &mut Events<'a>,
        start: Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        let mut members: Vec<(String, Span, Node)> = Vec::new();
        loop {
            let (event, place) = self.next(parser)?;
            let span = self.span(place);
            let key = match event {
                Event::MappingEnd => {
                    let span = whole(start, span, members.last().map(|(_, _, value)| value.span));
                    return Ok(Node { span, kind: NodeKind::Mapping(members) });
                }
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    return Err(Box::new(Diagnostic::error(
                        "yaml-key",
                        span,
                        "a key must be a plain word or text",
                    )));
                }
            };
            if let Some((_, first, _)) = members.iter().find(|(known, ..)| *known == key) {
                let diagnostic =
                    Diagnostic::error("duplicate-key", span, format!("the key `{key}` is given twice"))
                        .also(*first, "given here first");
                return Err(Box::new(diagnostic));
            }
            let (event, place) = self.next(parser)?;
            let mut value = self.node(parser, event, place, depth + 1)?;
            if value.span.start == value.span.end {
                // An empty value has no place of its own: its key stands for it.
                value.span = span;
            }
            members.push((key, span, value));
        }
    }
}

/// From the start of a collection to its end, without the blank lines that follow a block.
fn whole(start: Span, end: Span, last: Option<Span>) -> Span {
    let end = if end.end > end.start { end.end } else { last.map_or(start.end, |last| last.end) };
    Span { end: end.max(start.end), ..start }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        NodeKind::Scalar { .. } => 0,
        NodeKind::Sequence(items) => items.iter().map(count).sum(),
        NodeKind::Mapping(members) => members.iter().map(|(_, _, value)| count(value)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::parse;
    use crate::source::{FileId, Sources};

    #[test]
    fn values_keep_their_places_and_styles() {
        let text = "a: {b: 'x', c: [1, 2]}\nd: $net\n";
        let documents = parse(FileId::SCENARIO, text).unwrap();
        let mut sources = Sources::default();
        sources.add("t", text);
        let c = documents[0].get("a").and_then(|a| a.get("c")).unwrap();
        assert_eq!(sources.excerpt(c.span), "[1, 2]");
        assert_eq!(sources.excerpt(documents[0].get("d").unwrap().span), "$net");
        assert_eq!(documents[0].to_document(), doc!({"a": {"b": "x", "c": [1, 2]}, "d": "$net"}));
    }

    #[test]
    fn the_core_schema_decides_what_a_plain_scalar_is() {
        let text = "[no, 0xb7, 1.40, 2025, -3, 1e3, 10.96.0.80, ~, true, '1', .5, 30s, 1.36.1]";
        let expected =
            doc!(["no", 183, 1.4, 2025, (-3), 1000.0, "10.96.0.80", null, true, "1", 0.5, "30s", "1.36.1"]);
        assert_eq!(parse(FileId::SCENARIO, text).unwrap()[0].to_document(), expected);
    }

    #[test]
    fn doubled_keys_tags_and_broken_text_are_refused() {
        for (text, code) in [
            ("a: 1\nb: 2\na: 3\n", "duplicate-key"),
            ("a: !!str 1\n", "yaml-tag"),
            ("a: [1\n", "yaml-syntax"),
            ("? [a]\n: 1\n", "yaml-key"),
        ] {
            assert_eq!(parse(FileId::SCENARIO, text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn aliases_are_put_in_within_a_budget() {
        let text = "a: &x {b: 1}\nc: *x\n";
        let documents = parse(FileId::SCENARIO, text).unwrap();
        assert_eq!(documents[0].to_document(), doc!({"a": {"b": 1}, "c": {"b": 1}}));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let items = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{items}]\n"));
        }
        assert_eq!(parse(FileId::SCENARIO, &bomb).unwrap_err().code, "yaml-budget");
    }
}
