//! Scenarios, cases, steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::{Seed, VirtualSpan};

use crate::model::{Action, Check, During, Lab, Probe, Refused};
use crate::reach::ReachTable;
use crate::source::Sources;
use crate::span::{Span, Spanned};

/// A scenario file.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: Spanned<String>,
    /// What it shows.
    pub about: String,
    /// Where it says so.
    pub about_span: Span,
    /// Upstream problems it replays.
    pub refs: Vec<String>,
    /// Where each of them is written.
    pub ref_spans: Vec<Span>,
    /// Feature tags.
    pub covers: Vec<String>,
    /// The seed the file asks for.
    pub seed: Option<Seed>,
    /// The clock the file demands.
    pub clock: Option<Spanned<ClockDemand>>,
    /// Cells of the matrix, in the order of the axes' values; one without a matrix.
    pub cases: Vec<Arc<Case>>,
    /// The texts that all spans point into.
    pub sources: Sources,
}

/// A clock that a file demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockDemand {
    /// `virtual`
    Virtual,
    /// `real`
    Real,
    /// `{scaled: N}`
    Scaled(u32),
}

impl ClockDemand {
    /// A scaled clock runs at most so many times faster than the wall's.
    pub const FASTEST: u32 = 100;
}

/// One cell of the matrix.
#[derive(Clone, Debug)]
pub struct Case {
    /// `join-basic[kube=v1.36.1,windows=ltsc2022]`
    pub name: String,
    /// Values by axis.
    pub cell: BTreeMap<String, String>,
    /// The cluster.
    pub lab: Lab,
    /// What happens.
    pub steps: Vec<Step>,
    /// Steps of this cell that are expected to fail.
    pub known: Vec<Known>,
}

/// A step that is expected to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The step.
    pub step: String,
    /// Why.
    pub reason: String,
    /// Where it says so.
    pub span: Span,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Spanned<String>,
    /// The whole step.
    pub span: Span,
    /// What happens.
    pub action: Option<Spanned<Action>>,
    /// The API server must refuse the action, in this way.
    pub refused: Option<Spanned<Refused>>,
    /// What happens at the same time.
    pub during: Vec<During>,
    /// `expect`, `always`, `never`.
    pub checks: Vec<Check>,
    /// Single flows.
    pub probes: Vec<Spanned<Probe>>,
    /// A truth table of flows.
    pub reach: Option<ReachTable>,
    /// How long the checks may take.
    pub within: Spanned<VirtualSpan>,
    /// How long they must keep holding.
    pub hold: Option<Spanned<VirtualSpan>>,
    /// The author's words.
    pub say: Option<String>,
    /// What more to show on failure.
    pub on_fail: Vec<Check>,
}
