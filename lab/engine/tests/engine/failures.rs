//! What is told when an expectation fails.

use winlab_events::{CheckKind, FailureReason, Happening, Outcome};

use crate::harness::{mixed, run, small};

#[test]
fn a_world_at_rest_fails_before_its_timeout() {
    let ran = run(&small("", "  - {name: never, expect: [{k8s: pod/nobody}], within: 10h}\n"));
    assert_eq!(ran.outcome(), Outcome::Failed);
    let failed = ran.failed_checks()[0];
    assert_eq!((failed.reason, failed.kind), (FailureReason::AtRest, CheckKind::Expect));
    assert_eq!(failed.message, "there is no pod `nobody` in namespace default");
    assert!(failed.after_ns < 1_200_000_000_000, "{}", failed.after_ns);
}

#[test]
fn a_bound_is_kept_to_the_moment() {
    let ran = run(&small(
        "",
        "  - {name: never, expect: [{k8s: pod/nobody, say: it was promised}], within: 42s}\n",
    ));
    let failed = ran.failed_checks()[0];
    assert_eq!((failed.reason, failed.after_ns), (FailureReason::Timeout, 42_000_000_000));
    assert_eq!(failed.say.as_deref(), Some("it was promised"));
}

#[test]
fn evidence_shows_the_value_the_difference_and_the_state() {
    let ran = run(&small(
        "",
        "  - name: wrong\n    apply: [web.yaml]\n    expect:\n      - {k8s: deployment/web, match: {status: {readyReplicas: 2}, metadata: {name: web}}}\n    within: 30s\n",
    ));
    let evidence =
        ran.all(|what| if let Happening::Evidence(evidence) = what { Some(evidence) } else { None });
    let [evidence] = evidence[..] else { panic!("one evidence a step") };
    insta::assert_snapshot!(evidence.excerpt.as_deref().unwrap(), @r"
      --> t.winlab.yaml:14:63
       |
    14 |       - {k8s: deployment/web, match: {status: {readyReplicas: 2}, metadata: {name: web}}}
       |                                                               ^ status.readyReplicas: expected 2, there is nothing
    ");
    insta::assert_snapshot!(evidence.diff.as_deref().unwrap(), @r"
      deployment web
    - status.readyReplicas: 2
    + status.readyReplicas is not there
    ");
    let pods =
        evidence.views.iter().find(|view| view.title == "kubectl get pods -n default -o wide").unwrap();
    assert!(pods.text.contains("Pending"), "{}", pods.text);
    let warnings = evidence.views.iter().find(|view| view.title == "warnings in default").unwrap();
    assert!(warnings.text.contains("FailedScheduling"), "{}", warnings.text);
    assert_eq!(evidence.rerun, "winlab test t.winlab.yaml");
}

#[test]
fn every_cell_of_a_table_that_differs_is_told() {
    let ran = run(&mixed(
        r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: reached
    reach: |
      from            service/web:80  service/web:81  pod/web@win1:80
      pod/client@lin1 ok x3           ok              refused
    within: 5s
",
    ));
    let messages: Vec<&str> = ran.failed_checks().iter().map(|failed| failed.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "expected ok x3, found ok x2",
            "no-target: service/web has no port 81",
            "expected refused, found ok"
        ]
    );
    let columns: Vec<u32> =
        ran.failed_checks().iter().map(|failed| failed.place.as_ref().unwrap().column).collect();
    assert_eq!(columns, [23, 39, 55]);
}

#[test]
fn always_and_never_are_watched_while_an_action_takes_its_time() {
    let ran = run(&mixed(
        r"
  - name: broken
    fault: {at: kubelet/win1, stop: 10s}
    always: [{service: win1/kubelet, match: {state: running}}]
    never: [{service: win1/kube-proxy, match: {state: stopped}}]
",
    ));
    let [failed] = ran.failed_checks()[..] else { panic!("one is broken") };
    assert_eq!((failed.kind, failed.reason), (CheckKind::Always, FailureReason::Violated));
    assert!(failed.message.starts_with("state: expected \"running\""), "{}", failed.message);
}
