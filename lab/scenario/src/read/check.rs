//! Checks.

use crate::cel::Cel;
use crate::diagnostic::Diagnostic;
use crate::model::{Check, CheckMode, Count, Target};
use crate::read::Reader;
use crate::read::fields::{Fields, items, text};
use crate::read::refs::{read_object, read_pod};
use crate::shape::CHECK;
use crate::span::{Span, Spanned};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind, Style};

/// Keys that are targets.
const TARGETS: [&str; 11] =
    ["k8s", "hns", "hcs", "cri", "service", "registry", "log", "calls", "event", "metric", "dns"];

const HNS: [&str; 5] = ["networks", "endpoints", "namespaces", "loadbalancers", "routes"];
const HCS: [&str; 2] = ["systems", "processes"];
const CRI: [&str; 3] = ["pods", "containers", "images"];
const CALLS: [&str; 4] = ["hns", "hcs", "system", "linux"];

impl Reader<'_> {
    pub(super) fn checks(&mut self, node: &Node, mode: CheckMode) -> Vec<Check> {
        items(node).iter().filter_map(|item| self.check(item, mode)).collect()
    }

    fn check(&mut self, node: &Node, mode: CheckMode) -> Option<Check> {
        let fields = Fields::open(node, &CHECK, &mut self.problems)?;
        let given: Vec<&str> = TARGETS.into_iter().filter(|target| fields.node(target).is_some()).collect();
        let key = match given[..] {
            [key] => key,
            [] => {
                let problem = Diagnostic::error("no-target", node.span, "the check looks at nothing");
                self.problems.push(problem.hint(format!("give it one of {}", TARGETS.join(", "))));
                return None;
            }
            [first, second, ..] => {
                let message = format!("a check looks at one thing, this one at `{first}` and `{second}`");
                self.problems.push(Diagnostic::error("two-targets", fields.key_span(second), message));
                return None;
            }
        };
        let target_text = fields.text(key, &mut self.problems)?;
        let target = self.target(key, &target_text)?;
        let filter = self.cel(&fields, "where");
        let that = self.cel(&fields, "that");
        let count = fields.node("count").and_then(|node| self.count(node));
        let matches = fields.node("match").cloned();
        let says_something = matches.is_some() || filter.is_some() || that.is_some() || count.is_some();
        let readable = ["match", "where", "that", "count"].iter().all(|key| fields.node(key).is_none());
        if !says_something
            && readable
            && mode != CheckMode::Show
            && matches!(target, Target::Metric(_) | Target::Dns(..))
        {
            let message = "the check says nothing of what it looks at";
            self.problems.push(
                Diagnostic::error("empty-check", node.span, message).hint("add `match`, `that` or `count`"),
            );
        }
        Some(Check {
            mode,
            span: node.span,
            target: Spanned::new(target, target_text.span),
            matches,
            filter,
            that,
            count,
            say: fields.text("say", &mut self.problems).map(|say| say.value),
        })
    }

    fn cel(&mut self, fields: &Fields<'_>, key: &str) -> Option<Spanned<Cel>> {
        let text = fields.text(key, &mut self.problems)?;
        self.compile(&text)
    }

    fn compile(&mut self, text: &Spanned<String>) -> Option<Spanned<Cel>> {
        match Cel::compile(&text.value) {
            Ok(cel) => Some(Spanned::new(cel, text.span)),
            Err(error) => {
                // Inside a plain or quoted scalar of one line the columns of the expression are those of the file.
                let quote = usize::from(self.sources.excerpt(text.span).starts_with(['\'', '"']));
                let one_line = !text.value.contains('\n');
                let span = match error.offset.filter(|_| one_line) {
                    Some(at) => text.span.part(at + quote, at + quote + 1),
                    None => text.span,
                };
                self.problems.push(Diagnostic::error("bad-cel", span, error.message).hint_some(error.hint));
                None
            }
        }
    }

    fn count(&mut self, node: &Node) -> Option<Spanned<Count>> {
        if let Some(number) = node.to_document().as_u64() {
            return Some(Spanned::new(Count::Exactly(number), node.span));
        }
        let is_text = matches!(&node.kind, NodeKind::Scalar { text, .. } if text.contains("it"));
        if !is_text {
            let message = format!("`count` is a whole number or CEL on `it`, not {}", node.describe());
            let problem = Diagnostic::error("wrong-type", node.span, message);
            let quoted = matches!(node.kind, NodeKind::Scalar { style: Style::Quoted, .. });
            self.problems.push(problem.hint(if quoted {
                "without quotes it is a number"
            } else {
                "as in `2` or `it >= 2`"
            }));
            return None;
        }
        let text = text(node, "count", &mut self.problems)?;
        Some(self.compile(&text)?.map(Count::That))
    }

    fn target(&mut self, key: &str, text: &Spanned<String>) -> Option<Target> {
        let span = text.span;
        match key {
            "k8s" => read_object(text, span, &mut self.problems).map(Target::K8s),
            "event" => read_object(text, span, &mut self.problems).map(Target::Event),
            "metric" => Some(Target::Metric(text.value.clone())),
            "hns" => self.node_and(text, &HNS).map(|(node, kind)| Target::Hns(node, kind)),
            "hcs" => self.node_and(text, &HCS).map(|(node, kind)| Target::Hcs(node, kind)),
            "cri" => self.node_and(text, &CRI).map(|(node, kind)| Target::Cri(node, kind)),
            "calls" => self.node_and(text, &CALLS).map(|(node, kind)| Target::Calls(node, kind)),
            "service" => self.node_and(text, &[]).map(|(node, name)| Target::Service(node, name)),
            "log" if text.value.contains("pod/") => {
                read_pod(text, span, &mut self.problems).map(Target::PodLog)
            }
            "log" => self.node_and(text, &[]).map(|(node, name)| Target::Log(node, name)),
            "registry" => self.registry(text),
            _ => self.dns(text),
        }
    }

    /// `win1/kind`, where the kind is one of `kinds` unless any will do.
    fn node_and(&mut self, text: &Spanned<String>, kinds: &[&str]) -> Option<(String, String)> {
        let parts = text.value.split_once('/').filter(|(node, kind)| !node.is_empty() && !kind.is_empty());
        let Some((node, kind)) = parts else {
            let problem = Diagnostic::error(
                "bad-target",
                text.span,
                format!("`{}` names nothing of a node", text.value),
            );
            let example = kinds.first().copied().unwrap_or("kubelet");
            self.problems.push(problem.hint(format!("as in `win1/{example}`")));
            return None;
        };
        if !kinds.is_empty() && !kinds.contains(&kind) {
            let hint = did_you_mean(kind, kinds.iter().copied()).map_or_else(
                || format!("one of {}", kinds.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let problem =
                Diagnostic::error("unknown-word", text.span, format!("a node has no `{kind}` to look at"));
            self.problems.push(problem.hint(hint));
            return None;
        }
        Some((node.to_owned(), kind.to_owned()))
    }

    /// `win1/HKLM\…`, `win1/pod/web/HKLM\…`
    fn registry(&mut self, text: &Spanned<String>) -> Option<Target> {
        let found = text.value.split_once('/').and_then(|(node, rest)| {
            let (pod, key) = match rest.strip_prefix("pod/") {
                Some(rest) => rest.split_once('/')?,
                None => ("", rest),
            };
            let hive = key.split('\\').next().unwrap_or_default();
            let known = ["HKLM", "HKU", "HKCR", "HKEY_LOCAL_MACHINE", "HKEY_USERS"];
            known.contains(&hive.to_uppercase().as_str()).then(|| Target::Registry {
                node: node.to_owned(),
                pod: pod.to_owned(),
                key: key.to_owned(),
            })
        });
        if found.is_none() {
            let problem =
                Diagnostic::error("bad-target", text.span, format!("`{}` names no registry key", text.value));
            self.problems.push(problem.hint(r"as in `win1/HKLM\SOFTWARE\…` or `win1/pod/web/HKLM\SYSTEM\…`"));
        }
        found
    }

    /// `pod/client@win1 web.default.svc`
    fn dns(&mut self, text: &Spanned<String>) -> Option<Target> {
        let Some((pod, name)) = text.value.split_once(' ') else {
            let problem =
                Diagnostic::error("bad-target", text.span, "a DNS check names a pod and what it asks for");
            self.problems.push(problem.hint("as in `pod/client@win1 web.default.svc`"));
            return None;
        };
        Some(Target::Dns(read_pod(pod, text.span, &mut self.problems)?, name.trim().to_owned()))
    }
}

/// Where a check as a whole stands, for messages about what is missing from it.
impl Check {
    /// The place of what the check says, or of its target.
    #[must_use]
    pub fn said_at(&self) -> Span {
        let matches = self.matches.as_ref().map(|node| node.span);
        let that = self.that.as_ref().map(|that| that.span);
        let count = self.count.as_ref().map(|count| count.span);
        matches.or(that).or(count).unwrap_or(self.target.span)
    }
}
