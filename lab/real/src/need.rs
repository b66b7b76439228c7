//! What a lab needs of this machine, looked for before anything starts.

use std::collections::BTreeSet;
use std::fmt;

use winlab_profiles::KubeVersion;
use winlab_wine::Probe;

use crate::component::RealComponent;
use crate::means::Means;

/// What a lab's Windows nodes are to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Programs and their versions.
    pub programs: BTreeSet<(RealComponent, KubeVersion)>,
    /// Whether their time is scaled.
    pub scaled: bool,
}

/// Something that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// The need: `wine`, `kube-proxy.exe v1.36.1`.
    pub need: String,
    /// What was found in its place, and what helps.
    pub reason: String,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Which of what is wanted is not there.
#[must_use]
pub fn absent(means: &Means, wanted: &Wanted) -> Vec<Absent> {
    if wanted.programs.is_empty() {
        return Vec::new();
    }
    let probe = Probe::look(&means.wine);
    let mut lacking = probe.runner().err().unwrap_or_default();
    lacking.extend(probe.network().err());
    if wanted.scaled {
        lacking.extend(probe.faketime.as_ref().err().cloned());
    }
    let machine = lacking.into_iter().map(|lacking| Absent {
        need: format!("{:?}", lacking.part).to_lowercase(),
        reason: format!("{}; {}", lacking.detail, lacking.hint),
    });
    let programs = wanted.programs.iter().filter_map(|(component, version)| {
        let missing = means.program(*component, *version).err()?;
        Some(Absent { need: missing.program.clone(), reason: missing.to_string() })
    });
    machine.chain(programs).collect()
}
