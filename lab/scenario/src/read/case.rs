//! One cell.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::matrix::{Cell, Matrix};
use crate::model::{Action, Case, JoinMethod, Lab, Step};
use crate::read::Reader;
use crate::read::fields::Fields;
use crate::read::joins::join_once;
use crate::read::known::KnownEntry;
use crate::span::Spanned;
use crate::substitute::{Substitution, Values};

/// In a lab that has nodes which join by kubeadm, those whose file leaves it open do so too: kubeadm's DaemonSets run on
/// every node.
fn join_as_the_others(lab: &mut Lab, steps: &[Step]) {
    if !lab.nodes.iter().any(|node| node.join == Some(JoinMethod::Kubeadm)) && !join_by_kubeadm(steps) {
        return;
    }
    for node in lab.nodes.iter_mut().filter(|node| !node.join_given) {
        node.join = Some(JoinMethod::Kubeadm);
    }
}

fn join_by_kubeadm(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step.action.as_ref().map(|action| &action.value) {
        Some(Action::Join(joins)) => joins.iter().any(|(_, method)| *method == JoinMethod::Kubeadm),
        Some(Action::Use { steps, .. }) => join_by_kubeadm(steps),
        _ => false,
    })
}

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
        self.named_services.clear();
        self.origins = axes.origins;
        let mut lab = lab.and_then(|lab| self.lab(&lab));
        let steps = steps.map(|steps| self.steps(&steps)).unwrap_or_default();
        self.step_names_differ(&steps);
        if let Some(lab) = &mut lab {
            self.named_nodes_exist(lab);
            self.named_services_exist(lab);
            join_as_the_others(lab, &steps);
            join_once(lab, &steps, &mut self.problems);
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
