//! One clippy.toml holds the seam.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// There is one clippy.toml, at the root.
pub(super) struct OneSeam;

impl Lint for OneSeam {
    fn name(&self) -> &'static str {
        "one-seam"
    }

    fn why(&self) -> &'static str {
        "a second clippy.toml replaces the root's for its crate without a word, and the seam with it."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings: Vec<_> = tree
            .paths()
            .filter(|path| path.ends_with("/clippy.toml") || path.ends_with(".clippy.toml"))
            .map(|path| Finding::new(path, 0, "a clippy.toml beside the root's"))
            .collect();
        if !tree.holds("clippy.toml") {
            findings.push(Finding::new("clippy.toml", 0, "the root's clippy.toml is gone"));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_and_a_missing_one_are_found() {
        assert_eq!(OneSeam.check(&Tree::of([("lab/node/.clippy.toml", "")])).len(), 2);
        assert_eq!(OneSeam.check(&Tree::of([("clippy.toml", ""), ("lab/node/clippy.toml", "")])).len(), 1);
    }

    #[test]
    fn the_root_s_own_is_fine() {
        assert_eq!(OneSeam.check(&Tree::of([("clippy.toml", "")])), []);
    }
}
