//! Where flows start, where they go, and what they come to.

use crate::diagnostic::Diagnostic;
use crate::model::{Flow, FlowResult, ObjectRef, Source};
use crate::read::Reader;
use crate::read::named::Needs;
use crate::span::Spanned;
use crate::suggest::meant;

const FLOWS: &str = "a flow goes to a URL, `service/web:80`, `pod/web@win1:80`, `nodeport/web@win1:80`, `node/win1:10250`, `tcp/10.0.0.1:80`, `icmp/10.0.0.1`, `dns/web.default.svc` or `outside`";
const RESULTS: [&str; 4] = ["ok", "refused", "timeout", "no-name"];
const ALL_RESULTS: &str = "a flow comes to `ok`, `ok x4` (four back ends), `refused`, `timeout`, `no-name` or `http-502` (an HTTP status of 400 or above); `-` in a table asks nothing";

impl Reader<'_> {
    /// `pod/client@win1`, `node/lin1`, `outside`
    pub(crate) fn source(&mut self, text: &Spanned<String>) -> Option<Source> {
        if text.value == "outside" {
            return Some(Source::Outside);
        }
        if let Some(node) = text.strip_prefix("node/").filter(|node| !node.is_empty()) {
            self.name_node(text, node, Needs::Any);
            return Some(Source::Node(node.to_owned()));
        }
        if text.contains("pod/") {
            return self.pod(text, text).map(Source::Pod);
        }
        let message = format!("`{}` cannot start a flow", text.value);
        let problem = Diagnostic::error("bad-source", text.span, message);
        self.problems.push(problem.hint("a flow starts at `pod/client@win1`, `node/lin1` or `outside`"));
        None
    }

    /// Where a flow goes.
    pub(crate) fn flow(&mut self, text: &Spanned<String>) -> Option<Flow> {
        if self.no_port(text) {
            return None;
        }
        let before = self.problems.len();
        let flow = self.any_flow(text);
        if flow.is_none() && self.problems.len() == before {
            let message = format!("a flow cannot go to `{}`", text.value);
            self.problems.push(Diagnostic::error("bad-flow", text.span, message).hint(FLOWS));
        }
        flow
    }

    fn any_flow(&mut self, whole: &Spanned<String>) -> Option<Flow> {
        let text = whole.value.as_str();
        if text == "outside" {
            return Some(Flow::Outside);
        }
        for scheme in ["http://", "https://"] {
            if let Some(rest) = text.strip_prefix(scheme) {
                return (!rest.is_empty() && !rest.starts_with('/')).then(|| Flow::Url(text.to_owned()));
            }
        }
        if let Some(name) = text.strip_prefix("dns/") {
            return (!name.is_empty()).then(|| Flow::Name(name.to_owned()));
        }
        for protocol in ["tcp", "udp", "icmp"] {
            if let Some(rest) = text.strip_prefix(protocol).and_then(|rest| rest.strip_prefix('/')) {
                let (host, port) = if protocol == "icmp" { (rest, 0) } else { host_port(rest)? };
                let flow = Flow::Address { protocol: protocol.to_owned(), host: host.to_owned(), port };
                return (!host.is_empty()).then_some(flow);
            }
        }
        let (place, port) = match text.rsplit_once(':') {
            Some(_) => host_port(text)?,
            None => (text, 0),
        };
        if let Some(node) = place.strip_prefix("node/").filter(|node| !node.is_empty()) {
            self.name_node(whole, node, Needs::Any);
            return Some(Flow::Node { node: node.to_owned(), port });
        }
        if place.contains("pod/") {
            return self.pod(whole, place).map(|pod| Flow::Pod { pod, port });
        }
        if let Some((object, node)) = place.split_once('@') {
            let service = service(object, "nodeport").filter(|_| port != 0 && !node.is_empty())?;
            self.name_node(whole, node, Needs::Any);
            return Some(Flow::NodePort { service, node: node.to_owned(), port });
        }
        service(place, "service").filter(|_| port != 0).map(|service| Flow::Service { service, port })
    }

    /// `ok`, `ok x4`, `refused`, `timeout`, `no-name`, `http-502`
    pub(crate) fn result(&mut self, text: &Spanned<String>) -> Option<FlowResult> {
        match text.value.as_str() {
            "ok" => return Some(FlowResult::Ok),
            "refused" => return Some(FlowResult::Refused),
            "timeout" => return Some(FlowResult::Timeout),
            "no-name" => return Some(FlowResult::NoName),
            _ => {}
        }
        let count = text.strip_prefix("ok").map(str::trim_start).and_then(|rest| rest.strip_prefix('x'));
        if let Some(count) = count.and_then(|count| count.parse::<u32>().ok()).filter(|count| *count > 0) {
            return Some(FlowResult::OkFrom(count));
        }
        let status = text.strip_prefix("http-").and_then(|status| status.parse::<u16>().ok());
        if let Some(status) = status.filter(|status| (400..=599).contains(status)) {
            return Some(FlowResult::Http(status));
        }
        let message = format!("a flow cannot come to `{}`", text.value);
        let hint = meant(text, RESULTS).unwrap_or_else(|| ALL_RESULTS.to_owned());
        self.problems.push(Diagnostic::error("bad-result", text.span, message).hint(hint));
        None
    }
}

/// `service/web`, `shop/service/web`, and likewise `nodeport/…`
fn service(text: &str, word: &str) -> Option<ObjectRef> {
    let (namespace, name) = match text.split('/').collect::<Vec<_>>()[..] {
        [first, name] if first == word => ("default", name),
        [namespace, second, name] if second == word => (namespace, name),
        _ => return None,
    };
    let service =
        || ObjectRef { namespace: namespace.to_owned(), kind: "service".to_owned(), name: name.to_owned() };
    (!name.is_empty() && !namespace.is_empty()).then(service)
}

fn host_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then_some((host, port))
}
