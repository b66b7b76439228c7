//! What crosses the boundary between a component and its operating system.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Name;

/// A Windows result code. In JSON a string of eight hexadecimal digits, `"0x803b0013"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub u32);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08x}", self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.strip_prefix("0x")
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not a code like 0x803b0013")))
    }
}

/// A result code with the name its documents give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultCode {
    /// The number.
    pub code: Code,
    /// The name, `HCN_E_SUBNET_NOT_FOUND`; `None` for a code without a known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.code),
            None => self.code.fmt(f),
        }
    }
}

/// The data of `boundary-call`: one call and its answer. `at_ns` of the event is the time of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundaryCall {
    /// The host, `win1`.
    pub host: Name,
    /// The service: `hns`, `hcs`, `system`, `linux`.
    pub service: Name,
    /// The component that called, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Name>,
    /// The call as the service's documents spell it, `HcnCreateEndpoint`.
    pub call: Name,
    /// The arguments, shortened for reading.
    pub arguments: String,
    /// The code of a failed call; `None` when it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ResultCode>,
    /// The answer, or the error record of a failed call, shortened for reading.
    pub answer: String,
    /// Virtual time between call and answer, in nanoseconds.
    pub latency_ns: u64,
}

/// The data of `notification`: the operating system told its clients something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The host, `win1`.
    pub host: Name,
    /// The service: `hns`, `hcs`, `system`, `linux`.
    pub service: Name,
    /// The notification as the service's documents spell it, `HcnNotificationNetworkEndpointAttached`.
    pub notification: Name,
    /// The object it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// What it carries, shortened for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The data of `unmodelled`: asked for, answered as Windows answers what it does not support, and counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmodelled {
    /// The host; `None` when it was asked of the control plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Name>,
    /// The service: `hns`, `hcs`, `kube-api`, ….
    pub service: Name,
    /// The call or field, as the service's documents spell it.
    pub what: Name,
}

/// The data of `fault`: something the lab did on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What it is done to: `hns/win1`, `underlay`.
    pub at: String,
    /// What is done, in the file's words: `stop 20s then rehydrate`.
    pub fault: String,
    /// `true` when it begins or strikes, `false` when it is lifted.
    pub active: bool,
}
