//! One compute system.

use std::fmt;

use jiff::Timestamp;
use winlab_clock::VirtualInstant;
use winlab_document::Document;
use winlab_host::{Guid, Program};

use super::configuration::ContainerSpec;

/// Where a compute system is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemState {
    /// Made, not started.
    Created,
    /// Started.
    Running,
    /// Frozen.
    Paused,
    /// Ended: not found any more, its exit status readable until it is closed.
    Stopped,
}

impl fmt::Display for SystemState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "Created",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Stopped => "Stopped",
        })
    }
}

/// How a compute system ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitType {
    /// By a shutdown.
    Graceful,
    /// It was terminated.
    Forced,
    /// By itself: a crash.
    Unexpected,
}

impl fmt::Display for ExitType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graceful => "GracefulExit",
            Self::Forced => "ForcedExit",
            Self::Unexpected => "UnexpectedExit",
        })
    }
}

/// What a compute system is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A container, in the host's kernel or in that of a virtual machine of its own or of its pod.
    Container(Box<ContainerSpec>),
    /// A virtual machine with so many bytes of memory.
    VirtualMachine { memory: u64 },
}

/// A compute system and how it stands.
#[derive(Debug, Clone)]
pub(crate) struct ComputeSystem {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) runtime_id: Guid,
    /// The virtual machine it runs in.
    pub(crate) hosting: Option<String>,
    /// Its own small virtual machine: V1's `HvPartition`.
    pub(crate) is_hyper_v: bool,
    pub(crate) ends_with_last_handle: bool,
    pub(crate) state: SystemState,
    pub(crate) exit: Option<ExitType>,
    pub(crate) started: Option<(VirtualInstant, Timestamp)>,
    /// The image's program.
    pub(crate) program: Option<Program>,
    /// Build and revision of the image.
    pub(crate) image_build: (u32, u32),
    pub(crate) namespace: Option<Guid>,
    pub(crate) endpoints: Vec<Guid>,
    /// Its compartment while it runs; 0 without a network.
    pub(crate) compartment: u32,
    pub(crate) shutdown_asked: bool,
    /// Its processes, oldest first; ended ones among them.
    pub(crate) processes: Vec<u32>,
    /// Timers of its processes while it is paused, as spans from the pause on.
    pub(crate) frozen: Vec<(winlab_clock::VirtualSpan, crate::timers::Timer)>,
    /// The configuration as the client sent it, and as modified since.
    pub(crate) configuration: Document,
}

impl ComputeSystem {
    pub(crate) fn spec(&self) -> Option<&ContainerSpec> {
        if let Kind::Container(spec) = &self.kind { Some(spec) } else { None }
    }

    pub(crate) fn spec_mut(&mut self) -> Option<&mut ContainerSpec> {
        if let Kind::Container(spec) = &mut self.kind { Some(spec) } else { None }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state != SystemState::Stopped
    }

    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Container(_) => "Container",
            Kind::VirtualMachine { .. } => "VirtualMachine",
        }
    }

    /// Whether it has a kernel of its own: such a system can be paused.
    pub(crate) fn has_own_kernel(&self) -> bool {
        matches!(self.kind, Kind::VirtualMachine { .. }) || self.is_hyper_v || self.hosting.is_some()
    }

    /// Memory of a virtual machine that runs.
    pub(crate) fn machine_memory(&self) -> u64 {
        match self.kind {
            Kind::VirtualMachine { memory }
                if matches!(self.state, SystemState::Running | SystemState::Paused) =>
            {
                memory
            }
            _ => 0,
        }
    }
}
