//! The house rules, from the command line.

use anyhow::{Context, Result, ensure};
use winlab_tidy::Tree;

use crate::runner::root;

/// Prints what breaks the rules; under `fix`, mends first what the rules know how to mend.
pub(crate) fn run(fix: bool) -> Result<()> {
    let root = root();
    let mut tree = Tree::read(&root).context("the repository cannot be read")?;
    if fix {
        for path in winlab_tidy::fix(&mut tree) {
            tree.write(&root, &path).with_context(|| format!("{path} cannot be written"))?;
            eprintln!("mended {path}");
        }
    }
    let broken = winlab_tidy::check(&tree);
    for (lint, findings) in &broken {
        eprintln!("\n{}: {}", lint.name(), lint.why());
        for finding in findings {
            eprintln!("  {finding}");
        }
    }
    let count: usize = broken.iter().map(|(_, findings)| findings.len()).sum();
    ensure!(count == 0, "the house is not tidy: {count} findings");
    Ok(())
}
