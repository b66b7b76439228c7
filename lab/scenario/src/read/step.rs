//! `steps:`

use winlab_clock::VirtualSpan;

use crate::diagnostic::Diagnostic;
use crate::model::{CheckMode, During, Probe, Refused, Step};
use crate::reach;
use crate::read::fields::{Fields, items};
use crate::read::refs::{read_flow, read_result, read_source};
use crate::read::{Reader, check_name};
use crate::shape::{DURING, PROBE, REFUSED, STEP};
use crate::span::Spanned;
use crate::yaml::{Node, NodeKind, Style};

/// How long checks may take where a step does not say.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(60);

/// Keys that are actions.
pub(super) const VERBS: [&str; 17] = [
    "apply", "delete", "patch", "scale", "join", "start", "stop", "restart", "upgrade", "reboot", "drain",
    "uncordon", "fault", "heal", "exec", "wait", "use",
];

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node) -> Vec<Step> {
        let NodeKind::Sequence(list) = &node.kind else {
            let message = format!("`steps` is a list, this is {}", node.describe());
            self.problems.push(Diagnostic::error("wrong-type", node.span, message));
            return Vec::new();
        };
        if list.is_empty() {
            self.problems.push(Diagnostic::error("no-steps", node.span, "the scenario has no steps"));
        }
        list.iter().filter_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let fields = Fields::open(node, &STEP, &mut self.problems)?;
        let name = fields.text("name", &mut self.problems);
        if let Some(name) = &name {
            check_name(name, "step", &mut self.problems);
        }
        let action = self.one_action(&fields);
        let mut checks = Vec::new();
        for (key, mode) in
            [("expect", CheckMode::Expect), ("always", CheckMode::Always), ("never", CheckMode::Never)]
        {
            checks.extend(fields.node(key).map(|node| self.checks(node, mode)).unwrap_or_default());
        }
        let probes = fields.node("probe").map(|node| self.probes(node)).unwrap_or_default();
        let reach = fields.node("reach").and_then(|node| self.reach(node));
        let refused = fields.node("refused").and_then(|node| self.refused(node));
        if let (Some(refused), true) = (&refused, action.is_none()) {
            let message = "`refused` is about the step's action, and there is none";
            self.problems.push(Diagnostic::error("refused-nothing", refused.span, message));
        }
        let during = fields.node("during").map(|node| self.during(node)).unwrap_or_default();
        let within = fields.time("within", &mut self.problems);
        let nothing = action.is_none()
            && checks.is_empty()
            && probes.is_empty()
            && reach.is_none()
            && during.is_empty()
            && VERBS
                .iter()
                .chain(&["expect", "always", "never", "probe", "reach"])
                .all(|key| fields.node(key).is_none());
        if nothing {
            let problem =
                Diagnostic::error("empty-step", node.span, "the step does nothing and checks nothing");
            self.problems
                .push(problem.hint("give it an action (`apply`, …) or a check (`expect`, `probe`, `reach`)"));
        }
        Some(Step {
            name: name?,
            action,
            refused,
            during,
            checks,
            probes,
            reach,
            within: within.unwrap_or(Spanned::new(WITHIN, fields.span())),
            hold: fields.time("hold", &mut self.problems),
            say: fields.text("say", &mut self.problems).map(|say| say.value),
            on_fail: fields
                .node("on_fail")
                .map(|node| self.checks(node, CheckMode::Show))
                .unwrap_or_default(),
        })
    }

    fn during(&mut self, node: &Node) -> Vec<During> {
        let mut actions = Vec::new();
        for item in items(node) {
            let Some(fields) = Fields::open(item, &DURING, &mut self.problems) else { continue };
            let after = fields.time("after", &mut self.problems).map(|time| time.value).unwrap_or_default();
            match self.one_action(&fields) {
                Some(action) => actions.push(During { after, action }),
                None if VERBS.iter().all(|verb| fields.node(verb).is_none()) => {
                    self.problems.push(Diagnostic::error("empty-step", item.span, "nothing happens here"));
                }
                None => {}
            }
        }
        actions
    }

    fn refused(&mut self, node: &Node) -> Option<Spanned<Refused>> {
        let fields = Fields::open(node, &REFUSED, &mut self.problems)?;
        let code = fields.small("code", &mut self.problems);
        let message = fields.texts("message", &mut self.problems);
        Some(Spanned::new(Refused { code, message }, fields.key_span("code")))
            .map(|refused| Spanned::new(refused.value, node.span))
    }

    fn probes(&mut self, node: &Node) -> Vec<Spanned<Probe>> {
        let mut probes = Vec::new();
        for item in items(node) {
            let Some(fields) = Fields::open(item, &PROBE, &mut self.problems) else { continue };
            let from = fields.text("from", &mut self.problems);
            let from = from.and_then(|text| {
                Some(Spanned::new(read_source(&text, text.span, &mut self.problems)?, text.span))
            });
            let to = fields.text("to", &mut self.problems);
            let to = to.and_then(|text| {
                Some(Spanned::new(read_flow(&text, text.span, &mut self.problems)?, text.span))
            });
            let is = match fields.text("is", &mut self.problems) {
                Some(text) => {
                    read_result(&text, text.span, &mut self.problems).map(|is| Spanned::new(is, text.span))
                }
                None => Some(Spanned::new(crate::model::FlowResult::Ok, item.span)),
            };
            let via = fields.text("via", &mut self.problems);
            let body = fields.text("body", &mut self.problems);
            let say = fields.text("say", &mut self.problems).map(|say| say.value);
            if let (Some(from), Some(to), Some(is)) = (from, to, is) {
                probes.push(Spanned::new(Probe { from, to, is, via, body, say }, item.span));
            }
        }
        probes
    }

    fn reach(&mut self, node: &Node) -> Option<reach::ReachTable> {
        if !matches!(node.kind, NodeKind::Scalar { style: Style::Quoted, .. }) {
            let message = format!("`reach` is a table in a block of text, this is {}", node.describe());
            self.problems.push(
                Diagnostic::error("wrong-type", node.span, message)
                    .hint("write `reach: |` and the table below"),
            );
            return None;
        }
        reach::read(node.span, &self.sources, &mut self.problems)
    }
}
