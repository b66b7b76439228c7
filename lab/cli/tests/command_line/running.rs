//! `winlab test` and `winlab bless` over real labs, from outside.

use snapbox::str;

use crate::binary::winlab;

/// A folder with what `winlab init` writes, and with a scenario of one Linux node and these steps.
fn folder(steps: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    winlab(folder.path()).arg("init").assert().code(0);
    let text = format!(
        "winlab: 1\nname: t\nabout: A test.\ncovers: [Core.Network]\nlab:\n  kube: v1.36.1\n  network: flannel-vxlan\n  nodes: {{lin1: {{os: linux}}}}\nsteps:\n{steps}"
    );
    std::fs::write(folder.path().join("t.winlab.yaml"), text).expect("a file can be written");
    folder
}

#[test]
fn what_init_writes_is_green() {
    winlab(folder("").path()).arg("test").assert().code(0).stderr_eq("").stdout_eq(str![[r#"
winlab [..]: 1 case, seed 1
  rerun: winlab test --seed 1
 PASS [[..] real,[..]2.9s virtual] first
Summary [[..] real,[..]2.9s virtual] 1 case: 1 passed
   seed 1, rerun: winlab test --seed 1

"#]]);
}

#[test]
fn a_failure_shows_where_what_and_the_state() {
    let steps = "  - name: deployed\n    apply: [scenarios/manifests/first.yaml]\n    expect:\n      - {k8s: pod/clint, say: the client}\n      - {k8s: deployment/web, match: {status: {readyReplicas: 2}}}\n    within: 30s\n";
    winlab(folder(steps).path())
        .args(["test", "t.winlab.yaml"])
        .assert()
        .code(1)
        .stderr_eq("")
        .stdout_eq(str![[r#"
winlab [..]: 1 case, seed 1
  rerun: winlab test t.winlab.yaml --seed 1
 FAIL [[..] real,[..]30.7s virtual] t
  step 1/1 deployed (30s virtual)
    expect k8s pod/clint did not come true within its bound (after 30s)
    there is no pod `clint` in namespace default
    say: the client
    hint: there is `client`
    --> t.winlab.yaml:13:15
    expect k8s deployment/web did not come true within its bound (after 30s)
    status.readyReplicas: expected 2, there is nothing
    --> t.winlab.yaml:14:63
    |    --> t.winlab.yaml:13:15
    |     |
    |  13 |       - {k8s: pod/clint, say: the client}
    |     |               ^^^^^^^^^ there is no pod `clint` in namespace default
    |    ::: t.winlab.yaml:14:63
    |     |
    |  14 |       - {k8s: deployment/web, match: {status: {readyReplicas: 2}}}
    |     |                                                               ^ status.readyReplicas: expected 2, there is nothing
    difference (- expected, + actual)
    |   deployment web
    | - status.readyReplicas: 2
    | + status.readyReplicas is not there
    kubectl get pods -n default -o wide
    |  NAME                  READY  STATUS   IP          NODE    CONTROLLED BY
    |  client                1/1    Running  10.244.0.2  lin1    <none>
    |  web-[..]  0/1    Pending  <none>      <none>  ReplicaSet/web-[..]
    |  web-[..]  0/1    Pending  <none>      <none>  ReplicaSet/web-[..]
    warnings in default
    |  REASON            OBJECT                    MESSAGE
    |  FailedScheduling  pod/web-[..]  0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.
    |  FailedScheduling  pod/web-[..]  0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.
    rerun: winlab test t.winlab.yaml --name '=t' --seed 1

 FAIL t
      expect k8s pod/clint: there is no pod `clint` in namespace default
      rerun: winlab test t.winlab.yaml --name '=t' --seed 1
Summary [[..] real,[..]30.7s virtual] 1 case: 1 failed
   seed 1, rerun: winlab test t.winlab.yaml --seed 1

"#]]);
}

#[test]
fn what_is_not_supported_is_refused_before_anything_starts() {
    let steps = "  - name: jump\n    fault: {at: node/lin1, clock-jump: 5m}\n";
    winlab(folder(steps).path()).args(["test", "t.winlab.yaml"]).assert().code(2).stdout_eq("").stderr_eq(
        str![[r#"
error: the fault `clock-jump 5m at node/lin1` is not supported yet
   --> t.winlab.yaml:11:12
    |
 11 |     fault: {at: node/lin1, clock-jump: 5m}
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: a node can `reboot`, have a `power-loss` or a full disk (`disk-full`)


"#]],
    );
}

#[test]
fn bless_writes_what_is_and_keeps_the_rest() {
    let steps = "  - name: reached # kept\n    reach: |\n      from       node/lin1:10250  outside\n      node/lin1  refused          ok x3\n    within: 2s # kept too\n";
    let folder = folder(steps);
    let text = || std::fs::read_to_string(folder.path().join("t.winlab.yaml")).expect("the file is there");
    let bless = || winlab(folder.path()).args(["bless", "t.winlab.yaml"]);
    let before = text();
    bless().arg("--dry-run").assert().code(0);
    assert_eq!(text(), before);
    bless().assert().code(0).stderr_eq("").stdout_eq(str![[r#"
Summary [[..] real, 2.7s virtual] 1 case: 1 passed
   seed 1, rerun: winlab test --seed 1
t.winlab.yaml:13:35: ok x3 -> ok x1

"#]]);
    snapbox::assert_data_eq!(
        text().split_once("steps:").expect("there are steps").1.to_owned(),
        str![[r#"

  - name: reached # kept
    reach: |
      from       node/lin1:10250  outside
      node/lin1  refused          ok x1
    within: 2s # kept too

"#]]
    );
    winlab(folder.path()).args(["test", "t.winlab.yaml"]).assert().code(0);
    bless().assert().code(0).stderr_eq("");
}
