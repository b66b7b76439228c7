//! Label selectors in objects (apimachinery, `pkg/apis/meta/v1/validation`).

use winlab_document::Document;

use super::name::label_key_problem;
use super::{FieldErrors, FieldPath, items, metadata};

/// Checks a selector, if there is one.
pub(super) fn label_selector(selector: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let Some(selector) = selector else { return };
    metadata::labels(selector.get("matchLabels"), &path.child("matchLabels"), errors);
    let list = path.child("matchExpressions");
    for (at, expression) in items(selector, "matchExpressions").iter().enumerate() {
        let path = list.index(at);
        let values = items(expression, "values");
        match expression.text(&["operator"]) {
            "In" | "NotIn" if values.is_empty() => {
                errors
                    .required(&path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&path.child("values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
        }
        let key = expression.text(&["key"]);
        if let Some(problem) = label_key_problem(key) {
            errors.invalid(&path.child("key"), key, problem);
        }
    }
}

/// Whether a selector selects by nothing.
pub(super) fn is_empty(selector: &Document) -> bool {
    selector.get("matchLabels").is_none_or(|labels| labels.members().is_empty())
        && items(selector, "matchExpressions").is_empty()
}
