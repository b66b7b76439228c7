//! The README's quick start is what CI runs.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::lint::{Finding, Lint};
use crate::tree::Tree;

const README: &str = "README.md";
const CI: &str = ".ci/run";

/// Each command of the README's "Quick start" is a line of `.ci/run`.
pub(super) struct ReadmeCommands;

impl Lint for ReadmeCommands {
    fn name(&self) -> &'static str {
        "readme-commands"
    }

    fn why(&self) -> &'static str {
        "the first command a new user types must be one that a machine has typed since the last change."
    }

    fn check(&self, tree: &Tree) -> Vec<Finding> {
        let commands = quick_start(tree.text(README).unwrap_or_default());
        if commands.is_empty() {
            return vec![Finding::new(README, 0, "no `$ ` command in a console block under \"Quick start\"")];
        }
        let ci = tree.text(CI).unwrap_or_default();
        let runs = |command: &str| ci.lines().any(|line| line.trim().ends_with(command));
        let missing = commands.into_iter().filter(|(_, command)| !runs(command));
        missing
            .map(|(line, command)| Finding::new(README, line, format!("{CI} does not run `{command}`")))
            .collect()
    }
}

/// Lines and commands of the console blocks under the heading "Quick start".
fn quick_start(text: &str) -> Vec<(usize, String)> {
    let mut commands = Vec::new();
    let (mut in_heading, mut in_section, mut in_console) = (false, false, false);
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(words) if in_heading => in_section = &*words == "Quick start",
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => in_console = &*kind == "console",
            Event::End(TagEnd::CodeBlock) => in_console = false,
            Event::Text(block) if in_console && in_section => {
                let first = text[..range.start].matches('\n').count() + 1;
                let lines = block.lines().enumerate();
                commands.extend(
                    lines.filter_map(|(index, line)| {
                        Some((first + index, line.strip_prefix("$ ")?.to_owned()))
                    }),
                );
            }
            _ => {}
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# winlab\n\n## Quick start\n\n```console\n$ cargo run --release -- test\n```\n\n## Next\n\n\
                        ```console\n$ winlab init\n```\n";

    #[test]
    fn a_command_that_ci_does_not_run_is_found() {
        let tree = Tree::of([(README, PAGE), (CI, "cargo test\n")]);
        let expected = Finding::new(README, 6, ".ci/run does not run `cargo run --release -- test`");
        assert_eq!(ReadmeCommands.check(&tree), [expected]);
    }

    #[test]
    fn a_readme_without_a_quick_start_is_found() {
        assert_eq!(ReadmeCommands.check(&Tree::of([(README, "# winlab\n")])).len(), 1);
    }

    #[test]
    fn a_command_that_ci_runs_is_fine() {
        assert_eq!(
            ReadmeCommands.check(&Tree::of([(README, PAGE), (CI, "step cargo run --release -- test\n")])),
            []
        );
    }
}
