//! Which parts of the format a case uses: whoever runs it refuses by name and place what it cannot do.

use crate::model::{Action, Case, CheckMode, JoinMethod, Step};
use crate::span::Span;

/// A part of the format.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// A verb: `upgrade`.
    Verb(&'static str),
    /// A kind of check: `metric`.
    Target(&'static str),
    /// A fault: `slow-disk`.
    Fault(&'static str),
    /// A way to join: `kubeadm`.
    Join(&'static str),
    /// A pod network: `azure`.
    Network(&'static str),
    /// A component that runs as an unmodified program.
    Real(String),
    /// A control plane: `binaries`.
    ControlPlane(&'static str),
    /// `during:`
    During,
    /// `on_fail:`
    OnFail,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Verb(verb) => write!(f, "the verb `{verb}`"),
            Self::Target(target) => write!(f, "checks of `{target}`"),
            Self::Fault(fault) => write!(f, "the fault `{fault}`"),
            Self::Join(method) => write!(f, "joining by `{method}`"),
            Self::Network(network) => write!(f, "the network `{network}`"),
            Self::Real(component) => write!(f, "an unmodified `{component}`"),
            Self::ControlPlane(kind) => write!(f, "the control plane `{kind}`"),
            Self::During => f.write_str("`during`"),
            Self::OnFail => f.write_str("`on_fail`"),
        }
    }
}

/// The parts that a case uses, with where.
#[must_use]
pub fn features(case: &Case) -> Vec<(Feature, Span)> {
    let mut found = Vec::new();
    let lab = &case.lab;
    found.push((Feature::Network(lab.network.name()), lab.network.span));
    found.push((Feature::ControlPlane(lab.control_plane.value.name()), lab.control_plane.span));
    for node in &lab.nodes {
        found.extend(node.real.iter().map(|real| (Feature::Real(real.value.clone()), real.span)));
        if let Some(method) = &node.join {
            found.push((Feature::Join(join(method)), node.name.span));
        }
    }
    found.extend(lab.faults.iter().map(|fault| (Feature::Fault(fault.effect.key()), fault.span)));
    case.steps.iter().for_each(|step| of_step(step, &mut found));
    found
}

fn of_step(step: &Step, found: &mut Vec<(Feature, Span)>) {
    for (action, span) in step
        .action
        .iter()
        .map(|action| (&action.value, action.span))
        .chain(step.during.iter().map(|during| (&during.action.value, during.action.span)))
    {
        found.push((Feature::Verb(action.verb()), span));
        match action {
            Action::Fault(faults) => {
                found.extend(faults.iter().map(|fault| (Feature::Fault(fault.effect.key()), fault.span)));
            }
            Action::Join(nodes) => {
                found.extend(nodes.iter().map(|(node, method)| (Feature::Join(join(method)), node.span)));
            }
            Action::Use { steps, .. } => steps.iter().for_each(|step| of_step(step, found)),
            _ => {}
        }
    }
    if let Some(during) = step.during.first() {
        found.push((Feature::During, during.action.span));
    }
    for check in step.checks.iter().chain(&step.on_fail) {
        found.push((Feature::Target(check.target.key()), check.target.span));
        if check.mode == CheckMode::Show {
            found.push((Feature::OnFail, check.span));
        }
    }
}

fn join(method: &JoinMethod) -> &'static str {
    match method {
        JoinMethod::Scripts => "scripts",
        JoinMethod::Kubeadm => "kubeadm",
        JoinMethod::Components(_) => "components",
    }
}
