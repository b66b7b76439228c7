//! Files in which something is odd: every kind of warning has one, with its text.

use std::collections::BTreeSet;

use crate::folder::{Folder, rendered, scenarios};
use winlab_scenario::{LINTS, lint, read};

#[test]
fn every_kind_of_warning_has_a_file_and_its_text() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../odd");
    settings.set_omit_expression(true);
    let mut shown = BTreeSet::new();
    for (name, text) in scenarios("odd") {
        let scenario = match read(&name, &text, &Folder::new("odd")) {
            Ok(scenario) => scenario,
            Err((problems, sources)) => panic!("{}", rendered(&problems, &sources)),
        };
        let warnings = lint(&scenario);
        shown.extend(warnings.iter().map(|warning| warning.code));
        let text = rendered(&warnings, &scenario.sources);
        settings.bind(|| insta::assert_snapshot!(name.trim_end_matches(".winlab.yaml"), text));
    }
    let codes: BTreeSet<&str> = LINTS.iter().map(|lint| lint.code).collect();
    assert_eq!(shown, codes);
}
