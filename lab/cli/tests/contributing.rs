//! The commands of CONTRIBUTING.md, as its reader types them: in their order, in a folder that is empty at first.
#![expect(
    clippy::disallowed_methods,
    reason = "the page is a file, and SystemRoot a variable that Windows needs"
)]

use snapbox::cmd::{Command, cargo_bin};

const PAGE: &str = include_str!("../../../CONTRIBUTING.md");

#[test]
fn each_command_of_the_page_works() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let commands: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("$ winlab ")).collect();
    assert!(commands.len() >= 5, "the page has other commands now: {commands:?}");
    for words in commands {
        let mut command = Command::new(cargo_bin!("winlab")).current_dir(folder.path()).env_clear();
        if let Some(root) = std::env::var_os("SystemRoot") {
            command = command.env("SystemRoot", root);
        }
        command.args(words.split_whitespace()).assert().code(0);
    }
}
