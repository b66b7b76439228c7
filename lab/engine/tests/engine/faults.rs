//! Faults are put, overlap with other actions, and are lifted.

use winlab_events::{FailureReason, Happening, Outcome, Remark};

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

/// Warnings about faults.
fn warned(ran: &crate::harness::Ran) -> Vec<&Remark> {
    ran.all(|what| match what {
        Happening::Remark(remark) if remark.code.as_deref() == Some("idle-fault") => Some(remark),
        _ => None,
    })
}

#[test]
fn everywhere_is_every_node_that_has_the_part() {
    let lab = mixed(
        r"
  - name: faults
    fault: [{at: hns/*, stop: 5s}, {at: system/*, delay: StartService, by: 1ms}, {at: linux/*, delay: systemctl*, by: 1ms}]
  - {name: restarted, restart: [win1/kube-proxy, lin1/kube-proxy]}
",
    );
    let ambient = "  faults: [{at: hns/*, fail: HcnCreateEndpoint, code: 0x803b0013, rate: 1%}]\nsteps:\n";
    let ran = run(&lab.replace("steps:\n", ambient));
    ran.expect_passed();
    let put = ran.all(|what| match what {
        Happening::Fault(fault) if fault.active => Some(fault.at.clone()),
        _ => None,
    });
    assert_eq!(put, ["hns/win1", "hns/win1", "system/win1", "linux/lin1"]);
    assert_eq!(warned(&ran).len(), 0);
}

#[test]
fn a_rule_that_never_struck_is_told_and_fails_nothing() {
    let ran = run(&small(
        "",
        r"
  - name: put
    fault:
      - {at: linux/lin1, fail: ip link delete, nth: 3}
      - {at: linux/lin1, hang: runc create, for: 1s}
      - {at: linux/lin1, fail: runc create, rate: 1%}
  - name: restarted
    restart: lin1/kube-proxy
",
    ));
    ran.expect_passed();
    let told: Vec<&str> = warned(&ran).iter().map(|remark| remark.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the fault `fail ip link delete nth 3 at linux/lin1` never struck",
            "the fault `hang runc create at linux/lin1 for 1s` never struck"
        ]
    );
}

/// What HNS of a build has after it was restarted once as the build does, once with a memory of its own, and once more.
fn endpoints_after_restarts(build: &str) -> Vec<bool> {
    let steps = "  - {name: alone, stop: [win1/kube-proxy, win1/flanneld]}\n";
    let mut kept = Vec::new();
    for restarts in [&[""][..], &[", then: rehydrate"], &[", then: rehydrate", ""], &[", then: forget"]] {
        let mut text = mixed(steps).replace("flannel-vxlan", "flannel-host-gw").replace("ltsc2022", build);
        for (at, then) in restarts.iter().enumerate() {
            text += &format!("  - {{name: r{at}, fault: {{at: hns/win1, restart: true{then}}}}}\n");
        }
        text += "  - {name: kept, expect: {hns: win1/endpoints, count: it > 0}, within: 5s}\n";
        kept.push(run(&text).outcome() == Outcome::Passed);
    }
    kept
}

#[test]
fn hns_remembers_what_its_build_does_unless_a_restart_says_otherwise() {
    assert_eq!(endpoints_after_restarts("ltsc2022"), [true, true, true, false]);
    assert_eq!(endpoints_after_restarts("ltsc2019"), [false, true, false, false]);
}

#[test]
fn an_object_that_is_not_there_is_told_with_those_that_are() {
    let error = |object: &str| {
        let serving = "  - {name: serving, apply: [web.yaml], expect: {hns: win1/loadbalancers, count: it > 0}, within: 2m}\n";
        let gone = format!("  - {{name: gone, fault: {{at: hns/win1, delete: {object}}}}}\n");
        let ran = run(&mixed(&format!("{serving}{gone}")));
        let errors = ran.all(|what| match what {
            Happening::ActionFailed(action) => action.error.clone(),
            _ => None,
        });
        errors.concat()
    };
    assert_eq!(error("route/nope"), "finding route/nope on win1: HNS has no routes at all");
    let network = error("networks/nope");
    assert!(network.ends_with("there are flannel.4096"), "{network}");
    // Those of kube-proxy have no names.
    let balancer = error("loadbalancer/nope");
    let ids = balancer.rsplit_once("there are ").map(|(_, ids)| ids).unwrap_or_default();
    assert!(ids.split(", ").all(|id| id.len() == 36), "{balancer}");
}
