//! A plain `cargo run` runs winlab.

use crate::lint::{Finding, Lint};
use crate::manifest::members;
use crate::tree::Tree;

/// `lab/cli` is the only default member that builds a program.
pub(super) struct OneProgram;

impl Lint for OneProgram {
    fn name(&self) -> &'static str {
        "one-program"
    }

    fn why(&self) -> &'static str {
        "with a second program among the default members, cargo asks a new user which one to run."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        members(tree)
            .into_iter()
            .filter(|member| member.has_program && !matches!(member.folder.as_str(), "lab/cli" | "xtask"))
            .map(|member| Finding::new(&member.manifest(), 0, "this crate builds a program"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_program_is_found() {
        let tree = Tree::of([
            ("lab/cli/Cargo.toml", "[package]\nname = \"winlab\""),
            ("lab/cli/src/main.rs", ""),
            ("tests/benches/Cargo.toml", "[package]\nname = \"b\""),
            ("tests/benches/src/bin/x.rs", ""),
        ]);
        let findings = OneProgram.check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "tests/benches/Cargo.toml");
    }

    #[test]
    fn the_command_line_and_xtask_may_be_programs() {
        let tree = Tree::of([
            ("lab/cli/Cargo.toml", "[package]\nname = \"winlab\""),
            ("lab/cli/src/main.rs", ""),
            ("xtask/Cargo.toml", "[package]\nname = \"xtask\""),
            ("xtask/src/main.rs", ""),
        ]);
        assert_eq!(OneProgram.check(&tree), []);
    }
}
