//! The scenario format's JSON Schema, kept in the repository for editors.
#![expect(clippy::disallowed_methods, reason = "the schema is a file of the repository")]

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::runner::{cargo, root};

const PAGE: &str = "docs/scenario.schema.json";

/// Compares the file with what `winlab schema` prints; under `fix`, writes it.
pub(crate) fn run(fix: bool) -> Result<()> {
    let output = cargo()
        .args(["run", "--quiet", "--release", "--locked", "--", "schema"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo does not start")?;
    ensure!(output.status.success(), "`winlab schema` ended with {}", output.status);
    let printed = String::from_utf8(output.stdout).context("`winlab schema` printed no text")?;
    let path = root().join(PAGE);
    if fix {
        fs::write(&path, &printed).with_context(|| format!("{PAGE} cannot be written"))?;
        eprintln!("wrote {PAGE}");
    }
    let kept = fs::read_to_string(&path).with_context(|| format!("{PAGE} cannot be read"))?;
    ensure!(kept == printed, "{PAGE} is not what `winlab schema` prints: run `cargo xtask schema --fix`");
    Ok(())
}
