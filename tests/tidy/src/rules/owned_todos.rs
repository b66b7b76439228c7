//! What is left to do has an owner.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

// Put together here, so that this file does not find itself.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// A mark of unfinished work names who will do it, or the issue: `(name)` or `(#123)` follows it.
pub(super) struct OwnedTodos;

impl Lint for OwnedTodos {
    fn name(&self) -> &'static str {
        "owned-todos"
    }

    fn why(&self) -> &'static str {
        "what nobody owns is not going to be done, and the reader cannot ask anybody."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, text) in tree.texts().filter(|(path, _)| *path != "Cargo.lock") {
            for mark in MARKS.into_iter().filter(|mark| text.contains(mark)) {
                let lines = text.lines().enumerate().filter(|(_, line)| is_unowned(line, mark));
                findings.extend(
                    lines.map(|(index, _)| Finding::new(path, index + 1, format!("{mark} without an owner"))),
                );
            }
        }
        findings
    }
}

fn is_unowned(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + mark.len()..]);
        let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let is_word = !before.ends_with(part_of_a_word)
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let owner =
            after.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(owner, _)| owner.trim());
        is_word && owner.is_none_or(str::is_empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_nobody_owns_is_found() {
        let text = format!("a\n// {0}: later\n// {0}() too\n", MARKS[0]);
        assert_eq!(OwnedTodos.check(&Tree::of([("a.rs", text.as_str())])).len(), 2);
    }

    #[test]
    fn an_owned_mark_and_a_word_that_holds_one_are_fine() {
        let text = format!("// {0}(#12): later\n// MA{1}S, context.{0}()\n", MARKS[0], MARKS[2]);
        assert_eq!(OwnedTodos.check(&Tree::of([("a.rs", text.as_str())])), []);
    }
}
