//! Kinds as data: what the server knows about each built-in kind stands in one table, [`KINDS`].

mod rules;
mod table;

pub use rules::{Admit, Rules};
pub use table::KINDS;
pub(crate) use table::stored as unstored;

/// Place of a kind in [`KINDS`], and of its collection in the store.
pub type KindId = usize;

/// What may be asked of an object beside the object itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subresource {
    /// `status`: writes change nothing but the status.
    Status,
    /// `scale`: the `autoscaling/v1` view of `spec.replicas`.
    Scale,
    /// `approval` of a certificate signing request: writes change nothing but the conditions.
    Approval,
    /// `binding` of a pod: sets its node.
    Binding,
    /// `eviction` of a pod: a deletion that asks disruption budgets first.
    Eviction,
    /// `ephemeralcontainers` of a pod.
    EphemeralContainers,
    /// `finalize` of a namespace: writes change nothing but `spec.finalizers`.
    Finalize,
    /// `token` of a service account: a `TokenRequest`.
    Token,
    /// `log` of a pod: what its kubelet has of a container's output.
    Log,
    /// `exec` of a pod: a command in a container, through its kubelet.
    Exec,
    /// `attach` of a pod: a container's own input and output.
    Attach,
    /// `portforward` of a pod.
    PortForward,
}

impl Subresource {
    /// Whether it is a part of the object, which can be read and written like the object.
    pub(crate) fn is_part(self) -> bool {
        matches!(self, Self::Status | Self::Approval | Self::EphemeralContainers | Self::Finalize)
    }

    /// Its last path segment.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Scale => "scale",
            Self::Approval => "approval",
            Self::Binding => "binding",
            Self::Eviction => "eviction",
            Self::EphemeralContainers => "ephemeralcontainers",
            Self::Finalize => "finalize",
            Self::Token => "token",
            Self::Log => "log",
            Self::Exec => "exec",
            Self::Attach => "attach",
            Self::PortForward => "portforward",
        }
    }
}

/// A built-in kind.
#[derive(Debug)]
pub struct Kind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// API version.
    pub version: &'static str,
    /// `Pod`
    pub kind: &'static str,
    /// `pods`
    pub plural: &'static str,
    /// `po`, as kubectl takes it.
    pub short: &'static [&'static str],
    /// `all`, as kubectl takes it.
    pub categories: &'static [&'static str],
    /// The first minor that serves it.
    pub since: u32,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What may be asked of its objects beside themselves.
    pub subresources: &'static [Subresource],
    /// The minor from which on `metadata.generation` counts changes of anything but metadata and status.
    pub generation_since: Option<u32>,
    /// Whether a create keeps the status that came with it.
    pub keeps_status: bool,
    /// Whether a PUT of an object that is not there creates it.
    pub upsert: bool,
    /// Whether a PUT must name the resource version it is based on.
    pub conditional: bool,
    /// Whether a deletion that says nothing about dependents leaves them without owner.
    pub orphans: bool,
    /// Whether the answer to a deletion is the object, not a `Status`.
    pub returns_deleted: bool,
    /// Fields beside `metadata.name` and `metadata.namespace` that a field selector may name.
    pub selectable: &'static [&'static str],
    /// The selectable field by which objects and watches are indexed.
    pub index: &'static str,
    /// Defaults, checks and what else happens at a write.
    pub rules: Rules,
}

impl Kind {
    /// `apps/v1`, `v1`
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, `pods`: as errors name it.
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `deployment`
    pub fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// Whether the subresource is served.
    pub fn has(&self, subresource: Subresource) -> bool {
        self.subresources.contains(&subresource)
    }
}

/// The kinds that a minor serves, in the order of the table.
pub fn served(minor: u32) -> impl Iterator<Item = (KindId, &'static Kind)> {
    KINDS.iter().enumerate().filter(move |(_, kind)| kind.since <= minor)
}

/// The kind served under this group, version and plural name.
pub fn by_resource(group: &str, version: &str, plural: &str) -> Option<KindId> {
    KINDS.iter().position(|kind| kind.plural == plural && kind.group == group && kind.version == version)
}

/// The kind with this API version and name.
pub fn by_kind(api_version: &str, name: &str) -> Option<KindId> {
    KINDS.iter().position(|kind| kind.kind == name && kind.api_version() == api_version)
}

/// The kind of this name in a group, whatever its version.
pub fn by_name(group: &str, name: &str) -> KindId {
    KINDS
        .iter()
        .position(|kind| kind.group == group && kind.kind == name)
        .expect("the caller names a kind of the table")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::KINDS;

    #[test]
    fn no_two_kinds_share_a_resource_and_every_index_can_be_selected() {
        let mut seen = BTreeSet::new();
        for kind in KINDS {
            assert!(
                seen.insert((kind.group, kind.version, kind.plural)),
                "{} is there twice",
                kind.resource()
            );
            assert!(kind.index == "metadata.name" || kind.selectable.contains(&kind.index), "{}", kind.kind);
        }
    }
}
