//! The pages that are printed from the format's tables are the ones in the repository.
#![expect(clippy::disallowed_methods, reason = "the pages are read here")]

use std::path::Path;

fn kept(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_reference_page_is_what_the_tables_print() {
    assert!(
        kept("scenario-format.md") == winlab_scenario::format_reference(),
        "docs/scenario-format.md is behind the tables: run `cargo xtask schema --fix`"
    );
}

#[test]
fn the_schema_is_what_the_tables_print() {
    assert!(
        kept("scenario.schema.json")
            == format!("{}\n", winlab_scenario::json_schema().to_pretty().trim_end()),
        "docs/scenario.schema.json is behind the tables: run `cargo xtask schema --fix`"
    );
}
