//! Modules and crates are named for one job.

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

const NOT_A_JOB: [&str; 5] = ["util", "utils", "common", "helpers", "misc"];

/// No crate, folder or module has a name that fits everything.
pub(super) struct ModuleNames;

impl Lint for ModuleNames {
    fn name(&self) -> &'static str {
        "module-names"
    }

    fn why(&self) -> &'static str {
        "what fits everywhere is looked for nowhere, and grows."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let bad = |path: &&str| {
            let stem = path.strip_suffix(".rs").unwrap_or(path);
            stem.split('/').any(|part| NOT_A_JOB.contains(&part))
        };
        let code = tree.paths().filter(|path| path.ends_with(".rs") || path.ends_with("Cargo.toml"));
        code.filter(bad).map(|path| Finding::new(path, 0, "name it for what it does")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found() {
        let tree =
            Tree::of([("lab/node/src/util.rs", ""), ("lab/common/Cargo.toml", ""), ("a/helpers/b.rs", "")]);
        assert_eq!(ModuleNames.check(&tree).len(), 3);
    }

    #[test]
    fn names_of_jobs_are_fine() {
        assert_eq!(ModuleNames.check(&Tree::of([("lab/node/src/common_name.rs", ""), ("util.md", "")])), []);
    }
}
