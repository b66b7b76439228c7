//! Two reports, side by side.

use similar::TextDiff;

/// Nothing where they are equal, else where they are not.
#[must_use]
pub fn difference(model: &str, real: &str) -> Option<String> {
    if model == real {
        return None;
    }
    let diff = TextDiff::from_lines(model, real);
    Some(diff.unified_diff().context_radius(3).header("the model", "the program").to_string())
}
