//! `steps:`

use winlab_clock::VirtualSpan;

use crate::diagnostic::Diagnostic;
use crate::model::{Check, CheckMode, During, FlowResult, Probe, Refused, Step};
use crate::reach::{EXAMPLE, ReachTable};
use crate::read::Reader;
use crate::read::fields::{Fields, items};
use crate::shape::{DURING, PROBE, REFUSED, STEP, VIA};
use crate::span::Spanned;
use crate::suggest::meant_or_all;
use crate::yaml::{Node, NodeKind, Style};

/// How long checks may take where a step does not say.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(60);

/// Keys that check something.
const CHECKS: [&str; 5] = ["expect", "always", "never", "probe", "reach"];

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node) -> Vec<Step> {
        // What is no list has been told as such.
        let NodeKind::Sequence(list) = &node.kind else { return Vec::new() };
        if list.is_empty() {
            self.problems.push(Diagnostic::error("no-steps", node.span, "there are no steps"));
        }
        list.iter().filter_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let fields = Fields::open(node, &STEP, &mut self.problems)?;
        let name = fields.text("name", &mut self.problems);
        if let Some(name) = &name {
            self.check_name(name, "a step");
        }
        self.step_does_something(&fields);
        let action = self.one_action(&fields);
        let within = fields.time("within", &mut self.problems);
        let step = Step {
            name: name.unwrap_or(Spanned::new(String::new(), fields.first_key())),
            span: node.span,
            action,
            refused: fields.node("refused").and_then(|node| self.refused(node, &fields)),
            during: fields.node("during").map(|node| self.during(node)).unwrap_or_default(),
            checks: self.step_checks(&fields),
            probes: fields.node("probe").map(|node| self.probes(node)).unwrap_or_default(),
            reach: fields.node("reach").and_then(|node| self.reach(node)),
            within: within.unwrap_or(Spanned::new(WITHIN, fields.span())),
            hold: fields.time("hold", &mut self.problems),
            say: fields.text("say", &mut self.problems).map(|say| say.value),
            on_fail: fields
                .node("on_fail")
                .map(|node| self.checks(node, CheckMode::Show))
                .unwrap_or_default(),
        };
        // Without a name it has been told, and everything else in it has been looked at.
        (!step.name.is_empty()).then_some(step)
    }

    fn step_checks(&mut self, fields: &Fields<'_>) -> Vec<Check> {
        let modes =
            [("expect", CheckMode::Expect), ("always", CheckMode::Always), ("never", CheckMode::Never)];
        let mut checks = Vec::new();
        for (key, mode) in modes {
            checks.extend(fields.node(key).map(|node| self.checks(node, mode)).unwrap_or_default());
        }
        checks
    }

    fn step_does_something(&mut self, fields: &Fields<'_>) {
        let acts = !fields.chosen().is_empty() || fields.node("during").is_some();
        if !acts && CHECKS.iter().all(|key| fields.node(key).is_none()) {
            let message = "the step does nothing and checks nothing";
            let problem = Diagnostic::error("empty-step", fields.first_key(), message);
            self.problems
                .push(problem.hint("give it an action (`apply`, …) or a check (`expect`, `probe`, `reach`)"));
        }
    }

    fn during(&mut self, node: &Node) -> Vec<During> {
        let mut actions = Vec::new();
        for item in items(node) {
            let Some(fields) = Fields::open(item, &DURING, &mut self.problems) else { continue };
            let after = fields.time("after", &mut self.problems).map(|time| time.value).unwrap_or_default();
            if fields.chosen().is_empty() {
                let problem = Diagnostic::error("empty-step", fields.first_key(), "nothing happens here");
                self.problems.push(problem.hint("give it an action: `scale`, `restart`, `fault` …"));
            }
            actions.extend(self.one_action(&fields).map(|action| During { after, action }));
        }
        actions
    }

    fn refused(&mut self, node: &Node, step: &Fields<'_>) -> Option<Spanned<Refused>> {
        if step.chosen().is_empty() {
            let message = "`refused` is about the step's action, and there is none";
            self.problems.push(Diagnostic::error("refused-nothing", step.key_span("refused"), message));
        }
        let fields = Fields::open(node, &REFUSED, &mut self.problems)?;
        let code = fields.status("code", &mut self.problems);
        let message = fields.texts("message", &mut self.problems);
        Some(Spanned::new(Refused { code, message }, node.span))
    }

    fn probes(&mut self, node: &Node) -> Vec<Spanned<Probe>> {
        items(node).iter().filter_map(|item| Some(Spanned::new(self.probe(item)?, item.span))).collect()
    }

    fn probe(&mut self, node: &Node) -> Option<Probe> {
        let fields = Fields::open(node, &PROBE, &mut self.problems)?;
        let from = fields.text("from", &mut self.problems);
        let from = from.and_then(|text| Some(Spanned::new(self.source(&text)?, text.span)));
        let to = fields.text("to", &mut self.problems);
        let to = to.and_then(|text| Some(Spanned::new(self.flow(&text)?, text.span)));
        let is = match fields.text("is", &mut self.problems) {
            Some(text) => self.result(&text).map(|is| Spanned::new(is, text.span)),
            None => Some(Spanned::new(FlowResult::Ok, node.span)),
        };
        let via = fields.text("via", &mut self.problems).and_then(|via| self.via(via));
        let body = fields.text("body", &mut self.problems);
        let say = fields.text("say", &mut self.problems).map(|say| say.value);
        Some(Probe { from: from?, to: to?, is: is?, via, body, say })
    }

    /// `loadbalancer`, `loadbalancer/web`, `vxlan`
    fn via(&mut self, via: Spanned<String>) -> Option<Spanned<String>> {
        let kind = via.split('/').next().unwrap_or_default();
        if VIA.contains(&kind) {
            return Some(via);
        }
        let message = format!("no flow goes via `{kind}`");
        let problem = Diagnostic::error("unknown-word", self.place_of(&via, kind), message);
        self.problems.push(problem.hint(meant_or_all(kind, VIA)));
        None
    }

    fn reach(&mut self, node: &Node) -> Option<ReachTable> {
        // The cells' places are those of a block's lines; `winlab bless` writes there.
        let written = self.sources.excerpt(node.span);
        let block = matches!(node.kind, NodeKind::Scalar { style: Style::Quoted, .. })
            && !written.starts_with(['\'', '"', '*']);
        if !block {
            let message = format!("`reach` is a table in a block of text, this is {}", node.describe());
            let problem = Diagnostic::error("wrong-type", node.span, message);
            self.problems.push(problem.hint("write `reach: |` and the table below"));
            return None;
        }
        if node.text().is_none_or(|text| text.trim().is_empty()) {
            let problem = Diagnostic::error("reach-table", node.span, "the table is empty");
            self.problems.push(problem.hint(EXAMPLE));
            return None;
        }
        self.reach_table(node.span)
    }
}
