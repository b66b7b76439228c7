//! Who manages which field: `metadata.managedFields`, and server-side apply.
//!
//! The rules are those of sigs.k8s.io/structured-merge-diff (`merge`, `typed`, `fieldpath`) and of apimachinery's
//! `pkg/util/managedfields`:
//!
//! - `field_set`: sets of fields, in the form that objects carry them (`FieldsV1`);
//! - `value_type`: what the parts of a value are; `compare`, `extract`, `merge`, `remove`: walks along it;
//! - `check`: whether an applied configuration can be read;
//! - `managers`: the entries of an object; `conflict`: what an apply is refused with;
//! - `update` and `apply`: what a write does to the entries.
//!
//! A real server keeps entries of every object. This one begins with an object's first apply, or with its creation by
//! somebody who names a field manager, as kubectl does always: the objects of a lab are many, and nobody asks who
//! manages their fields. What was there before an apply is then the manager `before-first-apply`'s, as upstream has it for
//! objects that are older than their entries (`internal/skipnonapplied.go`).

mod apply;
mod check;
mod compare;
mod conflict;
mod extract;
mod field_set;
mod last_applied;
mod managers;
mod merge;
mod remove;
mod reset;
mod update;
mod value_type;

#[cfg(test)]
mod tests;

pub(crate) use apply::apply;
pub(crate) use update::{Origin, Sender, created, updated};
