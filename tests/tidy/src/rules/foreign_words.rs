//! The repository speaks of the project, not of the place or the way it was written.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// What must not be named, in lower case, and why. Put together here, so that this file does not find itself.
const FOREIGN: [(&str, &str); 17] = [
    (concat!("/wo", "rk/"), A_MACHINE),
    (concat!("/ro", "ot/"), A_MACHINE),
    (concat!("/ho", "me/"), A_MACHINE),
    (concat!("artif", "actory"), A_MIRROR),
    (concat!("rs", "proxy"), A_MIRROR),
    (concat!("goproxy", ".cn"), A_MIRROR),
    (concat!("mirrors", "."), A_MIRROR),
    (concat!("shared/", "spec"), A_NOTE),
    (concat!("shared/", "design"), A_NOTE),
    (concat!("../", "shared/"), A_NOTE),
    (concat!("anth", "ropic"), AN_AUTHOR),
    (concat!("cla", "ude"), AN_AUTHOR),
    (concat!("open", "ai"), AN_AUTHOR),
    (concat!("chat", "gpt"), AN_AUTHOR),
    (concat!("co", "pilot"), AN_AUTHOR),
    (concat!("language ", "model"), AN_AUTHOR),
    (concat!("ai-", "generated"), AN_AUTHOR),
];
const A_MACHINE: &str = "a path of one machine";
const A_MIRROR: &str = "a package mirror: registries are set up by whoever builds";
const A_NOTE: &str = "a note outside the repository: cite the document or the upstream issue";
const AN_AUTHOR: &str = "a tool some text was written with: say what the text is about";

/// No paths of one machine, mirror hosts, notes outside the repository, or authoring tools.
pub(super) struct ForeignWords;

impl Lint for ForeignWords {
    fn name(&self) -> &'static str {
        "foreign-words"
    }

    fn why(&self) -> &'static str {
        "a reader elsewhere can follow none of these."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, text) in tree.texts() {
            let lower = text.to_lowercase();
            for (word, kind) in FOREIGN.into_iter().filter(|(word, _)| lower.contains(word)) {
                for (index, line) in lower.lines().enumerate().filter(|(_, line)| names(line, word)) {
                    findings.push(Finding::new(
                        path,
                        index + 1,
                        format!("`{word}` is {kind}: {}", line.trim()),
                    ));
                }
            }
        }
        findings
    }
}

/// Whether the word stands in the line by itself, not as the rest of a longer word or path.
fn names(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '}' | '$');
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_foreign_word_is_found_where_it_stands() {
        for (word, _) in FOREIGN {
            let text = format!("first\nsee \"{}x\"\n", word.to_uppercase());
            let findings = ForeignWords.check(&Tree::of([("a.md", text.as_str())]));
            assert!(findings.iter().any(|finding| finding.line == 2), "{word}");
        }
    }

    #[test]
    fn words_that_hold_one_are_fine() {
        let inner = format!(
            "https://example.com{}index, $HOME{}, non{}\n",
            FOREIGN[2].0, FOREIGN[1].0, FOREIGN[13].0
        );
        assert_eq!(ForeignWords.check(&Tree::of([("a.md", inner.as_str())])), []);
    }
}
