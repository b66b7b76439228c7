//! Faults are put, overlap with other actions, and are lifted.

use winlab_events::{FailureReason, Happening, Outcome};

use crate::harness::{mixed, run, small};

#[test]
fn an_outage_of_hns_overlaps_with_a_scaling() {
    run(&mixed(
        r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: outage
    fault: {at: hns/win1, stop: 20s, then: rehydrate}
    during: [{after: 1s, scale: {deployment/web: 3}}]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 3}}}]
    within: 5m
",
    ))
    .expect_passed();
}

#[test]
fn partitions_and_their_healing_show_in_flows() {
    let ran = run(&mixed(
        r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: apart
    fault: {at: underlay/win1, partition: [lin1]}
    reach: |
      from            pod/web@win1:80
      pod/client@lin1 timeout
  - name: together
    heal: all
    reach: |
      from            pod/web@win1:80
      pod/client@lin1 ok
  - name: nothing-stands
    heal: underlay/win1
",
    ));
    assert_eq!(ran.outcome(), Outcome::Failed);
    let errors = ran.all(|what| match what {
        Happening::ActionFailed(action) => action.error.clone(),
        _ => None,
    });
    assert_eq!(errors, ["no fault stands at `underlay/win1`"]);
    let faults = ran.all(|what| match what {
        Happening::Fault(fault) => Some((fault.fault.clone(), fault.active)),
        _ => None,
    });
    assert_eq!(faults, [("partition from lin1".to_owned(), true), ("partition from lin1".to_owned(), false)]);
}

#[test]
fn calls_fail_as_the_file_says_and_evidence_names_them() {
    let ran = run(&mixed(
        r"
  - name: refused
    fault: {at: hns/win1, fail: HcnCreateEndpoint, code: 0x803b0013}
  - name: deployed
    apply: [web.yaml]
    expect:
      - {hns: win1/endpoints, where: it.Name.endsWith('cbr0') && size(it.IpConfigurations) > 0, count: it > 1000}
    within: 30s
",
    ));
    assert_eq!(ran.failed_checks()[0].reason, FailureReason::Timeout);
    let evidence =
        ran.all(|what| if let Happening::Evidence(evidence) = what { Some(evidence) } else { None });
    let failed = evidence[0].last_calls.iter().find(|timed| timed.call.call == "HcnCreateEndpoint");
    let code = failed.and_then(|timed| timed.call.error.clone()).unwrap();
    assert_eq!(code.to_string(), "HCN_E_PORT_ALREADY_EXISTS (0x803b0013)");
}

#[test]
fn an_api_server_that_refuses_refuses_kubectl_too() {
    let ran = run(&small(
        "",
        "  - {name: down, fault: {at: api, refuse: true}}\n  - {name: asked, apply: [web.yaml], refused: {code: 503}}\n  - {name: up, heal: api}\n  - {name: works, apply: [web.yaml]}\n",
    ));
    ran.expect_passed();
}
