//! Every `select!` has an order.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// `select!` is followed by `biased;`.
pub(super) struct BiasedSelect;

impl Lint for BiasedSelect {
    fn name(&self) -> &'static str {
        "biased-select"
    }

    fn why(&self) -> &'static str {
        "without `biased;` a random branch goes first, and the same seed no longer gives the same run."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        // Put together here, so that this file does not find itself.
        let call = concat!("select", "! {");
        let mut findings = Vec::new();
        for (path, text) in tree.texts_ending("rs") {
            for (at, _) in text.match_indices(call) {
                if !text[at + call.len()..].trim_start().starts_with("biased;") {
                    let line = text[..at].lines().count().max(1);
                    findings.push(Finding::new(path, line, "this `select!` does not say `biased;`"));
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unbiased_one_is_found() {
        let text = concat!("fn a() {\n    tokio::select", "! {\n        a = b => {}\n    }\n}\n");
        assert_eq!(
            BiasedSelect.check(&Tree::of([("a.rs", text)])),
            [Finding::new("a.rs", 2, "this `select!` does not say `biased;`")]
        );
    }

    #[test]
    fn a_biased_one_is_fine() {
        let text = concat!("tokio::select", "! {\n    biased;\n    a = b => {}\n}\n");
        assert_eq!(BiasedSelect.check(&Tree::of([("a.rs", text)])), []);
    }
}
