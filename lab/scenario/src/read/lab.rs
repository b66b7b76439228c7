//! `lab:`

use std::collections::BTreeMap;

use winlab_profiles::{KubeVersion, NetworkFamily, WindowsBuild, WindowsVersion};

use crate::diagnostic::Diagnostic;
use crate::model::{ControlPlane, JoinMethod, Lab, NodeOs, NodeSpec, StartMode};
use crate::read::fields::{Fields, text};
use crate::read::{Reader, check_name, members};
use crate::shape::{LAB, NODE};
use crate::span::{Span, Spanned};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind};

/// More nodes than this of one kind are a slip.
const MOST_NODES: u64 = 5000;

impl Reader<'_> {
    pub(super) fn lab(&mut self, node: &Node) -> Option<Lab> {
        let fields = Fields::open(node, &LAB, &mut self.problems)?;
        let kube = self.kube_version(fields.node("kube"), "kube");
        let network = self.network(&fields);
        let nodes = match (fields.node("nodes"), kube) {
            (Some(nodes), Some(kube)) => self.nodes(nodes, kube),
            (Some(nodes), None) => {
                let stand_in = KubeVersion::new(winlab_profiles::NEWEST_MINOR, 0)?;
                self.nodes(nodes, Spanned::new(stand_in, nodes.span))
            }
            (None, _) => Vec::new(),
        };
        let images = fields.node("images").map(|images| self.images(images)).unwrap_or_default();
        let faults = fields.node("faults").map(|faults| self.faults(faults)).unwrap_or_default();
        let words = ["embedded", "binaries", "container", "kubeconfig"];
        let control_plane = fields.word("control-plane", &words, &mut self.problems).map(|word| {
            word.map(|word| match word {
                "binaries" => ControlPlane::Binaries,
                "container" => ControlPlane::Container,
                "kubeconfig" => ControlPlane::Kubeconfig,
                _ => ControlPlane::Embedded,
            })
        });
        Some(Lab {
            kube: kube?,
            network,
            control_plane: control_plane.unwrap_or(Spanned::new(ControlPlane::Embedded, fields.span())),
            nodes,
            images,
            faults,
        })
    }

    fn network(&mut self, fields: &Fields<'_>) -> Spanned<NetworkFamily> {
        let default = Spanned::new(NetworkFamily::FlannelHostGw, fields.span());
        let words = NetworkFamily::ALL.map(NetworkFamily::name);
        let Some(word) = fields.word("network", &words, &mut self.problems) else { return default };
        let family = NetworkFamily::ALL.into_iter().find(|family| family.name() == word.value);
        Spanned::new(family.unwrap_or(default.value), word.span)
    }

    pub(super) fn kube_version(&mut self, node: Option<&Node>, key: &str) -> Option<Spanned<KubeVersion>> {
        let text = text(node?, key, &mut self.problems)?;
        match text.value.parse() {
            Ok(version) => Some(Spanned::new(version, text.span)),
            Err(error) => {
                self.problems.push(Diagnostic::error("unknown-version", text.span, error.to_string()));
                None
            }
        }
    }

    fn nodes(&mut self, node: &Node, kube: Spanned<KubeVersion>) -> Vec<NodeSpec> {
        let list = members(node, "`nodes`", &mut self.problems);
        if list.is_empty() && matches!(node.kind, NodeKind::Mapping(_)) {
            let problem = Diagnostic::error("no-nodes", node.span, "the lab has no nodes");
            self.problems.push(problem.hint("as in `nodes: {lin1: {os: linux}, win1: {os: windows}}`"));
        }
        list.iter().flat_map(|(name, span, node)| self.node(name, *span, node, kube)).collect()
    }

    fn node(&mut self, name: &str, span: Span, node: &Node, kube: Spanned<KubeVersion>) -> Vec<NodeSpec> {
        let name = Spanned::new(name.to_owned(), span);
        check_name(&name, "node", &mut self.problems);
        let Some(fields) = Fields::open(node, &NODE, &mut self.problems) else { return Vec::new() };
        let os = fields.node("os").and_then(|node| self.os(node));
        let kubelet = self.kube_version(fields.node("kubelet"), "kubelet").unwrap_or(kube);
        let kube_proxy = self.kube_version(fields.node("kube-proxy"), "kube-proxy").unwrap_or(kube);
        let join = fields.word("join", &["scripts", "kubeadm", "later"], &mut self.problems);
        let join = match join.map(|join| join.value) {
            Some("later") => None,
            Some("kubeadm") => Some(JoinMethod::Kubeadm),
            _ => Some(JoinMethod::Scripts),
        };
        let spec = NodeSpec {
            name: name.clone(),
            os: os.unwrap_or(Spanned::new(NodeOs::Linux, node.span)),
            labels: self.text_map(fields.node("labels"), "labels"),
            taints: self.taints(&fields),
            join,
            real: self.real(&fields),
            services: self.start_modes(&fields),
            kubelet,
            kube_proxy,
            dsr: fields.bool("dsr", &mut self.problems).is_some_and(|dsr| dsr.value),
        };
        let Some(count) = fields.integer("count", &mut self.problems) else { return vec![spec] };
        if !(1..=MOST_NODES).contains(&count.value) {
            let message = format!("`count` is 1 to {MOST_NODES}");
            self.problems.push(Diagnostic::error("out-of-range", count.span, message));
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
                let known =
                    ["linux", "windows"].into_iter().chain(winlab_profiles::BUILDS.iter().map(|b| b.name));
                let near = did_you_mean(base, known).filter(|_| WindowsBuild::by_name(base).is_none());
                let problem = Diagnostic::error("unknown-os", text.span, error.to_string());
                let hint = near.map_or_else(
                    || "`linux`, `windows` or a build".to_owned(),
                    |n| format!("did you mean `{n}`?"),
                );
                self.problems.push(problem.hint(hint));
                None
            }
        }
    }

    /// `key=value:Effect`, as `--register-with-taints` takes them.
    fn taints(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let mut taints = Vec::new();
        for taint in fields.texts("taints", &mut self.problems) {
            let effect = taint.value.rsplit_once(':').map(|(_, effect)| effect);
            if matches!(effect, Some("NoSchedule" | "PreferNoSchedule" | "NoExecute")) {
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
        let known =
            ["kubelet", "kube-proxy", "flanneld", "containerd", "win-bridge", "win-overlay", "host-local"];
        let Some(node) = fields.node("real") else { return Vec::new() };
        let items = crate::read::fields::items(node).iter();
        let words =
            items.filter_map(|item| crate::read::fields::word(item, "real", &known, &mut self.problems));
        words.map(|word| word.map(str::to_owned)).collect()
    }

    fn start_modes(&mut self, fields: &Fields<'_>) -> BTreeMap<String, StartMode> {
        let Some(node) = fields.node("services") else { return BTreeMap::new() };
        let list = members(node, "`services`", &mut self.problems);
        let words = ["auto", "manual", "disabled"];
        let mut modes = BTreeMap::new();
        for (name, _, value) in list {
            let Some(word) = crate::read::fields::word(value, name, &words, &mut self.problems) else {
                continue;
            };
            let mode = match word.value {
                "manual" => StartMode::Manual,
                "disabled" => StartMode::Disabled,
                _ => StartMode::Auto,
            };
            modes.insert(name.clone(), mode);
        }
        modes
    }

    pub(super) fn text_map(&mut self, node: Option<&Node>, what: &str) -> BTreeMap<String, String> {
        let Some(node) = node else { return BTreeMap::new() };
        let list = members(node, &format!("`{what}`"), &mut self.problems);
        let read = |(key, _, value): &(String, Span, Node)| {
            text(value, key, &mut self.problems).map(|text| (key.clone(), text.value))
        };
        list.iter().filter_map(read).collect()
    }
}
