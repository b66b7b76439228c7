//! Files with something wrong in them: each has its messages beside it.
#![expect(clippy::disallowed_methods, reason = "the files of the corpus are read here")]

use std::collections::BTreeSet;
use std::path::Path;

use crate::folder::{Folder, rendered, scenarios};
use winlab_scenario::{Diagnostic, Sources, read};

const BYTE_ORDER_MARK: &str = "\u{feff}";

fn problems(name: &str, text: &str) -> (Vec<Diagnostic>, Sources) {
    match read(name, text, &Folder::new("bad")) {
        Err(found) => found,
        Ok(_) => panic!("{name}: nothing is wrong with it"),
    }
}

#[test]
fn every_bad_file_has_its_messages() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../bad");
    settings.set_omit_expression(true);
    let files = scenarios("bad");
    assert!(files.len() >= 80, "{} files", files.len());
    for (name, text) in files {
        let (problems, sources) = problems(&name, &text);
        let text = rendered(&problems, &sources);
        settings.bind(|| insta::assert_snapshot!(name.trim_end_matches(".winlab.yaml"), text));
    }
}

/// Line breaks and a byte order mark are matters of the editor.
#[test]
fn other_line_breaks_and_a_byte_order_mark_change_nothing() {
    for (name, text) in scenarios("bad") {
        let (found, sources) = problems(&name, &text);
        let expected = rendered(&found, &sources);
        for other in [text.replace('\n', "\r\n"), format!("{BYTE_ORDER_MARK}{text}")] {
            let (found, sources) = problems(&name, &other);
            assert_eq!(rendered(&found, &sources), expected, "{name}");
        }
    }
}

/// A code is the second word of `error("…", …)` in the sources; no message goes without an example.
#[test]
fn every_code_of_the_sources_has_a_file() {
    let mut shown = BTreeSet::new();
    for (name, text) in scenarios("bad") {
        shown.extend(problems(&name, &text).0.into_iter().map(|problem| problem.code));
    }
    let mut missing = codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    missing.retain(|code| !shown.contains(code.as_str()));
    assert_eq!(missing, BTreeSet::new());
}

fn codes_in(folder: &Path) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes.extend(codes_in(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in code.split("Diagnostic::error(").skip(1) {
            let code = call.split('"').nth(1).unwrap_or_default();
            codes.insert(code.to_owned());
        }
    }
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-')), "{codes:?}");
    codes
}
