//! From the tree to the scenario.

mod action;
mod case;
mod check;
mod fault;
pub(crate) mod fields;
mod image;
mod lab;
pub(crate) mod refs;
mod step;
mod verb;

use std::collections::{BTreeMap, BTreeSet};

use winlab_clock::Seed;

use crate::diagnostic::Diagnostic;
use crate::loader::Loader;
use crate::matrix;
use crate::model::{Case, ClockDemand, Scenario};
use crate::read::fields::Fields;
use crate::shape::{CLOCK, SCENARIO};
use crate::source::Sources;
use crate::span::{Span, Spanned};
use crate::substitute::substitute;
use crate::yaml::{self, Node, NodeKind};

/// What the readers share: the texts, the loader, the problems so far.
pub(crate) struct Reader<'a> {
    pub(crate) sources: Sources,
    pub(crate) loader: &'a dyn Loader,
    pub(crate) problems: Vec<Diagnostic>,
    /// Files read already, by path.
    pub(crate) files: BTreeMap<String, crate::source::FileId>,
    /// Verbs being read, so that none uses itself.
    pub(crate) verbs: Vec<String>,
}

/// Reads a scenario file.
///
/// # Errors
/// Every problem found, in the order of the file, and the texts their places point into.
pub fn read(path: &str, text: &str, loader: &dyn Loader) -> Result<Scenario, (Vec<Diagnostic>, Sources)> {
    let mut reader = Reader {
        sources: Sources::default(),
        loader,
        problems: Vec::new(),
        files: BTreeMap::new(),
        verbs: Vec::new(),
    };
    let scenario = reader.scenario(path, text);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| (problem.span.file, problem.span.start));
    problems.dedup_by(|a, b| a.span == b.span && a.message == b.message);
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(Scenario { sources: reader.sources, ..scenario }),
        _ => Err((problems, reader.sources)),
    }
}

impl Reader<'_> {
    fn scenario(&mut self, path: &str, text: &str) -> Option<Scenario> {
        let file = self.sources.add(path, text);
        let documents = match yaml::parse(file, text) {
            Ok(documents) => documents,
            Err(problem) => {
                self.problems.push(*problem);
                return None;
            }
        };
        let root = match &documents[..] {
            [root] => root,
            [] => {
                let problem = Diagnostic::error("empty-file", Span::start_of(file), "the file is empty");
                self.problems.push(problem.hint("`winlab init` writes a first scenario"));
                return None;
            }
            [_, second, ..] => {
                let message = "a scenario file holds one scenario, this is a second document";
                self.problems.push(Diagnostic::error("second-document", second.span, message));
                return None;
            }
        };
        let fields = Fields::open(root, &SCENARIO, &mut self.problems)?;
        self.version(&fields);
        let name = fields.text("name", &mut self.problems);
        if let Some(name) = &name {
            check_name(name, "scenario", &mut self.problems);
        }
        let about = fields.text("about", &mut self.problems).map(|about| about.value).unwrap_or_default();
        if fields.node("about").is_some_and(|node| node.text().is_some_and(|text| text.trim().is_empty())) {
            let span = fields.span_of("about");
            self.problems.push(Diagnostic::error(
                "empty-about",
                span,
                "`about` says what the scenario shows",
            ));
        }
        let matrix = matrix::read(fields.node("matrix"), &mut self.problems);
        let mut used = BTreeSet::new();
        let known = self.known(&fields, &matrix);
        let mut cases = Vec::new();
        for cell in &matrix.cells {
            cases.extend(self.case(&fields, name.as_ref(), cell, &known, &mut used));
        }
        self.unused_axes(&matrix, &used);
        Some(Scenario {
            name: name?,
            about,
            refs: fields.texts("refs", &mut self.problems).into_iter().map(|text| text.value).collect(),
            covers: fields.texts("covers", &mut self.problems).into_iter().map(|text| text.value).collect(),
            seed: fields.integer("seed", &mut self.problems).map(|seed| Seed::new(seed.value)),
            clock: self.clock(&fields),
            cases,
            sources: Sources::default(),
        })
    }

    fn version(&mut self, fields: &Fields<'_>) {
        let version = fields.integer("winlab", &mut self.problems);
        if let Some(version) = version.filter(|version| version.value != 1) {
            let message = format!("version {} of the format is not known", version.value);
            let problem = Diagnostic::error("format-version", version.span, message);
            self.problems.push(problem.hint("this winlab reads `winlab: 1`"));
        }
    }

    fn clock(&mut self, fields: &Fields<'_>) -> Option<Spanned<ClockDemand>> {
        let node = fields.node("clock")?;
        if let NodeKind::Mapping(_) = node.kind {
            let inner = Fields::open(node, &CLOCK, &mut self.problems)?;
            let factor = inner.integer("scaled", &mut self.problems)?;
            let Some(scaled) = u32::try_from(factor.value).ok().filter(|factor| (1..=100).contains(factor))
            else {
                let message = "a clock runs 1 to 100 times faster";
                self.problems.push(Diagnostic::error("clock", factor.span, message));
                return None;
            };
            return Some(Spanned::new(ClockDemand::Scaled(scaled), node.span));
        }
        let demand = match node.text() {
            Some("virtual") => ClockDemand::Virtual,
            Some("real") => ClockDemand::Real,
            _ => {
                let message =
                    format!("a clock is `virtual`, `real` or `{{scaled: N}}`, not {}", node.describe());
                self.problems.push(Diagnostic::error("clock", node.span, message));
                return None;
            }
        };
        Some(Spanned::new(demand, node.span))
    }

    fn unused_axes(&mut self, matrix: &matrix::Matrix, used: &BTreeSet<String>) {
        for (axis, _) in matrix.axes.iter().filter(|(axis, _)| !used.contains(&axis.value)) {
            if matrix.cells.is_empty() {
                continue;
            }
            let message = format!("the axis `{}` is used nowhere", axis.value);
            let hint = format!("write `${}` where its value belongs, or remove it", axis.value);
            self.problems.push(Diagnostic::error("unused-axis", axis.span, message).hint(hint));
        }
    }

    fn case(
        &mut self,
        fields: &Fields<'_>,
        name: Option<&Spanned<String>>,
        cell: &matrix::Cell,
        known: &[case::KnownEntry],
        used: &mut BTreeSet<String>,
    ) -> Option<Case> {
        let values: BTreeMap<String, String> = cell.iter().cloned().collect();
        let lab = substitute(fields.node("lab")?, &values, used, &mut self.problems);
        let steps = substitute(fields.node("steps")?, &values, used, &mut self.problems);
        self.read_case(name?, cell, &lab, &steps, known)
    }
}

/// Names are lower-case words with dashes: they stand in test names, file names and command lines.
pub(crate) fn check_name(name: &Spanned<String>, what: &str, problems: &mut Vec<Diagnostic>) {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = &name.value;
    if text.is_empty() || !text.chars().all(good) || text.starts_with('-') || text.ends_with('-') {
        let suggestion: String =
            text.to_lowercase().chars().map(|c| if good(c) { c } else { '-' }).collect::<String>();
        let problem = Diagnostic::error(
            "bad-name",
            name.span,
            format!("the name of a {what} is lower-case words with dashes, not `{text}`"),
        );
        let suggestion = suggestion.trim_matches('-').to_owned();
        problems.push(if suggestion.is_empty() {
            problem
        } else {
            problem.hint(format!("as in `{suggestion}`"))
        });
    }
}

/// The node of a mapping's members, for readers that walk keys of the author's choice.
pub(crate) fn members<'n>(
    node: &'n Node,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> &'n [(String, Span, Node)] {
    if let NodeKind::Mapping(members) = &node.kind {
        return members;
    }
    let message = format!("{what} is an object, this is {}", node.describe());
    problems.push(Diagnostic::error("wrong-type", node.span, message));
    &[]
}
