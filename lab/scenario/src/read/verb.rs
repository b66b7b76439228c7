//! `use:`: a verb made in YAML.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::Action;
use crate::read::fields::{Fields, text};
use crate::read::{Reader, members};
use crate::shape::{INPUT, VERB};
use crate::span::Spanned;
use crate::substitute::substitute;
use crate::suggest::did_you_mean;
use crate::yaml::{self, Node};

impl Reader<'_> {
    pub(super) fn use_verb(&mut self, node: &Node, step: &Fields<'_>) -> Option<Action> {
        let path = text(node, "use", &mut self.problems)?;
        if self.verbs.contains(&path.value) {
            let message = format!("the verb `{}` uses itself", path.value);
            self.problems.push(Diagnostic::error("verb-loop", path.span, message));
            return None;
        }
        let file = self.load(&path, "verb")?;
        let documents = match yaml::parse(file, self.sources.text(file)) {
            Ok(documents) => documents,
            Err(problem) => {
                self.problems.push(problem.also(path.span, "used here"));
                return None;
            }
        };
        let Some(root) = documents.first() else {
            self.problems.push(Diagnostic::error(
                "empty-file",
                path.span,
                format!("`{}` is empty", path.value),
            ));
            return None;
        };
        let fields = Fields::open(root, &VERB, &mut self.problems)?;
        let inputs = self.inputs(&fields, step, &path);
        let mut used = BTreeSet::new();
        let steps = substitute(fields.node("steps")?, &inputs, &mut used, &mut self.problems);
        self.verbs.push(path.value.clone());
        let steps = self.steps(&steps);
        self.verbs.pop();
        Some(Action::Use { verb: path, steps })
    }

    /// The inputs' values: given or by default, each of its type.
    fn inputs(
        &mut self,
        verb: &Fields<'_>,
        step: &Fields<'_>,
        path: &Spanned<String>,
    ) -> BTreeMap<String, String> {
        let declared =
            verb.node("inputs").map(|node| members(node, "`inputs`", &mut self.problems)).unwrap_or_default();
        let given =
            step.node("with").map(|node| members(node, "`with`", &mut self.problems)).unwrap_or_default();
        for (name, span, _) in given {
            if !declared.iter().any(|(known, ..)| known == name) {
                let near = did_you_mean(name, declared.iter().map(|(known, ..)| known.as_str()));
                let problem = Diagnostic::error(
                    "unknown-input",
                    *span,
                    format!("`{}` has no input `{name}`", path.value),
                );
                self.problems.push(problem.hint_some(near.map(|near| format!("did you mean `{near}`?"))));
            }
        }
        let mut values = BTreeMap::new();
        for (name, _, input) in declared {
            let Some(fields) = Fields::open(input, &INPUT, &mut self.problems) else { continue };
            let kind = fields.word("type", &["text", "integer", "span"], &mut self.problems);
            let value = given.iter().find(|(known, ..)| known == name).map(|(_, _, value)| value);
            let Some(value) = value.or_else(|| fields.node("default")) else {
                let message = format!("`{}` needs the input `{name}`", path.value);
                self.problems.push(
                    Diagnostic::error("missing-input", path.span, message)
                        .hint(format!("with: {{{name}: …}}")),
                );
                continue;
            };
            let Some(text) = text(value, name, &mut self.problems) else { continue };
            let fits = match kind.map(|kind| kind.value) {
                Some("integer") => text.value.parse::<i64>().is_ok(),
                Some("span") => text.value.parse::<winlab_clock::VirtualSpan>().is_ok(),
                _ => true,
            };
            if !fits {
                let message = format!("the input `{name}` is of another type: `{}`", text.value);
                self.problems.push(Diagnostic::error("wrong-type", text.span, message));
            }
            values.insert(name.clone(), text.value);
        }
        values
    }
}
