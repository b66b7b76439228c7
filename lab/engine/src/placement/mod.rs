//! Where the parts of a case run, and how its time goes by: what the file says, and before it what the command line says.

mod pace;
mod real;

use std::path::PathBuf;

use winlab_cluster::{BinariesSpec, Listen, Means, ProgramFolders, RealComponent};
use winlab_scenario::{ClockDemand, ControlPlane, Lab};

pub(crate) use pace::pace;
pub(crate) use real::{of_node, refuse_real};

/// What the command line says about it.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Components that are unmodified programs on every Windows node, besides those that the file names.
    pub real: Vec<RealComponent>,
    /// Where the API comes from; it wins over the file's `control-plane`.
    pub control_plane: Option<ControlPlane>,
    /// How time is to go by; it wins over the file's `clock`.
    pub clock: Option<ClockDemand>,
    /// Where Windows programs, and what runs them, are on this machine.
    pub means: Means,
    /// Where the programs of a control plane are, and what they keep.
    pub binaries: BinariesSpec,
}

impl Default for Placement {
    /// What the file says, on a machine that nothing is known of.
    fn default() -> Self {
        let (programs, scratch) = (ProgramFolders::default(), PathBuf::new());
        let binaries = BinariesSpec { programs, scratch, listen: Listen::default() };
        Self { real: Vec::new(), control_plane: None, clock: None, means: Means::default(), binaries }
    }
}

impl Placement {
    /// Where the API of a lab comes from.
    pub(crate) fn control_plane(&self, lab: &Lab) -> ControlPlane {
        self.control_plane.unwrap_or(lab.control_plane.value)
    }
}
