//! Views of a host, for evidence and for people.

use std::fmt;

use winlab_document::Document;
use winlab_host::Program;
use winlab_host::compute::{Call, EnumerateComputeSystems};

use crate::host::WindowsHost;

/// Compute systems as `hcsdiag list` shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemView {
    /// Id, type, state and owner of each.
    pub systems: Vec<(String, String, String, String)>,
}

impl fmt::Display for SystemView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, kind, state, owner) in &self.systems {
            writeln!(f, "{id}\n    {kind:<16} {state:<10} {owner}")?;
        }
        Ok(())
    }
}

impl WindowsHost {
    /// Compute systems that are there.
    #[must_use]
    pub fn compute_systems(&self) -> SystemView {
        let call = Call::EnumerateComputeSystems(EnumerateComputeSystems { query: Document::Null });
        let answer = self.with(|core, moment| core.compute(call, moment));
        let listed = match answer {
            Ok(winlab_host::compute::Answer::EnumerateComputeSystems(listed)) => listed,
            _ => Document::empty_array(),
        };
        let text = |system: &Document, name: &str| system.text(&[name]).to_owned();
        let systems = listed
            .items()
            .iter()
            .map(|system| {
                (text(system, "Id"), text(system, "SystemType"), text(system, "State"), text(system, "Owner"))
            })
            .collect();
        SystemView { systems }
    }

    /// The program of a container's image, running or not.
    #[must_use]
    pub fn program_of(&self, container: &str) -> Option<Program> {
        self.read(|core| core.hcs.program_of(container).cloned())
    }

    /// What was asked for and is not modelled: service, what, how often.
    #[must_use]
    pub fn unmodelled(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.read(|core| {
            let network = core.hns.unmodelled().iter().map(|(what, count)| ("hns", *what, *count));
            let compute = core.hcs.unmodelled().iter().map(|(what, count)| ("hcs", what, count));
            let system = core.system.unmodelled().iter().map(|(what, count)| ("system", what, count));
            let commands = core.unmodelled.iter().map(|(what, count)| ("commands", what, count));
            network.chain(compute).chain(system).chain(commands).collect()
        })
    }
}
