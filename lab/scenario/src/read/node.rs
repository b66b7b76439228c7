//! `nodes:`

use std::collections::BTreeMap;

use winlab_profiles::{BUILDS, KubeVersion, WindowsBuild, WindowsVersion};

use crate::diagnostic::Diagnostic;
use crate::model::{JoinMethod, NodeOs, NodeSpec, StartMode};
use crate::read::Reader;
use crate::read::fields::{Fields, items, text, word};
use crate::read::label;
use crate::read::services::COMPONENTS;
use crate::shape::{NODE, REAL, START_MODES};
use crate::span::{Span, Spanned};
use crate::suggest::{meant, meant_or_all};
use crate::yaml::{Node, NodeKind};

/// More nodes than this of one kind are a slip.
const MOST_NODES: u64 = 5000;

impl Reader<'_> {
    pub(super) fn nodes(&mut self, node: &Node, kube: Spanned<KubeVersion>) -> Vec<NodeSpec> {
        let list = self.members(node, "nodes");
        if list.is_empty() && matches!(node.kind, NodeKind::Mapping(_)) {
            let problem = Diagnostic::error("no-nodes", node.span, "the lab has no nodes");
            self.problems.push(problem.hint("as in `nodes: {lin1: {os: linux}, win1: {os: windows}}`"));
        }
        let nodes: Vec<NodeSpec> =
            list.iter().flat_map(|(name, span, node)| self.node(name, *span, node, kube)).collect();
        let mut seen = BTreeMap::new();
        for node in &nodes {
            if let Some(first) = seen.insert(node.name.value.as_str(), node.name.span) {
                let message = format!("two nodes are named `{}`", node.name.value);
                let problem = Diagnostic::error("duplicate-node", node.name.span, message);
                self.problems.push(problem.also(first, "the other one: `count` numbers its nodes"));
            }
        }
        nodes
    }

    fn node(&mut self, name: &str, span: Span, node: &Node, kube: Spanned<KubeVersion>) -> Vec<NodeSpec> {
        let name = Spanned::new(name.to_owned(), span);
        self.check_name(&name, "a node");
        let Some(fields) = Fields::open(node, &NODE, &mut self.problems) else { return Vec::new() };
        let os = fields.node("os").and_then(|node| self.os(node));
        let kubelet = self.kube_version(fields.node("kubelet"), "kubelet").unwrap_or(kube);
        let kube_proxy = self.kube_version(fields.node("kube-proxy"), "kube-proxy").unwrap_or(kube);
        let join = fields.word("join", &mut self.problems);
        let join_given = join.is_some();
        let join = match join.map(|join| join.value) {
            Some("later") => None,
            Some("kubeadm") => Some(JoinMethod::Kubeadm),
            _ => Some(JoinMethod::Scripts),
        };
        let spec = NodeSpec {
            name: name.clone(),
            os: os.unwrap_or(Spanned::new(NodeOs::Linux, node.span)),
            labels: self.labels(&fields),
            taints: self.taints(&fields),
            join,
            join_given,
            real: self.real(&fields),
            services: self.start_modes(&fields),
            kubelet,
            kube_proxy,
            dsr: fields.bool("dsr", &mut self.problems).is_some_and(|dsr| dsr.value),
        };
        let Some(count) = fields.integer("count", &mut self.problems) else { return vec![spec] };
        if !(1..=MOST_NODES).contains(&count.value) {
            let message = format!("`count` is 1 to {MOST_NODES}");
            let problem = Diagnostic::error("out-of-range", count.span, message);
            self.problems.push(problem.hint("leave the node out for none"));
            return vec![spec];
        }
        let numbered =
            |n: u64| NodeSpec { name: Spanned::new(format!("{}-{n}", name.value), span), ..spec.clone() };
        (1..=count.value).map(numbered).collect()
    }

    fn os(&mut self, node: &Node) -> Option<Spanned<NodeOs>> {
        let text = text(node, "os", &mut self.problems)?;
        if text.value == "linux" {
            return Some(Spanned::new(NodeOs::Linux, text.span));
        }
        match text.value.parse::<WindowsVersion>() {
            Ok(version) => Some(Spanned::new(NodeOs::Windows(version), text.span)),
            Err(error) => {
                let base = text.value.split('@').next().unwrap_or_default();
                let known: Vec<&str> =
                    ["linux", "windows"].into_iter().chain(BUILDS.iter().map(|build| build.name)).collect();
                let problem = Diagnostic::error("unknown-os", text.span, error.to_string());
                self.problems.push(match WindowsBuild::by_name(base) {
                    Some(build) => problem.hint(format!("as in `{base}@{}.{}`", build.build, build.revision)),
                    None => problem.hint(
                        meant(base, known).unwrap_or_else(|| "`linux`, `windows` or a build".to_owned()),
                    ),
                });
                None
            }
        }
    }

    /// `key=value:Effect`, as `--register-with-taints` takes them.
    fn taints(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let mut taints = Vec::new();
        for taint in fields.texts("taints", &mut self.problems) {
            let (pair, effect) = taint.value.rsplit_once(':').unwrap_or_default();
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_label = label::bad_key(key).is_none() && label::bad_value(value).is_none();
            if is_label && matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
                taints.push(taint.value);
            } else {
                let message = format!("`{}` is not a taint", taint.value);
                let problem = Diagnostic::error("bad-taint", taint.span, message);
                self.problems.push(problem.hint("as in `os=windows:NoSchedule`"));
            }
        }
        taints
    }

    fn real(&mut self, fields: &Fields<'_>) -> Vec<Spanned<String>> {
        let Some(node) = fields.node("real") else { return Vec::new() };
        let words = items(node).iter().filter_map(|item| word(item, "real", REAL, &mut self.problems));
        words.map(|word| word.map(str::to_owned)).collect()
    }

    fn start_modes(&mut self, fields: &Fields<'_>) -> BTreeMap<String, StartMode> {
        let Some(node) = fields.node("services") else { return BTreeMap::new() };
        let mut modes = BTreeMap::new();
        for (name, span, value) in self.members(node, "services") {
            if !COMPONENTS.contains(&name.as_str()) {
                let message = format!("a join installs no service `{name}`");
                let problem = Diagnostic::error("unknown-service", *span, message);
                self.problems.push(problem.hint(meant_or_all(name, &COMPONENTS)));
            }
            let Some(word) = word(value, name, START_MODES, &mut self.problems) else { continue };
            let mode = match word.value {
                "manual" => StartMode::Manual,
                "disabled" => StartMode::Disabled,
                _ => StartMode::Auto,
            };
            modes.insert(name.clone(), mode);
        }
        modes
    }

    fn labels(&mut self, fields: &Fields<'_>) -> BTreeMap<String, String> {
        let Some(node) = fields.node("labels") else { return BTreeMap::new() };
        let list = self.members(node, "labels");
        let mut labels = BTreeMap::new();
        for (key, span, value) in list {
            let Some(value) = text(value, key, &mut self.problems) else { continue };
            let wrong =
                [(key, *span, label::bad_key(key)), (&value.value, value.span, label::bad_value(&value))];
            for (text, span, why) in wrong {
                let Some(why) = why else { continue };
                let message = format!("`{text}` cannot stand in a label");
                self.problems.push(Diagnostic::error("bad-label", span, message).hint(why));
            }
            labels.insert(key.clone(), value.value);
        }
        labels
    }
}
