//! What people read: `about`, `refs` and the names of steps.

use crate::diagnostic::Diagnostic;
use crate::model::Scenario;

pub(super) fn check(scenario: &Scenario, warnings: &mut Vec<Diagnostic>) {
    let about = scenario.about.trim_end();
    if !about.ends_with(['.', '!', '?']) || about.split_whitespace().count() < 3 {
        let message = "`about` is prose: a sentence that ends with a full stop";
        let warning = Diagnostic::warning("about-sentence", scenario.about_span, message);
        warnings
            .push(warning.hint("say what must hold, as in `Services work again after HNS was restarted.`"));
    }
    for (reference, span) in scenario.refs.iter().zip(&scenario.ref_spans) {
        if !is_reference(reference) {
            let message = format!("`{reference}` is neither `owner/repo#1` nor an address");
            let warning = Diagnostic::warning("bad-ref", *span, message);
            warnings.push(warning.hint("as in `kubernetes/kubernetes#133928` or `https://…`"));
        }
    }
}

fn is_reference(text: &str) -> bool {
    if ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
    {
        return true;
    }
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let Some((repository, number)) = text.split_once('#') else { return false };
    let owned = repository.split_once('/').is_some_and(|(owner, name)| is_word(owner) && is_word(name));
    owned && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

/// Whether a step's name says nothing of what happens in it: `step-1`, `test2`.
pub(super) fn is_vague(name: &str) -> bool {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    matches!(word, "" | "s" | "step" | "test" | "check" | "action" | "foo" | "bar" | "do" | "todo" | "name")
}

#[cfg(test)]
mod tests {
    use super::{is_reference, is_vague};

    #[test]
    fn references_can_be_followed() {
        for good in
            ["kubernetes/kubernetes#133928", "https://example.com/x", "microsoft/Windows-Containers#1"]
        {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["#133928", "kubernetes#1", "kubernetes/kubernetes", "a/b#x", "https://", "KEP 1981"] {
            assert!(!is_reference(bad), "{bad}");
        }
    }

    #[test]
    fn vague_names_are_those_that_could_stand_anywhere() {
        assert!(["step-1", "step", "7", "test2", "check-"].into_iter().all(is_vague));
        assert!(!["step-down", "programmed", "check-dns", "reboot-2"].into_iter().any(is_vague));
    }
}
