//! The file as a whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use winlab_clock::Seed;

use crate::diagnostic::Diagnostic;
use crate::matrix::{self, Matrix};
use crate::model::{ClockDemand, Scenario};
use crate::read::Reader;
use crate::read::fields::Fields;
use crate::shape::{CLOCK, SCENARIO};
use crate::source::Sources;
use crate::span::{Span, Spanned};
use crate::yaml::{self, Node, NodeKind};

impl Reader<'_> {
    pub(super) fn scenario(&mut self, path: &str, text: &str) -> Option<Scenario> {
        let file = self.sources.add(path, text);
        let documents = yaml::parse(file, text, &mut self.problems)?;
        let root = self.only_document(&documents, Span::start_of(file))?;
        let fields = Fields::open(root, &SCENARIO, &mut self.problems)?;
        self.version(&fields, "winlab");
        let name = fields.text("name", &mut self.problems);
        if let Some(name) = &name {
            self.check_name(name, "a scenario");
        }
        let about = self.about(&fields);
        let matrix = matrix::read(fields.node("matrix"), &mut self.problems);
        let known = self.known(&fields, &matrix);
        let mut used = BTreeSet::new();
        let mut cases = Vec::new();
        for cell in &matrix.cells {
            cases.extend(self.case(&fields, name.as_ref(), (&matrix, cell), &known, &mut used).map(Arc::new));
        }
        self.unused_axes(&matrix, &used);
        let refs = fields.texts("refs", &mut self.problems);
        let covers = fields.texts("covers", &mut self.problems);
        let seed = fields.integer("seed", &mut self.problems);
        let clock = self.clock(&fields);
        Some(Scenario {
            name: name?,
            about_span: about.as_ref().map_or(fields.span(), |about| about.span),
            about: about.map(|about| about.value).unwrap_or_default(),
            ref_spans: refs.iter().map(|reference| reference.span).collect(),
            refs: refs.into_iter().map(|reference| reference.value).collect(),
            covers: covers.into_iter().map(|tag| tag.value).collect(),
            seed: seed.map(|seed| Seed::new(seed.value)),
            clock,
            cases,
            sources: Sources::default(),
        })
    }

    fn only_document<'n>(&mut self, documents: &'n [Node], start: Span) -> Option<&'n Node> {
        match documents {
            [root] if !root.is_null() => return Some(root),
            [] | [_] => {
                let problem = Diagnostic::error("empty-file", start, "the file is empty");
                self.problems.push(problem.hint("`winlab init` writes a first scenario"));
            }
            [_, second, ..] => {
                let first = second.members().first().map_or(second.span, |(_, span, _)| *span);
                let message = "a scenario file holds one scenario, this is a second document";
                let problem = Diagnostic::error("second-document", first, message);
                self.problems.push(problem.hint("write it to a file of its own"));
            }
        }
        None
    }

    /// The version of the format, in a scenario and in a verb.
    pub(super) fn version(&mut self, fields: &Fields<'_>, key: &str) {
        let version = fields.integer(key, &mut self.problems);
        if let Some(version) = version.filter(|version| version.value != 1) {
            let message = format!("version {} of the format is not known", version.value);
            let problem = Diagnostic::error("format-version", version.span, message);
            self.problems.push(problem.hint(format!("this winlab reads `{key}: 1`")));
        }
    }

    /// The prose that a scenario and a verb must have.
    pub(super) fn about(&mut self, fields: &Fields<'_>) -> Option<Spanned<String>> {
        let about = fields.text("about", &mut self.problems)?;
        if about.trim().is_empty() {
            let problem = Diagnostic::error("empty-about", about.span, "`about` is empty");
            self.problems.push(problem.hint("say in a sentence what it shows"));
        }
        Some(about)
    }

    fn clock(&mut self, fields: &Fields<'_>) -> Option<Spanned<ClockDemand>> {
        let node = fields.node("clock")?;
        if let NodeKind::Mapping(_) = node.kind {
            let inner = Fields::open(node, &CLOCK, &mut self.problems)?;
            let factor = inner.integer("scaled", &mut self.problems)?;
            let scaled =
                u32::try_from(factor.value).ok().filter(|factor| (1..=ClockDemand::FASTEST).contains(factor));
            if scaled.is_none() {
                let fastest = ClockDemand::FASTEST;
                let message = format!("a clock runs 1 to {fastest} times faster, not {}", factor.value);
                self.problems.push(Diagnostic::error("bad-clock", factor.span, message));
            }
            return Some(Spanned::new(ClockDemand::Scaled(scaled?), node.span));
        }
        let demand = match node.text() {
            Some("virtual") => ClockDemand::Virtual,
            Some("real") => ClockDemand::Real,
            _ => {
                let message = format!("a clock cannot be {}", node.describe());
                let problem = Diagnostic::error("bad-clock", node.span, message);
                self.problems.push(problem.hint("`virtual`, `real` or `{scaled: 20}`"));
                return None;
            }
        };
        Some(Spanned::new(demand, node.span))
    }

    fn unused_axes(&mut self, matrix: &Matrix, used: &BTreeSet<String>) {
        let unused = matrix.axes.iter().filter(|(axis, _)| !matrix.broken && !used.contains(&axis.value));
        for (axis, _) in unused {
            let message = format!("the axis `{}` is used nowhere", axis.value);
            let hint = format!("write `${}` where its value belongs, or remove it", axis.value);
            self.problems.push(Diagnostic::error("unused-axis", axis.span, message).hint(hint));
        }
    }
}
