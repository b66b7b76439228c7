//! Every Rust file says what it is for.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// A Rust file's first line is its module doc.
pub(super) struct ModuleDocs;

impl Lint for ModuleDocs {
    fn name(&self) -> &'static str {
        "module-docs"
    }

    fn why(&self) -> &'static str {
        "a file that cannot say in a sentence what it is for is two files, or none."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let says = |text: &str| {
            text.lines()
                .next()
                .and_then(|line| line.strip_prefix("//!"))
                .is_some_and(|doc| !doc.trim().is_empty())
        };
        let silent = tree.texts_ending("rs").filter(|(_, text)| !says(text));
        silent.map(|(path, _)| Finding::new(path, 1, "no `//!` module doc on the first line")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_file_is_found() {
        let tree = Tree::of([("a.rs", "use std::fmt;\n//! Late.\n"), ("b.rs", "//!\n"), ("c.rs", "")]);
        assert_eq!(ModuleDocs.check(&tree).len(), 3);
    }

    #[test]
    fn a_documented_file_is_fine() {
        assert_eq!(ModuleDocs.check(&Tree::of([("a.rs", "//! Endpoints.\n"), ("b.md", "")])), []);
    }
}
