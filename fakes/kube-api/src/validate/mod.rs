//! What makes an object invalid. One file for each group of kinds; errors have the form of apimachinery's
//! `pkg/util/validation/field`.

mod field;
mod metadata;
mod name;

pub use field::{FieldError, FieldErrors, FieldPath};
pub(crate) use metadata::{metadata, metadata_update};
pub(crate) use name::{
    dns_label_problem, dns_subdomain_problem, label_key_problem, label_value_problem, service_name_problem,
};
