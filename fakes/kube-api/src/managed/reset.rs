//! Fields that a write through some path does not set, and so cannot manage (`GetResetFields` of each strategy).

use super::field_set::FieldSet;
use crate::kinds::{Admit, Kind, Subresource};

/// What nobody manages (`stripmeta.go`).
pub(super) fn unmanaged() -> FieldSet {
    FieldSet::of_paths(&[
        &["apiVersion"],
        &["kind"],
        &["metadata"],
        &["metadata", "name"],
        &["metadata", "namespace"],
        &["metadata", "creationTimestamp"],
        &["metadata", "selfLink"],
        &["metadata", "uid"],
        &["metadata", "clusterName"],
        &["metadata", "generation"],
        &["metadata", "managedFields"],
        &["metadata", "resourceVersion"],
    ])
}

/// The fields that a write of this part of an object leaves alone.
pub(super) fn fields(kind: &Kind, part: Option<Subresource>) -> FieldSet {
    let paths: &[&[&str]] = match (kind.rules.admit, part) {
        (Admit::SigningRequest, Some(Subresource::Approval)) => &[&["spec"], &["status", "certificate"]],
        (Admit::SigningRequest, Some(Subresource::Status)) => &[&["spec"], &["status", "conditions"]],
        (Admit::SigningRequest, _) => &[&["spec"], &["status"]],
        (Admit::Pod, Some(Subresource::Status)) => {
            &[&["spec"], &["metadata", "deletionTimestamp"], &["metadata", "ownerReferences"]]
        }
        (_, Some(Subresource::Status)) if kind.kind == "Deployment" => &[&["spec"], &["metadata", "labels"]],
        (_, Some(Subresource::Status)) => &[&["spec"]],
        // Its strategy names a group that is not its own (`registry/networking/servicecidr/strategy.go`).
        (_, None) if kind.kind == "ServiceCIDR" => &[],
        (_, None) if kind.has(Subresource::Status) => &[&["status"]],
        _ => &[],
    };
    FieldSet::of_paths(paths)
}
