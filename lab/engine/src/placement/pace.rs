//! How time goes by in a case.
//!
//! Models alone run on virtual time unless something else is demanded. A demand that cannot hold is refused: another pace
//! in its place would change what the scenario shows.

use winlab_clock::Pace;
use winlab_scenario::{ClockDemand, Diagnostic, Scenario};

use super::Placement;

/// The pace of a scenario's cases.
pub(crate) fn pace(scenario: &Scenario, placement: &Placement) -> Result<Pace, Box<Diagnostic>> {
    let demand = placement.clock.or(scenario.clock.as_ref().map(|clock| clock.value));
    Ok(match demand {
        None | Some(ClockDemand::Virtual) => Pace::Virtual,
        Some(ClockDemand::Real) => Pace::Real,
        Some(ClockDemand::Scaled(factor)) => Pace::Scaled(factor),
    })
}
