//! Nodes that a case names: each must be one of the lab's, and run the system that is asked of it.

use crate::diagnostic::Diagnostic;
use crate::model::{Lab, NodeOs, NodeSpec};
use crate::read::Reader;
use crate::span::{Span, Spanned};
use crate::suggest::meant;

/// A node that is named somewhere.
pub(super) struct NamedNode {
    name: String,
    span: Span,
    needs: Needs,
    /// It stands for every node that has what is asked.
    all: bool,
    /// Where the verb that names it is used.
    used: Option<Span>,
}

/// What a node must run to have what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Either system.
    Any,
    /// Windows: it has HNS, HCS, a registry, a service control manager.
    Windows(&'static str),
    /// Linux: it has links, routes and netfilter tables.
    Linux(&'static str),
}

impl Needs {
    /// What a boundary service, or a part of a node that is named like one, needs.
    pub(super) fn of(part: &str) -> Self {
        match part {
            "hns" => Self::Windows("HNS"),
            "hcs" => Self::Windows("HCS"),
            "scm" => Self::Windows("service control manager"),
            "system" => Self::Windows("Windows services or registry"),
            "registry" => Self::Windows("registry"),
            "linux" => Self::Linux("netfilter tables"),
            _ => Self::Any,
        }
    }
}

impl Reader<'_> {
    /// Notes that `node`, a part of `whole`, names a node.
    pub(super) fn name_node(&mut self, whole: &Spanned<String>, node: &str, needs: Needs) {
        self.note_node(whole, node, needs, false);
    }

    /// The same where `*` stands for every node that has what is asked.
    pub(super) fn name_nodes(&mut self, whole: &Spanned<String>, node: &str, needs: Needs) {
        self.note_node(whole, node, needs, node == "*");
    }

    fn note_node(&mut self, whole: &Spanned<String>, node: &str, needs: Needs, all: bool) {
        if !node.is_empty() {
            let span = self.place_of(whole, node);
            let used = self.verbs.last().map(|verb| verb.span);
            self.named.push(NamedNode { name: node.to_owned(), span, needs, all, used });
        }
    }

    /// Holds every node that was named against the lab's.
    pub(super) fn named_nodes_exist(&mut self, lab: &Lab) {
        for named in std::mem::take(&mut self.named) {
            let problem = match lab.nodes.iter().find(|node| node.name.value == named.name) {
                Some(node) => wrong_os(&named, node),
                None if named.all => nowhere(&named, lab),
                None if self.applied_node(&named.name) => None,
                None => Some(unknown(&named, lab)),
            };
            let used = |problem: Diagnostic| match named.used {
                Some(span) => problem.also(span, "used here"),
                None => problem,
            };
            self.problems.extend(problem.map(used));
        }
    }

    /// Whether a manifest makes a Node of that name by hand.
    fn applied_node(&self, name: &str) -> bool {
        let mut objects = self.manifests.values().flatten().flatten();
        objects.any(|object| object.kind == "Node" && object.name == name)
    }
}

impl Needs {
    /// The system of a node that has not what is asked, and what that is.
    fn missing_on(self, os: NodeOs) -> Option<(&'static str, &'static str)> {
        match (self, os) {
            (Self::Windows(what), NodeOs::Linux) => Some(("Linux", what)),
            (Self::Linux(what), NodeOs::Windows(_)) => Some(("Windows", what)),
            _ => None,
        }
    }
}

/// `*` for nodes of which there is none.
fn nowhere(named: &NamedNode, lab: &Lab) -> Option<Diagnostic> {
    let missing = lab.nodes.iter().map(|node| named.needs.missing_on(node.os.value));
    let (os, what) = missing.collect::<Option<Vec<_>>>()?.pop()?;
    let message = format!("no node has {what}: all of them run {os}");
    let other = if os == "Linux" { "windows" } else { "linux" };
    let hint = format!("add a node with `os: {other}`, or leave this out");
    Some(Diagnostic::error("wrong-os", named.span, message).hint(hint))
}

fn wrong_os(named: &NamedNode, node: &NodeSpec) -> Option<Diagnostic> {
    let (os, what) = named.needs.missing_on(node.os.value)?;
    let message = format!("`{}` runs {os}: it has no {what}", named.name);
    let problem = Diagnostic::error("wrong-os", named.span, message);
    Some(problem.also(node.os.span, format!("`{}` is declared here", named.name)))
}

fn unknown(named: &NamedNode, lab: &Lab) -> Diagnostic {
    let names: Vec<&str> = lab.nodes.iter().map(|node| node.name.value.as_str()).collect();
    let hint = meant(&named.name, names.iter().copied())
        .unwrap_or_else(|| format!("its nodes are {}", shortened(&names)));
    let message = format!("the lab has no node `{}`", named.name);
    Diagnostic::error("unknown-node", named.span, message).hint(hint)
}

fn shortened(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        _ if names.len() > 8 => format!("{}, …", names[..8].join(", ")),
        _ => names.join(", "),
    }
}
