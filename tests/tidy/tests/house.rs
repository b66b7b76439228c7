//! The repository keeps its own rules.

use std::fmt::Write as _;
use std::path::Path;

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = winlab_tidy::Tree::read(&root).expect("the repository is readable");
    assert!(tree.holds("Cargo.toml") && tree.holds("lab/cli"), "read the wrong folder");
    let mut report = String::new();
    for (lint, findings) in winlab_tidy::check(&tree) {
        let _ = writeln!(report, "\n{}: {}", lint.name(), lint.why());
        for finding in findings {
            let _ = writeln!(report, "  {finding}");
        }
    }
    assert!(report.is_empty(), "{report}");
}
