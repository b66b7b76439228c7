//! What makes an object invalid: one file for each group of kinds (`pkg/apis/*/validation`). Errors have the form of
//! apimachinery's `pkg/util/validation/field`.

mod certificate;
mod cluster;
mod container;
mod field;
mod job;
mod metadata;
mod name;
mod pod;
mod probe;
mod scheduling;
mod selector;
mod service;
mod service_cidr;
mod status;
mod volume;
mod windows;
mod windows_user;
mod workload;

pub(crate) use certificate::{signing_request, signing_request_update};
pub(crate) use cluster::{
    config_map, config_map_update, disruption_budget, endpoint_slice, endpoint_slice_update, event, lease,
    node, node_update, priority_class, priority_class_update, runtime_class, runtime_class_update, secret,
    secret_update,
};
pub use field::{FieldError, FieldErrors, FieldPath};
pub(crate) use job::{cron_job, job, job_update};
pub(crate) use metadata::{metadata, metadata_update};
pub(crate) use name::{label_key_problem, service_name_problem};
pub(crate) use pod::{ephemeral_containers_update, pod, pod_update};
pub(crate) use service::{service, service_update};
pub(crate) use service_cidr::{ip_address, ip_address_update, service_cidr, service_cidr_update};
pub(crate) use status::status;
pub(crate) use workload::{
    daemon_set, daemon_set_update, deployment, deployment_update, replica_set, replica_set_update,
    stateful_set, stateful_set_update,
};

use winlab_document::Document;

/// The items of a list; none if it is not there.
fn items<'a>(object: &'a Document, name: &str) -> &'a [Document] {
    object.get(name).map(Document::items).unwrap_or_default()
}

/// Whether a member is there and not null.
fn is_set(object: &Document, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null())
}

/// Whether a boolean is there and true.
fn is_true(object: &Document, name: &str) -> bool {
    object.get(name).and_then(Document::as_bool) == Some(true)
}

/// A number that must not be negative.
fn non_negative(object: &Document, name: &str, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    if let Some(number) = object.get(name).and_then(Document::as_i64).filter(|number| *number < 0) {
        errors.invalid(&path.child(name), number, "must be greater than or equal to 0");
    }
}

/// A number that has to be a port.
fn port_number(number: i64, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    if !(1..=65_535).contains(&number) {
        errors.invalid(path, number, "must be between 1 and 65535, inclusive");
    }
}

/// A field that may not change.
fn immutable(new: &Document, old: &Document, path: &FieldPath<'_>, names: &[&str], errors: &mut FieldErrors) {
    let (new, old) = (new.path(names), old.path(names));
    if new != old {
        errors.invalid(path, new.cloned().unwrap_or_default(), "field is immutable");
    }
}
