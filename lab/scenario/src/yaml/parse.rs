//! From the parser's events to the tree.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, StrInput};

use super::node::{Node, NodeKind, Style};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::span::Span;

/// How deep values may be nested.
const DEEPEST: usize = 64;
/// How many nodes a file may have after its aliases are put in.
const MOST_NODES: usize = 200_000;

/// Every document of a text. What is refused and can be read all the same is told and passed over; the first thing that
/// cannot be read ends it.
pub(crate) fn parse(file: FileId, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
    let mut builder = Builder { file, text, anchors: BTreeMap::new(), nodes: 0, problems };
    let mut options = Options::default();
    // Another crate of the build may have switched them on.
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    match builder.documents(&mut parser) {
        Ok(documents) => Some(documents),
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

type Fatal = Box<Diagnostic>;
type Events<'a> = Parser<'a, StrInput<'a>>;

struct Builder<'a, 'p> {
    file: FileId,
    text: &'a str,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    problems: &'p mut Vec<Diagnostic>,
}

impl<'a> Builder<'a, '_> {
    fn documents(&mut self, parser: &mut Events<'a>) -> Result<Vec<Node>, Fatal> {
        let mut documents = Vec::new();
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::Comment(..) => {}
                other => documents.push(self.node(parser, other, span, 0)?),
            }
        }
        Ok(documents)
    }

    fn syntax(&self, error: &ScanError) -> Fatal {
        let mut at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        if self.text[at..].trim().is_empty() {
            // At the end there is nothing to see: what was read last is what misses something.
            at = self.text.trim_end().char_indices().last().map_or(0, |(last, _)| last);
        }
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let span = Span { file: self.file, start: place(at), end: place(at + width) };
        let line_start = self.text[..at].rfind('\n').map_or(0, |line| line + 1);
        let tab = self.text[line_start..].trim_start_matches(' ').starts_with('\t');
        let hint = if tab {
            Some("YAML is indented with blanks, not with tabs")
        } else if self.text[..at].ends_with('$') {
            Some("`${…}` cannot stand within `{ }` or `[ ]`: write the object on lines of its own")
        } else {
            way_out(error.kind())
        };
        let message = format!("this is not YAML: {}", error.info());
        Box::new(Diagnostic::error("yaml-syntax", span, message).hint_some(hint.map(str::to_owned)))
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let at = |marker: Marker| {
            let byte = marker.byte_offset().unwrap_or_default().min(self.text.len());
            u32::try_from(byte).unwrap_or(u32::MAX)
        };
        Span { file: self.file, start: at(span.start), end: at(span.end) }
    }

    fn next(&self, parser: &mut Events<'a>) -> Result<(Event<'a>, granit_parser::Span), Fatal> {
        // Another crate of the same build may have asked the parser for comments.
        let event = parser.by_ref().find(|event| !matches!(event, Ok((Event::Comment(..), _))));
        match event {
            Some(event) => event.map_err(|error| self.syntax(&error)),
            None => {
                let message = "the file ends too early";
                Err(Box::new(Diagnostic::error("yaml-syntax", Span::start_of(self.file), message)))
            }
        }
    }

    fn node(
        &mut self,
        parser: &mut Events<'a>,
        event: Event<'a>,
        place: granit_parser::Span,
        depth: usize,
    ) -> Result<Node, Fatal> {
        let span = self.span(place);
        self.nodes += 1;
        self.within_budget(depth, span)?;
        let (anchor, node) = match event {
            Event::Alias(id) => return self.alias(id, span, depth),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), place);
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                (anchor, Node { span, kind: NodeKind::Scalar { text: text.into_owned(), style } })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), place);
                (anchor, self.sequence(parser, span, depth)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), place);
                (anchor, self.mapping(parser, span, depth)?)
            }
            _ => return Err(Box::new(Diagnostic::error("yaml-syntax", span, "a value is missing here"))),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn within_budget(&self, depth: usize, span: Span) -> Result<(), Fatal> {
        if depth <= DEEPEST && self.nodes <= MOST_NODES {
            return Ok(());
        }
        let message = "nested too deeply, or too large once its aliases are put in";
        Err(Box::new(Diagnostic::error("yaml-budget", span, message)))
    }

    /// What an alias stands for, at the alias's own place: that is what a reader looks at.
    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Result<Node, Fatal> {
        let Some(meant) = self.anchors.get(&id) else {
            let message = "an alias cannot stand inside its own anchor";
            return Err(Box::new(Diagnostic::error("yaml-alias", span, message)));
        };
        let (count, deep) = meant.size();
        self.nodes += count;
        self.within_budget(depth + deep - 1, span)?;
        Ok(Node { span, kind: meant.kind.clone() })
    }

    fn refuse_tag(&mut self, tagged: bool, place: granit_parser::Span) {
        if tagged {
            let span = self.span(place.tag_span().unwrap_or(place));
            let problem = Diagnostic::error("yaml-tag", span, "YAML tags have no meaning here");
            self.problems.push(problem.hint("leave it out; put the value in quotes if it is text"));
        }
    }

    fn sequence(&mut self, parser: &mut Events<'a>, start: Span, depth: usize) -> Result<Node, Fatal> {
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

    fn mapping(&mut self, parser: &mut Events<'a>, start: Span, depth: usize) -> Result<Node, Fatal> {
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
                    let message = "a key must be a plain word or text";
                    return Err(Box::new(Diagnostic::error("yaml-key", span, message)));
                }
            };
            let (event, place) = self.next(parser)?;
            let mut value = self.node(parser, event, place, depth + 1)?;
            if value.span.start == value.span.end {
                // An empty value has no place of its own: its key stands for it.
                value.span = span;
            }
            let first = members.iter().find(|(known, ..)| *known == key).map(|(_, first, _)| *first);
            if key == "<<" {
                let problem = Diagnostic::error("yaml-merge", span, "merge keys have no meaning here");
                self.problems.push(problem.hint("write the members out"));
            } else if let Some(first) = first {
                let message = format!("the key `{key}` is given twice");
                let problem = Diagnostic::error("duplicate-key", span, message);
                self.problems.push(problem.also(first, "given here first"));
            } else {
                members.push((key, span, value));
            }
        }
    }
}

/// What mostly helps against an error.
fn way_out(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::InvalidSimpleKey | ErrorKind::SimpleKeyExpected | ErrorKind::MappingValueNotAllowed => {
            "a line has one `key: value`: put a value with `: ` in it in quotes, and look at the indentation"
        }
        ErrorKind::InvalidColonPlacement => "look above: a `[`, `{` or quote may not be closed",
        ErrorKind::UnexpectedCharacter { .. } => "put the value in quotes",
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation => "look at the indentation: keys of one object start in one column",
        ErrorKind::UnknownQuotedScalarEscape => "in double quotes `\\` begins an escape: use single quotes",
        ErrorKind::ExpectedFlowMappingSeparator => "what `{` opens must be closed by `}`, with `,` between",
        ErrorKind::ExpectedFlowSequenceSeparator => "what `[` opens must be closed by `]`, with `,` between",
        _ => return None,
    })
}

/// From the start of a collection to its end, without the blank lines that follow a block.
fn whole(start: Span, end: Span, last: Option<Span>) -> Span {
    let end = if end.end > end.start { end.end } else { last.map_or(start.end, |last| last.end) };
    Span { end: end.max(start.end), ..start }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use crate::diagnostic::Diagnostic;
    use crate::source::{FileId, Sources};
    use crate::yaml::Node;

    fn parse(text: &str) -> (Option<Vec<Node>>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        (super::parse(FileId::SCENARIO, text, &mut problems), problems)
    }

    #[test]
    fn values_keep_their_places_and_styles() {
        let text = "a: {b: 'x', c: [1, 2]}\nd: $net\n";
        let documents = parse(text).0.unwrap();
        let mut sources = Sources::default();
        sources.add("t", text);
        let c = documents[0].get("a").and_then(|a| a.get("c")).unwrap();
        assert_eq!(sources.excerpt(c.span), "[1, 2]");
        assert_eq!(sources.excerpt(documents[0].get("d").unwrap().span), "$net");
        assert_eq!(documents[0].to_document(), doc!({"a": {"b": "x", "c": [1, 2]}, "d": "$net"}));
    }

    #[test]
    fn what_is_refused_is_told_at_once_and_the_rest_is_read() {
        let (documents, problems) = parse("a: 1\na: 2\nb: !!str 1\n<<: {c: 1}\nd: 4\n");
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["duplicate-key", "yaml-tag", "yaml-merge"]);
        assert_eq!(documents.unwrap()[0].to_document(), doc!({"a": 1, "b": 1, "d": 4}));
    }

    #[test]
    fn broken_text_and_keys_that_are_no_words_end_it() {
        for (text, code) in
            [("a: [1\n", "yaml-syntax"), ("? [a]\n: 1\n", "yaml-key"), ("a: *b\n", "yaml-syntax")]
        {
            let (documents, problems) = parse(text);
            assert!(documents.is_none(), "{text}");
            assert_eq!(problems[0].code, code, "{text}");
        }
    }

    #[test]
    fn aliases_are_put_in_within_a_budget() {
        let documents = parse("a: &x {b: 1}\nc: *x\n").0.unwrap();
        assert_eq!(documents[0].to_document(), doc!({"a": {"b": 1}, "c": {"b": 1}}));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let items = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{items}]\n"));
        }
        assert_eq!(parse(&bomb).1[0].code, "yaml-budget");
        let (open, close) = ("[".repeat(40), "]".repeat(40));
        let deep = format!("a: &a {open}1{close}\nb: {open}*a{close}\n");
        assert_eq!(parse(&deep).1[0].code, "yaml-budget");
    }
}
