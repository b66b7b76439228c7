//! Text files end in one line break and carry no invisible differences.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// Files whose bytes are somebody else's: snapshots, licences, lock files.
const AS_THEY_ARE: [&str; 4] = [".snap", "LICENSE", "Cargo.lock", "go.sum"];

/// No blanks at the ends of lines, no carriage returns, one line break at the end.
pub(super) struct Whitespace;

impl Lint for Whitespace {
    fn name(&self) -> &'static str {
        "whitespace"
    }

    fn why(&self) -> &'static str {
        "differences that cannot be seen make noise in every diff."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let kept = |path: &str| AS_THEY_ARE.iter().any(|end| path.ends_with(end));
        let texts = tree.texts().filter(|(path, text)| !text.is_empty() && !kept(path));
        texts
            .filter_map(|(path, text)| {
                let clean = cleaned(text);
                let line = text.split('\n').zip(clean.split('\n')).position(|(was, is)| was != is);
                (clean != text).then(|| {
                    let line = line.map_or(0, |index| index + 1);
                    Finding::new(path, line, "stray white space").fixed_by(clean)
                })
            })
            .collect()
    }
}

fn cleaned(text: &str) -> String {
    let mut clean: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    clean.truncate(clean.trim_end().len());
    clean.push('\n');
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_carriage_returns_are_found_and_mended() {
        let tree = Tree::of([
            ("a.rs", "fn a() {}\nfn b() {} \r\n\n"),
            ("ok.rs", "fn a() {}\n"),
            ("x.snap", " \n\n"),
        ]);
        let findings = Whitespace.check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("a.rs", 2));
        assert_eq!(findings[0].fix.as_deref(), Some("fn a() {}\nfn b() {}\n"));
    }

    #[test]
    fn a_clean_file_is_left_alone() {
        assert_eq!(Whitespace.check(&Tree::of([("a.md", "one\n\ntwo\n"), ("empty", "")])), []);
    }
}
