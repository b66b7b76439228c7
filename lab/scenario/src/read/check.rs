//! Checks.

use crate::cel::Cel;
use crate::diagnostic::Diagnostic;
use crate::model::{Check, CheckMode, Count, Target};
use crate::read::Reader;
use crate::read::fields::{Fields, items, text};
use crate::shape::CHECK;
use crate::span::Spanned;
use crate::yaml::{Node, NodeKind};

impl Reader<'_> {
    pub(super) fn checks(&mut self, node: &Node, mode: CheckMode) -> Vec<Check> {
        items(node).iter().filter_map(|item| self.check(item, mode)).collect()
    }

    fn check(&mut self, node: &Node, mode: CheckMode) -> Option<Check> {
        let fields = Fields::open(node, &CHECK, &mut self.problems)?;
        let target_key = self.target_key(&fields);
        let target_text = target_key.and_then(|key| fields.text(key, &mut self.problems));
        let target = target_key.zip(target_text.as_ref()).and_then(|(key, text)| self.target(key, text));
        let filter = self.cel(&fields, "where");
        let that = self.cel(&fields, "that");
        let count = fields.node("count").and_then(|node| self.count(node));
        let says = ["match", "where", "that", "count"].iter().any(|key| fields.node(key).is_some());
        let needs_saying = matches!(target, Some(Target::Metric(_) | Target::Dns(..)));
        if needs_saying && !says && mode != CheckMode::Show {
            let message = "the check says nothing of what it looks at";
            let problem = Diagnostic::error("empty-check", fields.key_span(target_key?), message);
            self.problems.push(problem.hint("add `match`, `that` or `count`"));
        }
        Some(Check {
            mode,
            span: node.span,
            target: Spanned::new(target?, target_text?.span),
            matches: fields.node("match").cloned(),
            filter,
            that,
            count,
            say: fields.text("say", &mut self.problems).map(|say| say.value),
        })
    }

    fn target_key(&mut self, fields: &Fields<'_>) -> Option<&'static str> {
        match fields.chosen()[..] {
            [key] => Some(key),
            [] => {
                let targets: Vec<&str> = CHECK.choices().collect();
                let problem =
                    Diagnostic::error("no-target", fields.first_key(), "the check looks at nothing");
                self.problems.push(problem.hint(format!("give it one of {}", targets.join(", "))));
                None
            }
            [first, second, ..] => {
                for key in fields.chosen() {
                    let text = fields.text(key, &mut self.problems);
                    text.and_then(|text| self.target(key, &text));
                }
                let message = format!("a check looks at one thing, this one at `{first}` and `{second}`");
                let problem = Diagnostic::error("two-targets", fields.key_span(second), message);
                let problem = problem.also(fields.key_span(first), "the other one");
                self.problems.push(problem.hint("make two checks of it"));
                None
            }
        }
    }

    fn cel(&mut self, fields: &Fields<'_>, key: &str) -> Option<Spanned<Cel>> {
        let text = fields.text(key, &mut self.problems)?;
        self.compile(&text)
    }

    fn compile(&mut self, text: &Spanned<String>) -> Option<Spanned<Cel>> {
        match Cel::compile(&text.value) {
            Ok(cel) => Some(Spanned::new(cel, text.span)),
            Err(error) => {
                let span = match error.offset {
                    // What is missing at the end is told at the last character.
                    Some(at) if at >= text.trim_end().len() => {
                        let last = text.trim_end().char_indices().last().map_or(0, |(at, _)| at);
                        self.place_between(text, last, text.trim_end().len())
                    }
                    Some(at) => self.place_between(text, at, at + error.length),
                    None => text.span,
                };
                self.problems.push(Diagnostic::error("bad-cel", span, error.message).hint_some(error.hint));
                None
            }
        }
    }

    fn count(&mut self, node: &Node) -> Option<Spanned<Count>> {
        let document = node.to_document();
        if let Some(number) = document.as_u64() {
            return Some(Spanned::new(Count::Exactly(number), node.span));
        }
        let quoted_number = node.text().is_some_and(|text| text.parse::<f64>().is_ok());
        let is_text = matches!(node.kind, NodeKind::Scalar { .. }) && document.as_str().is_some();
        if !is_text || quoted_number {
            let message = format!("`count` is a whole number or CEL on `it`, not {}", node.describe());
            let whole = document.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
            let hint = if whole { "without quotes it is a number" } else { "as in `2` or `it >= 2`" };
            self.problems.push(Diagnostic::error("wrong-type", node.span, message).hint(hint));
            return None;
        }
        let text = text(node, "count", &mut self.problems)?;
        Some(self.compile(&text)?.map(Count::That))
    }
}
