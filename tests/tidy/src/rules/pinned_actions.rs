//! Workflows run the actions that were read, not what a tag points at today.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

/// Every `uses:` of a workflow names a commit, and the release it was in a comment.
pub(super) struct PinnedActions;

impl Lint for PinnedActions {
    fn name(&self) -> &'static str {
        "pinned-actions"
    }

    fn why(&self) -> &'static str {
        "a tag can be moved onto other code, a commit cannot."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, text) in tree.texts().filter(|(path, _)| path.starts_with(".github/")) {
            for (index, line) in text.lines().enumerate() {
                let Some(action) = line.trim_start().trim_start_matches("- ").strip_prefix("uses:") else {
                    continue;
                };
                if !is_pinned(action.trim()) {
                    let message = "write `owner/name@<commit of 40 digits> # vX.Y.Z`";
                    findings.push(Finding::new(path, index + 1, message));
                }
            }
        }
        findings
    }
}

fn is_pinned(action: &str) -> bool {
    if action.starts_with("./") {
        return true;
    }
    let (reference, comment) = action.split_once('#').unwrap_or((action, ""));
    let commit = reference.trim().rsplit_once('@').map_or("", |(_, commit)| commit);
    commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()) && comment.trim().starts_with('v')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_and_a_commit_without_its_release_are_found() {
        let text = format!("- uses: a/b@v4\n- name: x\n  uses: a/b@{}\n", "0".repeat(40));
        let findings = PinnedActions.check(&Tree::of([(".github/workflows/ci.yml", text.as_str())]));
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_commit_with_its_release_and_a_local_action_are_fine() {
        let text = format!("- uses: a/b@{} # v4.2.2\n- uses: ./.github/actions/c\n", "0".repeat(40));
        assert_eq!(PinnedActions.check(&Tree::of([(".github/workflows/ci.yml", text.as_str())])), []);
    }
}
