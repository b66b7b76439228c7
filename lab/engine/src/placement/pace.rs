//! How time goes by in a case.
//!
//! | what runs | if nothing is demanded |
//! |---|---|
//! | models on the embedded control plane | virtual |
//! | Windows programs on the embedded control plane | scaled by 1 |
//! | any nodes on another control plane | real |
//!
//! A demand that cannot hold is refused: another pace in its place would change what the scenario shows.

use winlab_clock::Pace;
use winlab_scenario::{Case, ClockDemand, ControlPlane, Diagnostic, Scenario, Span, Spanned};

use super::{Placement, of_node};

/// The pace of a case.
pub(crate) fn pace(scenario: &Scenario, case: &Case, placement: &Placement) -> Result<Pace, Box<Diagnostic>> {
    let machine = machine_time(case, placement);
    let demand = placement.clock.or(scenario.clock.as_ref().map(|clock| clock.value));
    let plane = placement.control_plane(&case.lab);
    Ok(match (demand, plane) {
        (None | Some(ClockDemand::Virtual), ControlPlane::Embedded) if machine.is_none() => Pace::Virtual,
        (None, ControlPlane::Embedded) => Pace::Scaled(1),
        (None, _) | (Some(ClockDemand::Real), _) => Pace::Real,
        (Some(ClockDemand::Scaled(factor)), ControlPlane::Embedded) => Pace::Scaled(factor),
        (Some(ClockDemand::Scaled(1)), _) => Pace::Real,
        (Some(demand @ (ClockDemand::Virtual | ClockDemand::Scaled(_))), _) => {
            return Err(Box::new(cannot(demand, scenario, placement, machine, case)));
        }
    })
}

/// What of a case reads the machine's clock, and where that is said.
fn machine_time(case: &Case, placement: &Placement) -> Option<Spanned<String>> {
    let lab = &case.lab;
    let plane = placement.control_plane(lab);
    if plane != ControlPlane::Embedded {
        let what = format!("the control plane `{}`", plane.name());
        return Some(Spanned::new(what, lab.control_plane.span));
    }
    lab.nodes.iter().find_map(|node| {
        let component = of_node(node, placement).into_iter().next()?;
        let named = node.real.iter().find(|real| real.value == component.name());
        let span = named.map_or(node.name.span, |real| real.span);
        Some(Spanned::new(format!("{} on {}", component.file(), node.name.value), span))
    })
}

fn cannot(
    demand: ClockDemand,
    scenario: &Scenario,
    placement: &Placement,
    machine: Option<Spanned<String>>,
    case: &Case,
) -> Diagnostic {
    let (what, why, hint) = match demand {
        ClockDemand::Scaled(factor) => (
            format!("scaled {factor}x"),
            "reads the machine's clock",
            "with it the factor is 1: leave the clock out, or run on the embedded control plane",
        ),
        ClockDemand::Virtual | ClockDemand::Real => {
            ("virtual".to_owned(), "needs time that goes by", "leave the clock out, or demand `real`")
        }
    };
    let by_file = scenario.clock.as_ref().filter(|_| placement.clock.is_none());
    let machine = machine.unwrap_or_else(|| Spanned::new("the lab".to_owned(), case.lab.kube.span));
    let span: Span = by_file.map_or(machine.span, |clock| clock.span);
    let message = format!("the clock cannot be {what}: {} {why}", machine.value);
    let problem = Diagnostic::error("clock-cannot-hold", span, message).hint(hint);
    match by_file {
        Some(_) if machine.span != span => problem.also(machine.span, "this one"),
        _ => problem,
    }
}
