//! The seam is stepped over only where ARCHITECTURE.md says so.

use super::seam_table::{ALLOWED, knows};
use crate::lint::{Finding, Lint};
use crate::manifest::members;
use crate::tree::Tree;

const TABLE: &str = "tests/tidy/src/rules/seam_table.rs";
/// The attribute's words; `disallowed_macros` is not among them, as its exceptions are held by `biased-select`.
const LINTS: [&str; 3] =
    ["clippy::disallowed_methods", "clippy::disallowed_types", "clippy::iter_over_hash_type"];

/// Exceptions to `disallowed-methods` and `disallowed-types` stand only in the crates of the table, or in tests and benches.
pub(super) struct SeamExceptions;

impl Lint for SeamExceptions {
    fn name(&self) -> &'static str {
        "seam-exceptions"
    }

    fn why(&self) -> &'static str {
        "one model that reads the wall clock or a file is enough to make a run different from its rerun."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, text) in tree.texts_ending("rs") {
            let parts: Vec<_> = path.split('/').collect();
            let folder = parts[..parts.len().min(if parts[0] == "xtask" { 1 } else { 2 })].join("/");
            let in_tests = path.ends_with("tests.rs")
                || parts.iter().skip(2).any(|part| matches!(*part, "tests" | "benches"));
            if knows(&folder) || in_tests {
                continue;
            }
            for (index, line) in text.lines().enumerate() {
                if LINTS.iter().any(|lint| line.contains(lint)) {
                    let message = format!("{folder} may not step over the seam (the table is in {TABLE})");
                    findings.push(Finding::new(path, index + 1, message));
                }
            }
        }
        let members = members(tree);
        for (folder, _) in ALLOWED {
            if !members.iter().any(|member| member.folder == *folder) {
                findings.push(Finding::new(
                    TABLE,
                    0,
                    format!("{folder} has a row, but there is no such crate"),
                ));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCEPTION: &str = "//! Doc.\n#![expect(clippy::disallowed_methods, reason = \"files\")]\n";

    fn with_all_crates(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::of(files.iter().copied());
        for (folder, _) in ALLOWED {
            tree.put(
                &format!("{folder}/Cargo.toml"),
                &format!("[package]\nname = \"{}\"", folder.replace('/', "-")),
            );
        }
        tree
    }

    #[test]
    fn an_exception_in_a_model_is_found() {
        let findings = SeamExceptions.check(&with_all_crates(&[("lab/node/src/dns.rs", EXCEPTION)]));
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("lab/node/src/dns.rs", 2));
    }

    #[test]
    fn a_row_without_its_crate_is_found() {
        assert_eq!(SeamExceptions.check(&Tree::default()).len(), ALLOWED.len());
    }

    #[test]
    fn the_crates_of_the_table_and_tests_may() {
        let tree = with_all_crates(&[
            ("lab/cli/src/main.rs", EXCEPTION),
            ("xtask/src/main.rs", EXCEPTION),
            ("lab/node/tests/golden.rs", EXCEPTION),
            ("lab/node/src/dns/tests.rs", EXCEPTION),
        ]);
        assert_eq!(SeamExceptions.check(&tree), []);
    }
}
