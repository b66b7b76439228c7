//! Where the parts of a case run, and how its time goes by: what the file says, and before it what the command line says.

mod pace;

use winlab_scenario::ClockDemand;

pub(crate) use pace::pace;

/// What the command line says about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// How time is to go by; it wins over the file's `clock`.
    pub clock: Option<ClockDemand>,
}
