//! What a check looks at.

use crate::diagnostic::Diagnostic;
use crate::model::Target;
use crate::read::Reader;
use crate::read::named::Needs;
use crate::read::services::Shows;
use crate::span::Spanned;
use crate::suggest::meant_or_all;

const HNS: [&str; 5] = ["networks", "endpoints", "namespaces", "loadbalancers", "routes"];
const HCS: [&str; 2] = ["systems", "processes"];
const CRI: [&str; 3] = ["pods", "containers", "images"];
const CALLS: [&str; 4] = ["hns", "hcs", "system", "linux"];
const HIVES: [&str; 5] = ["HKLM", "HKU", "HKCR", "HKEY_LOCAL_MACHINE", "HKEY_USERS"];

impl Reader<'_> {
    pub(super) fn target(&mut self, key: &str, text: &Spanned<String>) -> Option<Target> {
        match key {
            "k8s" => self.object(text).map(Target::K8s),
            "event" => self.object(text).map(Target::Event),
            "metric" => Some(Target::Metric(text.value.clone())),
            "hns" => self.node_and(text, &HNS, key).map(|(node, kind)| Target::Hns(node, kind)),
            "hcs" => self.node_and(text, &HCS, key).map(|(node, kind)| Target::Hcs(node, kind)),
            "cri" => self.node_and(text, &CRI, key).map(|(node, kind)| Target::Cri(node, kind)),
            "calls" => self.node_and(text, &CALLS, key).map(|(node, kind)| Target::Calls(node, kind)),
            "service" => {
                let (node, name) = self.service_of(text, key, Shows::Service)?;
                Some(Target::Service(node, name))
            }
            "log" if text.contains("pod/") => self.pod(text, text).map(Target::PodLog),
            "log" => {
                let (node, name) = self.service_of(text, key, Shows::Log)?;
                Some(Target::Log(node, name))
            }
            "registry" => self.registry(text),
            _ => self.dns(text),
        }
    }

    /// `win1/kind`, where the kind is one of `kinds` unless any will do.
    fn node_and(&mut self, text: &Spanned<String>, kinds: &[&str], key: &str) -> Option<(String, String)> {
        let parts = text.value.split_once('/').filter(|(node, kind)| !node.is_empty() && !kind.is_empty());
        let Some((node, kind)) = parts else {
            let message = format!("`{}` names nothing of a node", text.value);
            let problem = Diagnostic::error("bad-target", text.span, message);
            let example = kinds.first().copied().unwrap_or("kubelet");
            self.problems.push(problem.hint(format!("as in `win1/{example}`")));
            return None;
        };
        if !kinds.is_empty() && !kinds.contains(&kind) {
            let message = format!("`{key}` shows no `{kind}`");
            let problem = Diagnostic::error("unknown-word", self.place_of(text, kind), message);
            self.problems.push(problem.hint(meant_or_all(kind, kinds)));
            return None;
        }
        self.name_node(text, node, Needs::of(if key == "calls" { kind } else { key }));
        Some((node.to_owned(), kind.to_owned()))
    }

    /// `win1/kubelet`
    fn service_of(&mut self, text: &Spanned<String>, key: &str, shows: Shows) -> Option<(String, String)> {
        let (node, name) = self.node_and(text, &[], key)?;
        self.name_service(text, &node, &text.value[node.len() + 1..], shows);
        Some((node, name))
    }

    /// `win1/HKLM\…`, `win1/pod/web/HKLM\…`, `win1/shop/pod/web/HKLM\…`
    fn registry(&mut self, text: &Spanned<String>) -> Option<Target> {
        let parts = text.value.split_once('/').and_then(|(node, rest)| {
            let pieces: Vec<&str> = rest.splitn(4, '/').collect();
            let (namespace, pod, key) = match pieces[..] {
                ["pod", pod, key] => ("default", pod, key),
                [namespace, "pod", pod, key] => (namespace, pod, key),
                _ => ("", "", rest),
            };
            let hive = key.split('\\').next().unwrap_or_default().to_uppercase();
            (HIVES.contains(&hive.as_str()) && !node.is_empty()).then_some((node, namespace, pod, key))
        });
        let Some((node, namespace, pod, key)) = parts else {
            let message = format!("`{}` names no registry key", text.value);
            let problem = Diagnostic::error("bad-target", text.span, message);
            self.problems.push(problem.hint(r"as in `win1/HKLM\SOFTWARE\…` or `win1/pod/web/HKLM\SYSTEM\…`"));
            return None;
        };
        self.name_node(text, node, Needs::of("registry"));
        let (node, namespace) = (node.to_owned(), namespace.to_owned());
        Some(Target::Registry { node, namespace, pod: pod.to_owned(), key: key.to_owned() })
    }

    /// `pod/client@win1 web.default.svc`
    fn dns(&mut self, text: &Spanned<String>) -> Option<Target> {
        let Some((pod, name)) = text.value.split_once(' ') else {
            let message = "a DNS check names a pod and what it asks for";
            let problem = Diagnostic::error("bad-target", text.span, message);
            self.problems.push(problem.hint("as in `pod/client@win1 web.default.svc`"));
            return None;
        };
        Some(Target::Dns(self.pod(text, pod)?, name.trim().to_owned()))
    }
}
