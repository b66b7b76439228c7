//! `known:`

use crate::diagnostic::Diagnostic;
use crate::matrix::{self, Cell, Matrix, Pattern};
use crate::model::Known;
use crate::read::Reader;
use crate::read::fields::{Fields, items};
use crate::shape::KNOWN;
use crate::suggest::meant_or_all;
use crate::yaml::{Node, NodeKind};

/// An entry of `known:`, read once for all cells.
pub(super) struct KnownEntry {
    pattern: Pattern,
    known: Known,
}

impl KnownEntry {
    /// What is known, if it is about this cell.
    pub(super) fn of(&self, cell: &Cell) -> Option<Known> {
        matrix::matches(&self.pattern, cell).then(|| self.known.clone())
    }
}

impl Reader<'_> {
    pub(super) fn known(&mut self, fields: &Fields<'_>, matrix: &Matrix) -> Vec<KnownEntry> {
        let Some(node) = fields.node("known") else { return Vec::new() };
        let steps = step_names(fields.node("steps"));
        let mut entries = Vec::new();
        for item in items(node) {
            let Some(entry) = Fields::open(item, &KNOWN, &mut self.problems) else { continue };
            let pattern = entry
                .node("cell")
                .and_then(|cell| matrix::read_pattern(cell, &matrix.axes, &mut self.problems))
                .unwrap_or_default();
            let step = entry.text("step", &mut self.problems);
            let reason = entry.text("reason", &mut self.problems);
            let (Some(step), Some(reason)) = (step, reason) else { continue };
            if !steps.contains(&step.value.as_str()) {
                let message = format!("there is no step `{}`", step.value);
                let problem = Diagnostic::error("unknown-step", step.span, message);
                self.problems.push(if steps.is_empty() {
                    problem
                } else {
                    problem.hint(meant_or_all(&step.value, &steps))
                });
            } else if !matrix.broken && !matrix.cells.iter().any(|cell| matrix::matches(&pattern, cell)) {
                let message = "no cell of the matrix is meant by this";
                let problem = Diagnostic::error("known-cell", entry.span_of("cell"), message);
                self.problems.push(problem.hint("`skip` leaves them all out"));
            }
            let known = Known { step: step.value, reason: reason.value, span: item.span };
            entries.push(KnownEntry { pattern, known });
        }
        entries
    }
}

fn step_names(node: Option<&Node>) -> Vec<&str> {
    let Some(NodeKind::Sequence(items)) = node.map(|node| &node.kind) else { return Vec::new() };
    items.iter().filter_map(|item| item.get("name")?.text()).collect()
}
