//! Crates depend in one direction.

use super::direction_table::{ALLOWED, allowed};
use crate::lint::{Finding, Lint};
use crate::manifest::{Member, folders_by_name, members};
use crate::tree::Tree;

const TABLE: &str = "tests/tidy/src/rules/direction_table.rs";

/// Manifests name only what the table allows. Tests may also use any fake, and crates below `tests/` may use anything.
pub(super) struct DependencyDirection;

impl Lint for DependencyDirection {
    fn name(&self) -> &'static str {
        "dependency-direction"
    }

    fn why(&self) -> &'static str {
        "the boundary holds only while the components know nothing of the fakes and the fakes nothing of the lab."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let members = members(tree);
        let folders = folders_by_name(&members);
        let mut findings = Vec::new();
        for member in members.iter().filter(|member| !member.folder.starts_with("tests/")) {
            let Some(may) = allowed(&member.folder) else {
                let message = format!("this crate has no row in {TABLE}");
                findings.push(Finding::new(&member.manifest(), 0, message));
                continue;
            };
            let ours = |name: &String| folders.get(name.as_str()).copied();
            for need in member.needs.iter().filter_map(ours).filter(|need| !may.contains(need)) {
                findings.push(forbidden(tree, member, need, "must not depend on"));
            }
            let in_tests = |need: &&str| !may.contains(need) && !need.starts_with("fakes/") && !is_base(need);
            for need in member.needs_for_tests.iter().filter_map(ours).filter(in_tests) {
                findings.push(forbidden(tree, member, need, "must not, even in tests, depend on"));
            }
        }
        let gone = |folder: &&str| !members.iter().any(|member| member.folder == *folder);
        for folder in ALLOWED.iter().map(|(folder, _)| *folder).filter(gone) {
            findings.push(Finding::new(TABLE, 0, format!("{folder} has a row, but there is no such crate")));
        }
        findings
    }
}

/// Whether everybody may have it in tests: plain data and time, which know nobody.
fn is_base(folder: &str) -> bool {
    allowed(folder).is_some_and(<[_]>::is_empty)
}

fn forbidden(tree: &Tree, member: &Member, need: &str, verb: &str) -> Finding {
    let path = member.manifest();
    let name = members(tree).into_iter().find(|other| other.folder == need).map(|other| other.name);
    let names = |line: &str| name.as_ref().is_some_and(|name| line.starts_with(name.as_str()));
    let line = tree.text(&path).and_then(|text| text.lines().position(names)).map_or(0, |index| index + 1);
    Finding::new(&path, line, format!("{} {verb} {need} (the table is in {TABLE})", member.folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree with a manifest for every row of the table, and one more line in one of them.
    fn workspace(folder: &str, lines: &str) -> Tree {
        let mut tree = Tree::default();
        for (known, _) in ALLOWED {
            let more = if *known == folder { lines } else { "" };
            let name = format!("[package]\nname = \"{}\"\n{more}", known.replace('/', "-"));
            tree.put(&format!("{known}/Cargo.toml"), &name);
        }
        tree
    }

    #[test]
    fn a_component_that_knows_a_fake_is_found_where_it_says_so() {
        let tree = workspace(
            "lab/node",
            "[dependencies]\nlab-host = { path = \"\" }\nfakes-hns = { path = \"\" }\n",
        );
        let findings = DependencyDirection.check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("lab/node/Cargo.toml", 5));
        assert!(findings[0].message.starts_with("lab/node must not depend on fakes/hns"));
    }

    #[test]
    fn tests_may_use_fakes_but_not_the_layers_above() {
        let tree = workspace(
            "lab/node",
            "[dev-dependencies]\nfakes-hns = \"1\"\nlab-events = \"1\"\nlab-engine = \"1\"\n",
        );
        let findings = DependencyDirection.check(&tree);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("even in tests, depend on lab/engine"));
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let mut tree = workspace("", "");
        tree.put("lab/new/Cargo.toml", "[package]\nname = \"new\"");
        assert_eq!(DependencyDirection.check(&tree)[0].path, "lab/new/Cargo.toml");
        let findings = DependencyDirection.check(&Tree::default());
        assert_eq!(findings.len(), ALLOWED.len());
    }

    #[test]
    fn the_table_s_own_workspace_is_clean() {
        assert_eq!(DependencyDirection.check(&workspace("", "")), []);
    }
}
