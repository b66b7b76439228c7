//! Checks over documents, from the text of a scenario.

use winlab_document::doc;
use winlab_scenario::{LoadError, Loader, Scenario};

use super::*;

struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Err(LoadError { not_found: true, reason: "there is none".to_owned() })
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// A scenario whose one step has this one check, as `expect` or `never`.
fn scenario(key: &str, check: &str) -> Scenario {
    let text = format!(
        "winlab: 1\nname: t\nabout: A test.\ncovers: [Core.Network]\nlab:\n  kube: v1.36.1\n  network: flannel-vxlan\n  nodes:\n    win1: {{os: windows}}\n\
         steps:\n  - name: s\n    {key}:\n      - {check}\n"
    );
    winlab_scenario::read("t.winlab.yaml", &text, &NoFiles)
        .unwrap_or_else(|(problems, sources)| panic!("{}", problems[0].render(&sources)))
}

fn balancers() -> Vec<Document> {
    vec![
        doc!({"ID": "A", "FrontendVIPs": ["10.96.0.80"], "HostComputeEndpoints": ["e1", "e2"], "Port": 80}),
        doc!({"ID": "B", "FrontendVIPs": ["10.96.0.10"], "HostComputeEndpoints": ["e3"], "Port": 53}),
        doc!({"ID": "C"}),
    ]
}

fn judged(check: &str, documents: &[Document]) -> Result<(), String> {
    let scenario = scenario("expect", check);
    judge(&scenario.cases[0].steps[0].checks[0], documents).map_err(|wrong| wrong.message)
}

#[test]
fn one_is_there_unless_counted() {
    let target = "hns: win1/loadbalancers";
    assert_eq!(judged(&format!("{{{target}}}"), &balancers()), Ok(()));
    assert_eq!(judged(&format!("{{{target}}}"), &[]), Err("there is none".to_owned()));
    assert_eq!(judged(&format!("{{{target}, count: 0}}"), &[]), Ok(()));
    assert_eq!(judged(&format!("{{{target}, count: 3}}"), &balancers()), Ok(()));
    assert_eq!(judged(&format!("{{{target}, count: it >= 2}}"), &balancers()), Ok(()));
    assert_eq!(
        judged(&format!("{{{target}, count: it > 3}}"), &balancers()),
        Err("count is 3, expected `it > 3`".to_owned())
    );
}

#[test]
fn where_selects_and_says_what_it_could_not_tell() {
    let vip = |vip: &str| {
        format!(
            "{{hns: win1/loadbalancers, where: '\"{vip}\" in it.FrontendVIPs', that: size(it.HostComputeEndpoints) == 2}}"
        )
    };
    assert_eq!(judged(&vip("10.96.0.80"), &balancers()), Ok(()));
    assert_eq!(
        judged(&vip("10.96.0.10"), &balancers()),
        Err("`size(it.HostComputeEndpoints) == 2` is not true of B".to_owned())
    );
    let scenario = scenario("expect", &vip("10.96.0.99"));
    let wrong = judge(&scenario.cases[0].steps[0].checks[0], &balancers()).unwrap_err();
    assert_eq!(wrong.message, "none of 3 is selected by `\"10.96.0.99\" in it.FrontendVIPs`");
    assert!(wrong.hint.unwrap().starts_with("`where` cannot be told of C"), "C has no such member");
    let none = "{hns: win1/loadbalancers, where: 'it.ID == \"X\"', count: 1}";
    assert_eq!(judged(none, &balancers()), Err("count is 0, expected 1 (of 3, by `where`)".to_owned()));
}

#[test]
fn match_is_of_each_and_shows_all_that_differs() {
    let documents = [
        doc!({"kind": "Pod", "metadata": {"name": "a"}, "status": {"phase": "Running", "podIP": "10.0.0.1"}}),
        doc!({"kind": "Pod", "metadata": {"name": "b"}, "status": {"phase": "Pending"}}),
    ];
    let check = "{k8s: pods, match: {status: {phase: Running, podIP: 10.0.0.1}}}";
    let scenario = scenario("expect", check);
    let wrong = judge(&scenario.cases[0].steps[0].checks[0], &documents).unwrap_err();
    assert_eq!(wrong.message, "1 of 2 differ; pod b: status.phase: expected \"Running\", found \"Pending\"");
    assert_eq!(scenario.sources.excerpt(wrong.span), "Running");
    insta::assert_snapshot!(wrong.diff.unwrap(), @r#"
      pod b
    - status.phase: "Running"
    + status.phase: "Pending"
    - status.podIP: "10.0.0.1"
    + status.podIP is not there
    "#);
}

#[test]
fn never_is_broken_by_any() {
    let scenario = scenario("never", "{k8s: pods, match: {status: {phase: Failed}}}");
    let check = &scenario.cases[0].steps[0].checks[0];
    let pod = |name: &str, phase: &str| doc!({"metadata": {"name": name}, "status": {"phase": phase}});
    assert_eq!(forbidden(check, &[pod("a", "Running")]), None);
    let wrong = forbidden(check, &[pod("a", "Running"), pod("b", "Failed")]).unwrap();
    assert_eq!(wrong.message, "there is b");
}

#[test]
fn a_missing_member_is_explained() {
    let check = "{hns: win1/loadbalancers, where: 'it.ID == \"A\"', that: it.FrontendVips.size() == 1}";
    let scenario = scenario("expect", check);
    let wrong = judge(&scenario.cases[0].steps[0].checks[0], &balancers()).unwrap_err();
    assert_eq!(wrong.hint.as_deref(), Some("did you mean `FrontendVIPs`?"));
}
