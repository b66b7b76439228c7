//! `fieldManager` and `force` (apimachinery, `ValidatePatchOptions`, `ValidateFieldManager`).

use super::media::{PatchType, patch_type};
use super::query::Params;
use crate::failure::Failure;
use crate::validate::{FieldErrors, FieldPath};

const LONGEST: usize = 128;

/// Whether the request may name its manager so.
pub(crate) fn check(parts: &http::request::Parts, params: &Params, manager: &str) -> Result<(), Failure> {
    let mut errors = FieldErrors::default();
    let path = FieldPath::new("fieldManager");
    let is_patch = parts.method == http::Method::PATCH;
    if is_patch {
        let applies = matches!(patch_type(&parts.headers), Ok(PatchType::Apply));
        if applies && manager.is_empty() {
            errors.required(&path, "is required for apply patch");
        }
        if !applies && !params.text("force").is_empty() {
            errors.forbidden(&FieldPath::new("force"), "may not be specified for non-apply patch");
        }
    }
    if manager.len() > LONGEST {
        errors.too_long(&path, LONGEST);
    }
    if let Some((at, odd)) = manager.char_indices().find(|(_, letter)| letter.is_control()) {
        let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(odd));
        errors.invalid(&path, manager, detail);
    }
    if errors.is_empty() {
        return Ok(());
    }
    let form = match parts.method.as_str() {
        "PATCH" => "PatchOptions",
        "PUT" => "UpdateOptions",
        _ => "CreateOptions",
    };
    Err(Failure::invalid_form("meta.k8s.io", form, "", &errors.into_vec()))
}
