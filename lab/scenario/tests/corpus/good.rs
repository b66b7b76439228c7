//! Files that use every part of the format: what is read from them, and that nothing is odd in them.

use std::collections::BTreeSet;

use crate::folder::{Folder, rendered, scenarios};
use crate::summary::summary;
use winlab_scenario::{Action, Scenario, features, lint, read, shape};

fn good(name: &str, text: &str) -> Scenario {
    match read(name, text, &Folder::new("good")) {
        Ok(scenario) => scenario,
        Err((problems, sources)) => panic!("{}", rendered(&problems, &sources)),
    }
}

#[test]
fn good_files_are_read_as_they_mean() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../good");
    settings.set_omit_expression(true);
    for (name, text) in scenarios("good") {
        let scenario = good(&name, &text);
        settings.bind(|| {
            insta::assert_snapshot!(name.trim_end_matches(".winlab.yaml"), summary(&scenario));
        });
    }
}

#[test]
fn nothing_is_odd_in_good_files() {
    for (name, text) in scenarios("good") {
        let scenario = good(&name, &text);
        assert_eq!(rendered(&lint(&scenario), &scenario.sources), "", "{name}");
    }
}

/// A key that no good file has is a key whose reading nothing shows.
#[test]
fn every_key_of_the_format_stands_in_a_good_file() {
    let folder = Folder::new("good");
    let mut texts: String = scenarios("good").into_iter().map(|(_, text)| text).collect();
    texts += &winlab_scenario::Loader::load(&folder, "lib/deploy.yaml").unwrap();
    let words: BTreeSet<&str> = texts.split(|c: char| c.is_whitespace() || matches!(c, '{' | ',')).collect();
    for shape in shape::ALL {
        for key in shape.keys {
            assert!(words.contains(format!("{}:", key.name).as_str()), "{}.{}", shape.name, key.name);
        }
    }
}

#[test]
fn a_case_tells_what_it_uses_and_where() {
    let files = scenarios("good");
    let (name, text) = files.iter().find(|(name, _)| name.starts_with("everything")).unwrap();
    let scenario = good(name, text);
    let found: BTreeSet<String> =
        features(&scenario.cases[0]).iter().map(|(feature, _)| feature.to_string()).collect();
    let verbs = shape::STEP.choices().map(|verb| format!("the verb `{verb}`"));
    let targets = shape::CHECK.choices().map(|target| format!("checks of `{target}`"));
    let faults = shape::FAULT.choices().map(|effect| format!("the fault `{effect}`"));
    for feature in verbs.chain(targets).chain(faults) {
        assert!(found.contains(&feature), "{feature}");
    }
    let verb = scenario.cases[0].steps[0].action.as_ref().map(|action| &action.value);
    assert!(matches!(verb, Some(Action::Use { steps, .. }) if steps.len() == 2));
}
