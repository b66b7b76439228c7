//! Prints docs/scenario-format.md; `cargo xtask schema --fix` writes it.
#![expect(clippy::print_stdout, reason = "what it prints is the page")]

fn main() {
    print!("{}", winlab_scenario::format_reference());
}
