//! What can go wrong in a step.

use std::collections::BTreeSet;

use winlab_cluster::LabError;
use winlab_events::{CheckKind, FailureReason, Place, Walk};
use winlab_kube_client::ErrorExt;
use winlab_scenario::{Sources, Span};

/// An action that came to nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActionError {
    /// Why.
    pub(crate) message: String,
    /// What may help.
    pub(crate) hint: Option<String>,
    /// What of the action it is about, if not all of it.
    pub(crate) span: Option<Span>,
    /// The API server's status code; 0 if it was not the server that said no.
    pub(crate) code: u16,
    /// Nodes that it is about.
    pub(crate) nodes: BTreeSet<String>,
}

impl ActionError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    pub(crate) fn on(mut self, node: &str) -> Self {
        self.nodes.insert(node.to_owned());
        self
    }

    /// The message, with the hint on a line of its own.
    pub(crate) fn text(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}\nhint: {hint}", self.message),
            None => self.message.clone(),
        }
    }
}

impl From<LabError> for ActionError {
    fn from(error: LabError) -> Self {
        Self { message: error.to_string(), hint: error.hint, ..Self::default() }
    }
}

impl From<winlab_kube_client::Error> for ActionError {
    /// In kubectl's words.
    fn from(error: winlab_kube_client::Error) -> Self {
        match error.status() {
            Some(status) => Self {
                message: format!("Error from server ({}): {}", status.reason, status.message),
                code: status.code,
                ..Self::default()
            },
            None => Self::new(format!("Unable to connect to the server: {error}")),
        }
    }
}

/// A check that does not hold at the moment.
#[derive(Clone, Debug)]
pub(crate) struct Unmet {
    /// The key that asks for it.
    pub(crate) kind: CheckKind,
    /// What is checked, as the file says it.
    pub(crate) target: String,
    /// What the caret is put under.
    pub(crate) span: Span,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// What may help.
    pub(crate) hint: Option<String>,
    /// The author's words.
    pub(crate) say: Option<String>,
    /// Expected against actual.
    pub(crate) diff: Option<String>,
    /// The walk of a flow.
    pub(crate) walks: Vec<Walk>,
    /// Where to look further.
    pub(crate) concerns: Concerns,
}

/// What a failure has to do with: where evidence is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concerns {
    /// Nodes.
    pub(crate) nodes: BTreeSet<String>,
    /// Namespaces of pods.
    pub(crate) namespaces: BTreeSet<String>,
    /// Components whose logs say more: node and component.
    pub(crate) components: BTreeSet<(String, String)>,
}

impl Concerns {
    pub(crate) fn node(name: &str) -> Self {
        Self { nodes: BTreeSet::from([name.to_owned()]), ..Self::default() }
    }

    pub(crate) fn namespace(name: &str) -> Self {
        Self { namespaces: BTreeSet::from([name.to_owned()]), ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.nodes.extend(other.nodes.iter().cloned());
        self.namespaces.extend(other.namespaces.iter().cloned());
        self.components.extend(other.components.iter().cloned());
    }
}

/// Something that failed a step.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// An action.
    Action {
        /// Its verb.
        verb: &'static str,
        /// What it was done to.
        detail: String,
        /// Why it failed.
        error: ActionError,
        /// Where it is written.
        span: Span,
    },
    /// A check, and why it was given up.
    Check(Unmet, FailureReason),
}

/// A span as events carry it.
pub(crate) fn place(sources: &Sources, span: Span) -> Place {
    let place = sources.place(span);
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { file: place.path, line: number(place.line), column: number(place.column) }
}
