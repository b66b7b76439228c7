//! What a case applies over all its steps.

use crate::manifest::Manifest;
use crate::model::{Action, Case, Effect, Step};

/// A case's steps, those of its verbs among them, and the objects that its manifests have.
pub(crate) struct Applied<'c> {
    steps: Vec<&'c Step>,
    objects: Vec<&'c Manifest>,
}

impl<'c> Applied<'c> {
    pub(crate) fn of(case: &'c Case) -> Self {
        let mut steps = Vec::new();
        flatten(&case.steps, &mut steps);
        let mut applied = Self { steps, objects: Vec::new() };
        let mut objects = Vec::new();
        for action in applied.actions() {
            if let Action::Apply(files) = action {
                objects.extend(files.iter().flat_map(|file| &file.objects));
            }
        }
        applied.objects = objects;
        applied
    }

    /// Steps in order; a verb's stand behind the step that uses it.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &'c Step> + use<'_, 'c> {
        self.steps.iter().copied()
    }

    /// Actions of all steps.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &'c Action> + use<'_, 'c> {
        self.steps().flat_map(|step| {
            let during = step.during.iter().map(|during| &during.action.value);
            step.action.iter().map(|action| &action.value).chain(during)
        })
    }

    /// Objects of all applied manifests.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &'c Manifest> + use<'_, 'c> {
        self.objects.iter().copied()
    }

    /// Whether some step changes objects by a patch: then what manifests say is not all.
    pub(crate) fn patches(&self) -> bool {
        self.actions().any(|action| matches!(action, Action::Patch(_)))
    }

    /// Whether some step replaces a node by a new machine, which joins again.
    pub(crate) fn replaces_nodes(&self) -> bool {
        self.actions().any(|action| match action {
            Action::Fault(faults) => faults.iter().any(|fault| matches!(fault.effect, Effect::Replace)),
            _ => false,
        })
    }
}

fn flatten<'c>(steps: &'c [Step], all: &mut Vec<&'c Step>) {
    for step in steps {
        all.push(step);
        if let Some(Action::Use { steps, .. }) = step.action.as_ref().map(|action| &action.value) {
            flatten(steps, all);
        }
    }
}
