//! What is worth looking at after a step failed.

use serde::{Deserialize, Serialize};

use crate::{BoundaryCall, Walk};

/// The data of `evidence`: all that belongs to one failed step. A part without content is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The file's lines with a caret under the place, as text without colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// Further diagnostics as text: errors of models, of expressions, of the API server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<String>,
    /// Expected against actual, limited to what was asked for: lines that begin with `-`, `+` or a space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The last boundary calls that concern the failure, oldest first, each with its time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_calls: Vec<TimedCall>,
    /// State as the real tools show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// The walks of probes that were not answered as expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub walks: Vec<Walk>,
    /// The command line that runs this very case again.
    pub rerun: String,
}

/// A boundary call with the time of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedCall {
    /// Virtual time of the answer, in nanoseconds since the world began.
    pub at_ns: u64,
    /// The call.
    #[serde(flatten)]
    pub call: BoundaryCall,
}

/// One view of state: `hnsdiag list endpoints` on `win1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What was looked at and where.
    pub title: String,
    /// What was seen, as the real tool prints it.
    pub text: String,
}
