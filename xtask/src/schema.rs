//! What is printed from the scenario format's tables, kept in the repository: the JSON Schema for editors, and the
//! reference page for people.
#![expect(clippy::disallowed_methods, reason = "the pages are files of the repository")]

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::runner::{cargo, root};

/// A page and the arguments of `cargo run` that print it.
const PAGES: [(&str, &[&str]); 2] = [
    // Of the release build, which is there when this runs; the other of the tests' build, for the same reason.
    ("docs/scenario.schema.json", &["--release", "--", "schema"]),
    ("docs/scenario-format.md", &["--package", "winlab-scenario", "--example", "reference"]),
];

/// Compares each page with what is printed; under `fix`, writes it.
pub(crate) fn run(fix: bool) -> Result<()> {
    PAGES.into_iter().try_for_each(|(page, arguments)| compare(page, arguments, fix))
}

fn compare(page: &str, arguments: &[&str], fix: bool) -> Result<()> {
    let output = cargo()
        .args(["run", "--quiet", "--locked"])
        .args(arguments)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo does not start")?;
    ensure!(output.status.success(), "printing {page} ended with {}", output.status);
    let printed =
        String::from_utf8(output.stdout).with_context(|| format!("{page} is printed as no text"))?;
    let path = root().join(page);
    if fix {
        fs::write(&path, &printed).with_context(|| format!("{page} cannot be written"))?;
        eprintln!("wrote {page}");
    }
    let kept = fs::read_to_string(&path).with_context(|| format!("{page} cannot be read"))?;
    ensure!(kept == printed, "{page} is not what is printed: run `cargo xtask schema --fix`");
    Ok(())
}
