//! Every verb, over a real lab.

use winlab_events::{Happening, Outcome};
use winlab_scenario::{NodeOs, service_names};

use crate::harness::{mixed, run, small};

#[test]
fn workloads_are_applied_changed_and_deleted() {
    run(&mixed(
        r#"
  - name: deployed
    apply: [web.yaml]
    expect:
      - {k8s: deployment/web, match: {status: {readyReplicas: 2}}}
      - {k8s: pods, where: it.metadata.name.startsWith("web-"), count: 2}
      - {hns: win1/endpoints, where: it.Name != "", count: it >= 2}
      - {cri: win1/containers, count: it >= 2}
      - {hcs: win1/systems, count: it >= 2}
      - {service: win1/kubelet, match: {state: running}}
      - {calls: win1/hns, where: it.function == "HcnCreateEndpoint", count: it >= 2}
      - {event: pod/web, where: it.reason == "Started", count: it >= 2}
      - {log: win1/kube-proxy}
    within: 2m
  - name: reached
    reach: |
      from            service/web:80  pod/web@win1:80
      pod/client@lin1 ok x2           ok
    probe:
      - {from: pod/client@lin1, to: 'http://web:80', is: ok, body: IIS}
      - {from: pod/client@lin1, to: dns/nothing.here, is: no-name}
  - name: named
    expect:
      - {dns: pod/client@lin1 web.default.svc, that: size(it.addresses) == 1}
  - name: patched
    patch: {deployment/web: {metadata: {labels: {patched: "yes"}}}}
    expect: [{k8s: deployment/web, match: {metadata: {labels: {patched: "yes"}}}}]
  - name: scaled
    scale: {deployment/web: 1}
    expect: [{k8s: pods, where: it.metadata.name.startsWith("web-"), count: 1}]
  - name: asked
    exec: {in: pod/client@lin1, run: [hostname], output: [client]}
  - name: deleted
    delete: [web.yaml]
    expect:
      - {k8s: deployment, count: 0}
      - {k8s: pods, count: 0}
"#,
    ))
    .expect_passed();
}

#[test]
fn nodes_are_drained_and_services_restarted() {
    run(&mixed(
        r#"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: drained
    drain: win1
    expect:
      - {k8s: node/win1, match: {spec: {unschedulable: true}}}
      - {k8s: pods, where: has(it.spec.nodeName) && it.spec.nodeName == "win1", count: 0}
  - name: back
    uncordon: win1
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: restarted
    restart: win1/kube-proxy
    expect: [{service: win1/kube-proxy, match: {state: running}}]
  - name: stopped
    stop: win1/kubelet
    expect: [{k8s: node/win1, that: 'it.status.conditions.exists(c, c.type == "Ready" && c.status == "Unknown")'}]
    within: 2m
  - name: started
    start: win1/kubelet
    expect: [{k8s: node/win1, that: 'it.status.conditions.exists(c, c.type == "Ready" && c.status == "True")'}]
    within: 2m
  - name: rebooted
    reboot: win1
    expect: [{k8s: node/win1, that: 'it.status.conditions.exists(c, c.type == "Ready" && c.status == "True")'}]
    within: 5m
"#,
    ))
    .expect_passed();
}

#[test]
fn applying_twice_is_a_patch_and_refusals_are_in_kubectl_s_words() {
    let ran = run(&small(
        "",
        "  - {name: once, apply: [web.yaml]}\n  - {name: twice, apply: [web.yaml]}\n  - {name: gone, delete: [pod/nobody]}\n",
    ));
    assert_eq!(ran.outcome(), Outcome::Failed);
    let errors = ran.all(|what| match what {
        Happening::ActionFailed(action) => action.error.clone(),
        _ => None,
    });
    assert_eq!(errors, ["Error from server (NotFound): pods \"nobody\" not found"]);
}

#[test]
fn a_refusal_can_be_what_is_expected() {
    let step =
        |refused: &str| small("", &format!("  - {{name: no, delete: [pod/nobody], refused: {refused}}}\n"));
    run(&step("{code: 404, message: [not found]}")).expect_passed();
    let ran = run(&step("{code: 422}"));
    assert_eq!(ran.failed_checks()[0].message, "refused with 404, expected 422");
    let ran = run(&step("{code: 404, message: [forbidden]}"));
    assert_eq!(ran.failed_checks()[0].message, "the refusal does not say \"forbidden\"");
    let accepted =
        small("", "  - {name: no, scale: {kube-system/deployment/coredns: 1}, refused: {code: 404}}\n");
    assert_eq!(run(&accepted).failed_checks()[0].message, "the API server accepted it");
}

#[test]
fn every_service_that_a_file_may_name_is_there() {
    let windows = NodeOs::Windows("ltsc2022".parse().unwrap());
    let names = [("lin1", NodeOs::Linux), ("win1", windows)].into_iter().flat_map(|(node, os)| {
        service_names(os)
            .into_iter()
            .map(move |name| format!("      - {{service: {node}/{name}, that: it.state != ''}}\n"))
    });
    let checks: String = names.collect();
    run(&mixed(&format!("  - name: there\n    expect:\n{checks}    within: 5s\n"))).expect_passed();
}
