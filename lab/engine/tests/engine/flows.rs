//! What is asked of a flow beside how it ends.

use crate::harness::{mixed, run};

#[test]
fn via_is_a_kind_a_name_or_a_way_that_the_request_met() {
    let deployed = r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
";
    let probes =
        |probes: &str| mixed(&format!("{deployed}  - name: asked\n    probe:\n{probes}    within: 5s\n"));
    run(&probes(
        "      - {from: pod/client@lin1, to: 'pod/web@win1:80', via: vxlan}
      - {from: pod/client@lin1, to: 'service/web:80', is: ok x2, via: nat}
      - {from: pod/client@lin1, to: 'service/web:80', is: ok x2, via: iptables}
      - {from: pod/client@lin1, to: 'pod/web@win1:80', via: network/flannel.4096}
",
    ))
    .expect_passed();
    let ran = run(&probes("      - {from: pod/client@lin1, to: 'pod/web@win1:80', via: nat}\n"));
    let told: Vec<&str> = ran.failed_checks().iter().map(|failed| failed.message.as_str()).collect();
    assert_eq!(told, ["ok, but not via nat"]);
}
