//! Scenario files and the manifests beside them belong together.

use std::collections::BTreeSet;

use crate::lint::{Finding, Lint};
use crate::tree::{Tree, resolve};

const SCENARIO: &str = ".winlab.yaml";

/// Files below `scenarios/` have kebab-case names, a scenario's files are there, and no manifest is unused.
pub(super) struct ScenarioFiles;

impl Lint for ScenarioFiles {
    fn name(&self) -> &'static str {
        "scenario-files"
    }

    fn why(&self) -> &'static str {
        "a case is named for its file, and a manifest that no case applies is not tested by anything."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut named = BTreeSet::new();
        let files: Vec<_> =
            tree.texts_ending("yaml").filter(|(path, _)| path.starts_with("scenarios/")).collect();
        for (path, text) in &files {
            if !path.split('/').all(is_kebab) {
                findings.push(Finding::new(path, 0, "names below scenarios/ are kebab-case"));
            }
            for (index, line) in text.lines().enumerate().filter(|_| names_files(path)) {
                for file in files_named(line) {
                    match resolve(path, file) {
                        Some(target) if tree.holds(&target) => drop(named.insert(target)),
                        _ => findings.push(Finding::new(
                            path,
                            index + 1,
                            format!("there is no {file} beside it"),
                        )),
                    }
                }
            }
        }
        let unused = files.iter().filter(|(path, _)| !path.ends_with(SCENARIO) && !named.contains(*path));
        findings.extend(unused.map(|(path, _)| Finding::new(path, 0, "no scenario names this file")));
        findings
    }
}

/// Scenarios name files, and so do the verbs made in YAML below a `lib` folder.
fn names_files(path: &str) -> bool {
    path.ends_with(SCENARIO) || path.split('/').any(|part| part == "lib")
}

/// The YAML files a line names in a value; prose, comments, patterns with an axis in them, and addresses are none.
fn files_named(line: &str) -> impl Iterator<Item = &str> {
    let line = line.split(" #").next().unwrap_or_default();
    let applies = ["apply:", "delete:", "use:", "- "].iter().any(|key| line.contains(key));
    line.split([' ', ',', '[', ']', '{', '}', '"', '\''])
        .filter(move |word| applies && (word.ends_with(".yaml") || word.ends_with(".yml")))
        .filter(|word| !word.contains('$') && !word.contains("://"))
}

fn is_kebab(part: &str) -> bool {
    let stem = part.strip_suffix(SCENARIO).or_else(|| part.strip_suffix(".yaml")).unwrap_or(part);
    !stem.is_empty()
        && !stem.starts_with('-')
        && !stem.ends_with('-')
        && stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_names_missing_and_unused_manifests_are_found() {
        let tree = Tree::of([
            ("scenarios/Join_Order.winlab.yaml", "steps:\n  - apply: [manifests/web.yaml, gone.yaml]\n"),
            ("scenarios/manifests/web.yaml", ""),
            ("scenarios/manifests/idle.yaml", ""),
        ]);
        let findings = ScenarioFiles.check(&tree);
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "names below scenarios/ are kebab-case",
                "there is no gone.yaml beside it",
                "no scenario names this file"
            ]
        );
        assert_eq!(findings[1].line, 2);
    }

    #[test]
    fn a_scenario_with_its_manifests_is_fine() {
        let text = "about: See notes.yaml for more.  # not old.yaml\nsteps:\n  - use: ../lib/web.yaml\n  - apply:\n      - manifests/a.yaml\n";
        let tree = Tree::of([
            ("scenarios/net/join-1.20.winlab.yaml", text),
            ("scenarios/net/manifests/a.yaml", ""),
            ("scenarios/lib/web.yaml", "steps:\n  - apply: [b.yaml]\n"),
            ("scenarios/lib/b.yaml", ""),
        ]);
        assert_eq!(ScenarioFiles.check(&tree), []);
    }
}
