//! What a scenario file says, checked.

mod action;
mod case;
mod check;
mod fault;
mod lab;

pub use action::{Action, During, Exec, JoinMethod, PatchBody, Refused, ServiceRef};
pub use case::{Case, ClockDemand, Known, Scenario, Step};
pub use check::{Check, CheckMode, Count, Flow, FlowResult, ObjectRef, PodRef, Probe, Source, Target};
pub use fault::{CallEffect, Effect, Fault, FaultPlace, Memory};
pub use lab::{ControlPlane, Does, Image, ImagePlatform, Lab, NodeOs, NodeSpec, Reply, StartMode};
