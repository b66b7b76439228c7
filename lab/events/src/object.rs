//! Objects that change, and what components say about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Name;

/// What happened to an object. The words are those of a Kubernetes watch, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is different.
    Modified,
    /// It is gone.
    Deleted,
}

/// The data of `kube-object-changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubeObjectChanged {
    /// What happened to it.
    pub change: Change,
    /// The object's kind, `EndpointSlice`.
    pub kind: Name,
    /// Its namespace; `None` for a kind without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// `metadata.resourceVersion` after the change.
    pub resource_version: String,
    /// What changed, shortened for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The data of `host-object-changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostObjectChanged {
    /// The host, `win1`.
    pub host: Name,
    /// The service that keeps it: `hns`, `hcs`, `system`, `linux`.
    pub service: Name,
    /// What happened to it.
    pub change: Change,
    /// The object's kind: `network`, `endpoint`, `namespace`, `loadbalancer`, `compute-system`, `route`, ….
    pub kind: Name,
    /// Its GUID or id.
    pub id: String,
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How serious a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// For whoever looks for a fault in the component.
    Debug,
    /// What it does.
    Info,
    /// Something is odd.
    Warning,
    /// Something failed.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The data of `component-log`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentLog {
    /// The node it runs on; `None` for the control plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Name>,
    /// The component: `kube-proxy`, `kubelet`, ….
    pub component: Name,
    /// How serious.
    pub level: Level,
    /// The line.
    pub message: String,
}
