//! One cell.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::matrix::{Cell, Matrix};
use crate::model::{Case, Step};
use crate::read::Reader;
use crate::read::fields::Fields;
use crate::read::known::KnownEntry;
use crate::span::Spanned;
use crate::substitute::{Substitution, Values};

impl Reader<'_> {
    /// Reads the lab and the steps with the values of a cell put in.
    pub(super) fn case(
        &mut self,
        fields: &Fields<'_>,
        name: Option<&Spanned<String>>,
        (matrix, cell): (&Matrix, &Cell),
        known: &[KnownEntry],
        used: &mut BTreeSet<String>,
    ) -> Option<Case> {
        let before = self.problems.len();
        let mut values: Values = matrix.axes.iter().map(|(axis, _)| (axis.value.clone(), None)).collect();
        values.extend(cell.iter().map(|(axis, value)| (axis.clone(), Some(value.clone()))));
        let mut axes = Substitution::new(&values, matrix.broken);
        let lab = fields.node("lab").map(|lab| axes.apply(lab, &mut self.problems));
        let steps = fields.node("steps").map(|steps| axes.apply(steps, &mut self.problems));
        self.named.clear();
        self.origins = axes.origins;
        let lab = lab.and_then(|lab| self.lab(&lab));
        let steps = steps.map(|steps| self.steps(&steps)).unwrap_or_default();
        self.step_names_differ(&steps);
        if let Some(lab) = &lab {
            self.named_nodes_exist(lab);
        }
        self.origins.settle(&mut self.problems, before);
        used.append(&mut axes.used);
        let shown: Vec<String> = cell.iter().map(|(axis, value)| format!("{axis}={}", value.value)).collect();
        let name = match shown.is_empty() {
            true => name?.value.clone(),
            false => format!("{}[{}]", name?.value, shown.join(",")),
        };
        Some(Case {
            name,
            cell: cell.iter().map(|(axis, value)| (axis.clone(), value.value.clone())).collect(),
            lab: lab?,
            steps,
            known: known.iter().filter_map(|known| known.of(cell)).collect(),
        })
    }

    fn step_names_differ(&mut self, steps: &[Step]) {
        for (at, step) in steps.iter().enumerate() {
            if let Some(first) = steps[..at].iter().find(|known| known.name.value == step.name.value) {
                let message = format!("two steps are named `{}`", step.name.value);
                let problem = Diagnostic::error("duplicate-step", step.name.span, message);
                self.problems.push(problem.also(first.name.span, "the first one"));
            }
        }
    }
}
