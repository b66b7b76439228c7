//! What the readers share, and the way in.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::loader::Loader;
use crate::manifest::Manifest;
use crate::model::Scenario;
use crate::read::named::NamedNode;
use crate::read::services::NamedService;
use crate::source::{FileId, Sources};
use crate::span::{Span, Spanned};
use crate::substitute::Origins;
use crate::yaml::{Node, NodeKind, locate};

/// The texts, the loader, the problems so far.
pub(crate) struct Reader<'a> {
    pub(crate) sources: Sources,
    pub(crate) loader: &'a dyn Loader,
    pub(crate) problems: Vec<Diagnostic>,
    /// Files read already, by path.
    pub(super) files: BTreeMap<String, FileId>,
    /// Manifests read already, by path; none where a file has problems.
    pub(super) manifests: BTreeMap<String, Option<Vec<Manifest>>>,
    /// Verbs being read, the innermost last, with where each is used.
    pub(super) verbs: Vec<Spanned<String>>,
    /// Where the case being read has values of axes and inputs.
    pub(super) origins: Origins,
    /// Nodes that the case being read names.
    pub(super) named: Vec<NamedNode>,
    /// Services and logs of nodes that it names.
    pub(super) named_services: Vec<NamedService>,
}

/// Reads a scenario file.
///
/// # Errors
/// Every problem found, in the order of the file, and the texts their places point into.
pub fn read(path: &str, text: &str, loader: &dyn Loader) -> Result<Scenario, (Vec<Diagnostic>, Sources)> {
    let mut reader = Reader::new(loader);
    let scenario = reader.scenario(path, text);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| (problem.span.file, problem.span.start));
    // Every cell of a matrix finds what is wrong with all of them.
    let mut seen = BTreeSet::new();
    problems.retain(|problem| seen.insert((problem.span, problem.message.clone())));
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(Scenario { sources: reader.sources, ..scenario }),
        _ => Err((problems, reader.sources)),
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(loader: &'a dyn Loader) -> Self {
        Self {
            sources: Sources::default(),
            loader,
            problems: Vec::new(),
            files: BTreeMap::new(),
            manifests: BTreeMap::new(),
            verbs: Vec::new(),
            origins: Origins::default(),
            named: Vec::new(),
            named_services: Vec::new(),
        }
    }

    /// The place of a part of a text; of the whole text if it was not written as it reads.
    pub(super) fn place_of(&self, whole: &Spanned<String>, part: &str) -> Span {
        let start = offset_in(&whole.value, part);
        self.place_between(whole, start, start + part.len())
    }

    /// The same from byte to byte.
    pub(super) fn place_between(&self, whole: &Spanned<String>, start: usize, end: usize) -> Span {
        let written = self.sources.excerpt(whole.span);
        let from = locate(written, &whole.value, start);
        // Its last character, so that what folding put behind it is not counted.
        let last = whole.value.get(..end).and_then(|text| text.char_indices().next_back());
        let to = last.and_then(|(at, c)| Some(locate(written, &whole.value, at)? + c.len_utf8()));
        match (from, to) {
            (Some(from), Some(to)) if from <= to => whole.span.part(from, to),
            (Some(from), _) => whole.span.part(from, from),
            _ => whole.span,
        }
    }

    /// The members of an object whose keys are the author's.
    pub(super) fn members<'n>(&mut self, node: &'n Node, what: &str) -> &'n [(String, Span, Node)] {
        if !matches!(node.kind, NodeKind::Mapping(_)) {
            let message = format!("`{what}` is an object, this is {}", node.describe());
            let first = match &node.kind {
                NodeKind::Sequence(items) => items.first().and_then(Node::text),
                _ => node.text().filter(|_| !node.is_null()),
            };
            let hint = first.map(|first| format!("as in `{what}: {{{first}: …}}`"));
            self.problems.push(Diagnostic::error("wrong-type", node.span, message).hint_some(hint));
        }
        node.members()
    }

    /// Names are lower-case words with dashes: they stand in test names, file names and command lines.
    pub(super) fn check_name(&mut self, name: &Spanned<String>, what: &str) {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let text = &name.value;
        if !text.is_empty() && text.chars().all(good) && !text.starts_with('-') && !text.ends_with('-') {
            return;
        }
        let lower = text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c| !good(c) || c == '-').filter(|word| !word.is_empty()).collect();
        let message = format!("the name of {what} is lower-case words with dashes, not `{text}`");
        let problem = Diagnostic::error("bad-name", name.span, message);
        let hint = (!words.is_empty()).then(|| format!("as in `{}`", words.join("-")));
        self.problems.push(problem.hint_some(hint));
    }
}

/// Where `part` begins in `whole`, a slice of which it is.
fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize).filter(|at| *at <= whole.len()).unwrap_or(0)
}
