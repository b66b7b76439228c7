//! `use:`: a verb made in YAML.

use winlab_clock::VirtualSpan;

use crate::diagnostic::Diagnostic;
use crate::model::Action;
use crate::read::Reader;
use crate::read::fields::{Fields, text};
use crate::shape::{INPUT, VERB};
use crate::span::Spanned;
use crate::substitute::{Substitution, Values};
use crate::suggest::meant;
use crate::yaml::{self, Node};

impl Reader<'_> {
    pub(super) fn use_verb(&mut self, node: &Node, step: &Fields<'_>) -> Option<Action> {
        let path = text(node, "use", &mut self.problems)?;
        if self.verbs.iter().any(|verb| verb.value == path.value) {
            let message = format!("the verb `{}` uses itself", path.value);
            self.problems.push(Diagnostic::error("verb-loop", path.span, message));
            return None;
        }
        let file = self.load(&path, "verb")?;
        let before = self.problems.len();
        let text = self.sources.text(file).to_owned();
        let documents = yaml::parse(file, &text, &mut self.problems);
        let steps = documents.and_then(|documents| match &documents[..] {
            [root] => self.verb(root, step, &path),
            _ => {
                let count = if documents.is_empty() { "none" } else { "more" };
                let message = format!("`{}` is one verb, the file has {count}", path.value);
                self.problems.push(Diagnostic::error("bad-verb", path.span, message));
                None
            }
        });
        for problem in &mut self.problems[before..] {
            if problem.span.file == file {
                problem.also.push((path.span, "used here".to_owned()));
            }
        }
        Some(Action::Use { verb: path, steps: steps? })
    }

    fn verb(
        &mut self,
        root: &Node,
        step: &Fields<'_>,
        path: &Spanned<String>,
    ) -> Option<Vec<crate::model::Step>> {
        let fields = Fields::open(root, &VERB, &mut self.problems)?;
        self.version(&fields, "winlab-verb");
        self.about(&fields);
        let values = self.inputs(&fields, step, path);
        let mut inputs = Substitution::new(&values, false);
        let steps = inputs.apply(fields.node("steps")?, &mut self.problems);
        self.verbs.push(path.clone());
        let steps = self.steps(&steps);
        self.verbs.pop();
        for (name, span, _) in fields.node("inputs").map(Node::members).unwrap_or_default() {
            if !inputs.used.contains(name) {
                let message = format!("the input `{name}` is used nowhere");
                let hint = format!("write `${name}` where its value belongs, or remove it");
                self.problems.push(Diagnostic::error("unused-input", *span, message).hint(hint));
            }
        }
        self.origins.absorb(inputs.origins);
        Some(steps)
    }

    /// The inputs' values: given or by default, each of its type.
    fn inputs(&mut self, verb: &Fields<'_>, step: &Fields<'_>, path: &Spanned<String>) -> Values {
        let declared = verb.node("inputs").map(|node| self.members(node, "inputs")).unwrap_or_default();
        let given = step.node("with").map(|node| self.members(node, "with")).unwrap_or_default();
        for (name, span, _) in
            given.iter().filter(|(name, ..)| !declared.iter().any(|(known, ..)| known == name))
        {
            let message = format!("`{}` has no input `{name}`", path.value);
            let known: Vec<&str> = declared.iter().map(|(known, ..)| known.as_str()).collect();
            let hint = meant(name, known.iter().copied()).unwrap_or_else(|| match known[..] {
                [] => "it has none".to_owned(),
                _ => format!("its inputs are {}", known.join(", ")),
            });
            self.problems.push(Diagnostic::error("unknown-input", *span, message).hint(hint));
        }
        let mut values = Values::new();
        for (name, _, input) in declared {
            let value = Fields::open(input, &INPUT, &mut self.problems).and_then(|fields| {
                let value = given.iter().find(|(known, ..)| known == name).map(|(_, _, value)| value);
                match value.or_else(|| fields.node("default")) {
                    Some(value) => self.input(name, value, &fields),
                    None => {
                        let message = format!("`{}` needs the input `{name}`", path.value);
                        let problem = Diagnostic::error("missing-input", path.span, message);
                        self.problems.push(problem.hint(format!("add `with: {{{name}: …}}`")));
                        None
                    }
                }
            });
            values.insert(name.clone(), value);
        }
        values
    }

    fn input(&mut self, name: &str, value: &Node, declared: &Fields<'_>) -> Option<Spanned<String>> {
        let text = text(value, name, &mut self.problems)?;
        let (fits, what) = match declared.word("type", &mut self.problems)?.value {
            "integer" => (text.parse::<i64>().is_ok(), "a whole number"),
            "span" => (text.parse::<VirtualSpan>().is_ok(), "a span of time"),
            _ => (true, "text"),
        };
        if !fits {
            let message = format!("the input `{name}` is {what}, not `{}`", text.value);
            let problem = Diagnostic::error("wrong-type", text.span, message);
            self.problems.push(problem.also(declared.span_of("type"), "declared here"));
        }
        fits.then_some(text)
    }
}
