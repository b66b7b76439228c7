//! Files stay small.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// The most lines a file of code may have.
const MOST: usize = 500;

const KINDS: [&str; 8] = ["rs", "go", "c", "h", "sh", "toml", "yaml", "yml"];

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// No file of code is longer than [`MOST`] lines.
pub(super) struct FileLength;

impl Lint for FileLength {
    fn name(&self) -> &'static str {
        "file-length"
    }

    fn why(&self) -> &'static str {
        "a file of one concept is read whole; a long one is searched."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        check(tree, LONGER)
    }
}

fn check(tree: &Tree, longer: &[(&str, &str)]) -> Vec<Finding> {
    let lines = |path: &str| tree.text(path).map_or(0, |text| text.lines().count());
    let code = KINDS.iter().flat_map(|kind| tree.texts_ending(kind));
    let long = code
        .map(|(path, _)| path)
        .filter(|path| lines(path) > MOST && !longer.iter().any(|(known, _)| known == path))
        .map(|path| Finding::new(path, MOST + 1, format!("{} lines, {MOST} are the most", lines(path))));
    let stale = longer
        .iter()
        .filter(|(path, _)| lines(path) <= MOST)
        .map(|(path, _)| Finding::new(path, 0, "listed as longer than the most, but it is not"));
    long.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_and_a_stale_exception_are_found() {
        let long = "x\n".repeat(MOST + 1);
        let tree = Tree::of([("a.rs", long.as_str()), ("b.rs", long.as_str())]);
        let findings = check(&tree, &[("b.rs", "a table"), ("gone.rs", "was a table")]);
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].path.as_str(), findings[1].path.as_str()), ("a.rs", "gone.rs"));
    }

    #[test]
    fn a_file_of_the_most_lines_and_a_long_text_are_fine() {
        let (most, long) = ("x\n".repeat(MOST), "x\n".repeat(2 * MOST));
        assert_eq!(FileLength.check(&Tree::of([("a.rs", most.as_str()), ("Cargo.lock", long.as_str())])), []);
    }
}
