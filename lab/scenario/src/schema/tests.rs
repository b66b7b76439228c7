//! The schema against files: it takes the good ones, and refuses what it can see in the bad ones.
#![expect(clippy::disallowed_methods, reason = "the files of the corpus are read here")]

use std::path::Path;

use super::json_schema;
use crate::source::FileId;
use crate::yaml::parse;

/// Whether the schema takes a text.
fn takes(text: &str) -> Result<(), String> {
    let mut problems = Vec::new();
    let documents = parse(FileId::SCENARIO, text, &mut problems).ok_or("not YAML")?;
    let [document] = &documents[..] else { return Err("not one document".to_owned()) };
    let instance: serde_json::Value = serde_json::from_str(&document.to_document().to_string()).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&json_schema().to_string()).unwrap();
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    validator.validate(&instance).map_err(|error| format!("{}: {error}", error.instance_path()))
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.to_string_lossy().ends_with(".winlab.yaml") {
            found.push((path.to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn good_files_and_shipped_ones_fit() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [crate_folder.join("tests/good"), crate_folder.join("../../scenarios")] {
        let files = files(&folder);
        assert!(!files.is_empty(), "{}", folder.display());
        for (path, text) in files {
            assert_eq!(takes(&text), Ok(()), "{path}");
        }
    }
}

#[test]
fn what_the_schema_can_see_it_refuses() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let visible = [
        "unknown-key",
        "unknown-key-of-another-object",
        "missing-keys",
        "wrong-types",
        "time-without-unit",
        "unknown-network",
        "node-keys",
        "step-without-name",
        "two-actions",
        "no-target",
        "two-targets",
        "fault-effects",
        "during",
        "matrix-types",
        "scalar-instead-of-scenario",
        "nothing-behind-a-key",
    ];
    for name in visible {
        let text = std::fs::read_to_string(folder.join(format!("{name}.winlab.yaml"))).unwrap();
        assert!(takes(&text).is_err(), "{name}");
    }
}

#[test]
fn a_value_may_be_that_of_an_axis() {
    let good = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/smallest.winlab.yaml"),
    )
    .unwrap();
    assert_eq!(takes(&good.replace("wait: 5s", "wait: $pause")), Ok(()));
    assert!(takes(&good.replace("wait: 5s", "wait: 5 seconds")).is_err());
}
