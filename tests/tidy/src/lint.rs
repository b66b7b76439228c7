//! One rule, what it finds, and how the list of rules is applied.

use std::collections::BTreeSet;
use std::fmt;

use crate::rules;
use crate::tree::Tree;

/// One house rule.
pub trait Lint {
    /// The rule's name, in kebab case.
    fn name(&self) -> &'static str;

    /// Why the rule exists: one sentence, printed under its findings.
    fn why(&self) -> &'static str;

    /// Everything in `tree` that breaks the rule.
    fn check(&self, tree: &Tree) -> Vec<Finding>;
}

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the repository's root, with `/` between its parts.
    pub path: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
    /// The whole file as it should be, where the rule knows.
    pub fix: Option<String>,
}

impl Finding {
    /// A finding on one line of a file; 0 means the file as a whole.
    #[must_use]
    pub fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into(), fix: None }
    }

    /// The same finding, with the file as it should be.
    #[must_use]
    pub fn fixed_by(mut self, text: String) -> Self {
        self.fix = Some(text);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.message)?;
        if self.fix.is_some() {
            f.write_str(" (`cargo xtask tidy --fix` mends it)")?;
        }
        Ok(())
    }
}

/// Applies every rule; the answer has one entry for each rule that found something.
#[must_use]
pub fn check(tree: &Tree) -> Vec<(Box<dyn Lint>, Vec<Finding>)> {
    rules::all()
        .into_iter()
        .map(|lint| {
            let mut findings = lint.check(tree);
            findings.sort();
            (lint, findings)
        })
        .filter(|(_, findings)| !findings.is_empty())
        .collect()
}

/// Mends in `tree` what the rules know how to mend, and names the files that changed.
///
/// Rules follow one another, each on what the last one left, so that two may mend the same file.
pub fn fix(tree: &mut Tree) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for lint in rules::all() {
        for finding in lint.check(tree) {
            if let Some(text) = finding.fix {
                tree.put(&finding.path, &text);
                changed.insert(finding.path);
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mending_leaves_nothing_that_could_be_mended() {
        let mut tree = Tree::of([("docs/a.md", "words  \r\n\n\n")]);
        assert_eq!(fix(&mut tree), BTreeSet::from(["docs/a.md".to_owned()]));
        assert_eq!(tree.text("docs/a.md"), Some("words\n"));
        assert!(fix(&mut tree).is_empty());
    }

    #[test]
    fn a_finding_prints_as_a_place_an_editor_can_open() {
        assert_eq!(Finding::new("a/b.rs", 7, "odd").to_string(), "a/b.rs:7: odd");
        assert_eq!(Finding::new("a/b.rs", 0, "odd").to_string(), "a/b.rs: odd");
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_reason() {
        let names: BTreeSet<_> = rules::all().iter().map(|lint| lint.name()).collect();
        assert_eq!(names.len(), rules::all().len());
        assert!(rules::all().iter().all(|lint| lint.why().ends_with('.')));
    }
}
