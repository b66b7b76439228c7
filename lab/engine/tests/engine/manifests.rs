//! Manifests that are told before anything starts: each file of `tests/bad` has its messages beside it.
#![expect(clippy::disallowed_methods, reason = "the files of the corpus are read here")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use winlab_engine::{Mode, check_manifests};
use winlab_scenario::{Diagnostic, LoadError, Loader, Scenario, Sources};

use crate::harness::run_as;

/// The folder of the corpus.
struct Folder;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

impl Loader for Folder {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        std::fs::read_to_string(folder().join(path))
            .map_err(|error| LoadError { not_found: true, reason: error.to_string() })
    }

    fn list(&self, _: &str) -> Vec<String> {
        manifests()
    }
}

fn manifests() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the corpus is there");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().expect("names are text"));
    let sorted: BTreeSet<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    sorted.into_iter().collect()
}

/// A scenario with this step. A file's first line may name the version of Kubernetes.
fn scenario(manifest: &str, step: &str) -> Result<Scenario, (Vec<Diagnostic>, Sources)> {
    let text = Folder.load(manifest).expect("the manifest is there");
    let kube = text.lines().next().and_then(|line| line.strip_prefix("# kube: ")).unwrap_or("v1.36.1");
    let text = format!(
        "winlab: 1\nname: t\nabout: A test.\nlab: {{kube: {kube}, nodes: {{lin1: {{os: linux}}}}}}\nsteps:\n{step}"
    );
    winlab_scenario::read("t.winlab.yaml", &text, &Folder)
}

fn messages(manifest: &str) -> (Vec<Diagnostic>, Sources) {
    match scenario(manifest, &format!("  - {{name: applied, apply: {manifest}}}\n")) {
        Ok(scenario) => (check_manifests(&scenario.cases[0]), scenario.sources),
        Err(found) => found,
    }
}

#[test]
fn every_bad_manifest_has_its_messages() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../bad");
    settings.set_omit_expression(true);
    let files = manifests();
    assert!(files.len() >= 25, "{} files", files.len());
    let mut codes = BTreeSet::new();
    for name in files {
        let (problems, sources) = messages(&name);
        assert!(!problems.is_empty(), "{name}: nothing is wrong with it");
        codes.extend(problems.iter().map(|problem| problem.code));
        let rendered: Vec<String> = problems.iter().map(|problem| problem.render(&sources)).collect();
        settings.bind(|| insta::assert_snapshot!(name.trim_end_matches(".yaml"), rendered.join("\n")));
    }
    for code in ["unknown-field", "wrong-type", "invalid-field", "unknown-kind"] {
        assert!(codes.contains(code), "no file shows {code}");
    }
}

/// Who wants to see a refusal sends what is wrong on purpose.
#[test]
fn a_step_that_expects_a_refusal_sends_what_it_likes() {
    for (manifest, refused) in [
        ("unknown-field.yaml", r#"{code: 400, message: 'unknown field "spec.replica"'}"#),
        ("replicas-in-words.yaml", "{code: 400, message: 'DeploymentSpec.spec.replicas of type int32'}"),
        ("bad-label.yaml", "{code: 422, message: 'Invalid value: \"web server\"'}"),
    ] {
        let step = format!("  - {{name: refused, apply: {manifest}, refused: {refused}}}\n");
        let scenario = scenario(manifest, &step).expect("it can be read");
        assert_eq!(check_manifests(&scenario.cases[0]), [], "{manifest}");
        run_as(&scenario, Mode::Test).expect_passed();
    }
}

#[test]
fn the_same_file_in_another_step_is_looked_at_all_the_same() {
    let step = "  - {name: refused, apply: bad-label.yaml, refused: {code: 422}}\n  - {name: applied, apply: bad-label.yaml}\n";
    let scenario = scenario("bad-label.yaml", step).expect("it can be read");
    assert_ne!(check_manifests(&scenario.cases[0]), []);
}

/// What the lab has before a scenario begins may be applied in part.
#[test]
fn a_part_of_an_object_of_the_system_is_enough() {
    let part = "missing-fields.yaml";
    let whole = messages(part).0.len();
    let text = Folder.load(part).unwrap().replace("name: web}", "name: coredns, namespace: kube-system}");
    struct One(String);
    impl Loader for One {
        fn load(&self, _: &str) -> Result<String, LoadError> {
            Ok(self.0.clone())
        }
        fn list(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }
    let scenario = "winlab: 1\nname: t\nabout: A test.\nlab: {kube: v1.36.1, nodes: {lin1: {os: linux}}}\nsteps:\n  - {name: a, apply: a.yaml}\n";
    let scenario = winlab_scenario::read("t.winlab.yaml", scenario, &One(text)).expect("it can be read");
    assert!(whole > 0);
    assert_eq!(check_manifests(&scenario.cases[0]), []);
}

/// Patches stand in the scenario itself: their messages lead there.
#[test]
fn what_no_patch_can_do_is_told_before_the_start() {
    let step = r#"  - name: patched
    patch:
      deployment/web:
        spec:
          replica: 2
          template:
            spec:
              $setElementOrder/containers: [{name: web}]
              containers:
                - {name: old, $patch: delete}
                - {name: web, image: 5, ports: [{containerPort: "80"}]}
              tolerations: {key: os}
      service/web: {spec: {sessionAffinity: null, trafficDistribution: PreferClose}}
  - name: refused
    patch: {deployment/web: {spec: {replica: 2}}}
    refused: {code: 400}
"#;
    let text = format!(
        "winlab: 1\nname: t\nabout: A test.\nlab: {{kube: v1.28.15, nodes: {{lin1: {{os: linux}}}}}}\nsteps:\n{step}"
    );
    let scenario = winlab_scenario::read("t.winlab.yaml", &text, &Folder).expect("it can be read");
    let problems = check_manifests(&scenario.cases[0]);
    let rendered: Vec<String> = problems.iter().map(|problem| problem.render(&scenario.sources)).collect();
    insta::assert_snapshot!(rendered.join("\n"));
}
