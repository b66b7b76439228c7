//! Which control plane a lab is to have, and its start.

use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_component::LogSink;
use winlab_profiles::KubeVersion;

use crate::access::{ApiAccess, Listeners};
use crate::binaries::{Binaries, BinariesSpec, StartBinariesError};
use crate::control_plane::ControlPlane;
use crate::embedded::{Embedded, EmbeddedConfig, Switches};
use crate::served::ServeError;

/// Where the control plane of a lab comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ControlPlaneSpec {
    /// The API server in this process, with model controllers and scheduler.
    #[default]
    Embedded,
    /// The programs of a folder.
    Binaries(BinariesSpec),
}

/// What a control plane is given besides.
pub struct PlaneSetting {
    /// Its version.
    pub version: KubeVersion,
    /// Which parts run beside the API server.
    pub parts: Switches,
    /// Where nodes reach the API server.
    pub advertise_address: Option<IpAddr>,
    /// Where services get their addresses from.
    pub service_cidr: &'static str,
    /// Where pods get theirs from.
    pub cluster_cidr: &'static str,
    /// How programs of the lab reach it. A plane of programs listens by itself, where its [`BinariesSpec`] says.
    pub access: ApiAccess,
    /// Sockets for programs that are not in the lab's network.
    pub outside: Listeners,
    /// The lab's clock.
    pub clock: Clock,
    /// Its seed.
    pub seed: Seed,
    /// Who takes the log lines of its programs, as of no node.
    pub logs: Arc<dyn LogSink>,
}

/// Why a control plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Programs of a folder.
    #[error(transparent)]
    Binaries(#[from] StartBinariesError),
    /// The API server cannot be reached from outside this process.
    #[error("the embedded API server cannot be served")]
    Serve(#[from] ServeError),
}

impl StartError {
    /// What may help.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Binaries(StartBinariesError::Missing(missing)) => Some(missing.hint()),
            Self::Binaries(_) | Self::Serve(_) => None,
        }
    }
}

impl ControlPlaneSpec {
    /// Its name, as scenario files and the command line have it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Binaries(_) => "binaries",
        }
    }

    /// Whether a lab can put faults on its API server.
    #[must_use]
    pub fn has_api_faults(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    /// Starts it, and waits until it answers. Call it inside the lab's runtime.
    ///
    /// # Errors
    /// What of it could not be started.
    pub async fn start(&self, setting: PlaneSetting) -> Result<Arc<dyn ControlPlane>, StartError> {
        match self {
            Self::Embedded => {
                let PlaneSetting { version, parts, advertise_address, access, outside, clock, seed, .. } =
                    setting;
                let config = EmbeddedConfig { advertise_address, parts, ..EmbeddedConfig::new(version) };
                let plane = Embedded::start(&config, clock, seed).await;
                if !access.listen.is_empty() || !outside.addresses().is_empty() {
                    plane.serve(&access, outside).await?;
                }
                Ok(Arc::new(plane))
            }
            Self::Binaries(spec) => Ok(Arc::new(Binaries::start(spec, setting).await?)),
        }
    }
}
