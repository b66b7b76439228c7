//! What cannot be run is told before anything starts.

use winlab_engine::{Placement, refuse};
use winlab_scenario::ControlPlane;

use crate::harness::{mixed, read, refused, small};

fn messages(text: &str) -> Vec<String> {
    refused(text).into_iter().map(|diagnostic| diagnostic.message).collect()
}

#[test]
fn what_is_not_there_yet_is_named_with_its_place() {
    let fault = |fault: &str| mixed(&format!("  - {{name: f, fault: {fault}}}\n"));
    for (text, message) in [
        (
            small("", "  - {name: w, wait: 1s}\n").replace("flannel-vxlan", "azure"),
            "the network `azure` is not supported yet",
        ),
        (
            small("", "  - {name: w, wait: 1s}\n")
                .replace("kube: v1.36.1", "kube: v1.36.1\n  control-plane: container"),
            "the control plane `container` is not supported yet",
        ),
        (
            mixed("  - {name: w, wait: 1s}\n")
                .replace("{os: ltsc2022}", "{os: ltsc2022, real: [containerd]}"),
            "an unmodified `containerd` is not supported yet",
        ),
        (
            mixed("  - {name: w, wait: 1s}\n").replace("{os: linux}", "{os: linux, real: [kube-proxy]}"),
            "`lin1` runs Linux: only Windows programs can be real",
        ),
        (
            mixed("  - {name: w, wait: 1s}\n")
                .replace("{os: ltsc2022}", "{os: ltsc2022, real: [kube-proxy], join: kubeadm}"),
            "an unmodified kube-proxy on a node that joins by kubeadm is not supported yet",
        ),
        (
            mixed("  - {name: w, wait: 1s}\n")
                .replace("{os: ltsc2022}", "{os: ltsc2022, real: [kube-proxy]}")
                .replace("\nlab:", "\nclock: virtual\nlab:"),
            "the clock cannot be virtual: kube-proxy.exe on win1 needs time that goes by",
        ),
        (
            small("clock: {scaled: 20}\n", "  - {name: w, wait: 1s}\n")
                .replace("kube: v1.36.1", "kube: v1.36.1\n  control-plane: binaries"),
            "the clock cannot be scaled 20x: the control plane `binaries` reads the machine's clock",
        ),
        (
            small("", "  - {name: m, expect: [{metric: x, count: 1}]}\n"),
            "checks of `metric` are not supported yet",
        ),
        (
            small("", "  - {name: p, probe: {from: outside, to: 'https://web:443'}}\n"),
            "a flow over https is not supported yet",
        ),
        (
            fault("{at: node/win1, clock-jump: 5m}"),
            "the fault `clock-jump 5m at node/win1` is not supported yet",
        ),
        (fault("{at: scm/win1, stop: 5s}"), "the fault `stop 5s at scm/win1` is not supported yet"),
    ] {
        assert_eq!(messages(&text), [message]);
    }
}

#[test]
fn a_fault_names_functions_that_there_are() {
    let text = mixed("  - {name: f, fault: {at: hns/win1, fail: HcnCreateLoadBalncer}}\n");
    let scenario = read(&text);
    let refused = refuse(&scenario, &scenario.cases[0], &Placement::default());
    let [one] = refused.as_slice() else { panic!("{refused:?}") };
    insta::assert_snapshot!(one.render(&scenario.sources), @r"
    error: `hns` has no function `HcnCreateLoadBalncer`
       --> t.winlab.yaml:12:43
        |
     12 |   - {name: f, fault: {at: hns/win1, fail: HcnCreateLoadBalncer}}
        |                                           ^^^^^^^^^^^^^^^^^^^^
    hint: did you mean `HcnCreateLoadBalancer`?
    ");
}

#[test]
fn a_refusal_says_what_can_be_done_instead() {
    for fault in [
        "{at: node/win1, clock-jump: 5m}",
        "{at: scm/win1, stop: 5s}",
        "{at: underlay/win1, duplicate-ip: 10.0.0.7}",
        "{at: api, stale: true}",
    ] {
        let refused = refused(&mixed(&format!("  - {{name: f, fault: {fault}}}\n")));
        assert!(refused.iter().all(|refused| refused.hint.is_some()), "{refused:?}");
    }
}

#[test]
fn what_is_there_is_not_refused() {
    let steps = r"
  - name: f
    fault: [{at: hns/*, fail: 'Hcn*', rate: 1%}, {at: kubelet/win1, crash: true}, {at: api, gone: true}]
    hold: 1s
    expect: [{hns: win1/networks}]
";
    assert_eq!(messages(&mixed(steps)), Vec::<String>::new());
}

/// One Linux and one Windows node that joins by kubeadm.
fn by_kubeadm(version: &str, windows: &str, steps: &str) -> String {
    mixed(steps)
        .replace("kube: v1.36.1", &format!("kube: {version}"))
        .replace("{os: ltsc2022}", &format!("{{os: ltsc2022, join: kubeadm{windows}}}"))
}

#[test]
fn joining_by_kubeadm_is_refused_where_it_cannot_work() {
    let wait = "  - {name: w, wait: 1s}\n";
    for (text, message) in [
        (by_kubeadm("v1.22.17", "", wait), "`win1` cannot join by `kubeadm`: the API server is v1.22.17"),
        (
            by_kubeadm("v1.24.17", ", kubelet: v1.22.17", wait),
            "`win1` cannot join by `kubeadm`: its kubelet is v1.22.17",
        ),
        (
            by_kubeadm("v1.36.1", "", wait).replace("{os: linux}", "{os: linux, join: scripts}"),
            "`lin1` joins by `scripts` in a lab that joins by `kubeadm`",
        ),
        (by_kubeadm("v1.36.1", ", dsr: true", wait), "`dsr` of `win1`, which joins by `kubeadm`"),
        (by_kubeadm("v1.36.1", "", "  - {name: s, stop: win1/kube-proxy}\n"), "`stop` of `win1/kube-proxy`"),
        (
            by_kubeadm("v1.36.1", "", "  - {name: s, fault: {at: flanneld/win1, stop: 5s}}\n"),
            "`stop` at `flanneld/win1`",
        ),
        (
            by_kubeadm("v1.36.1", "", "  - {name: j, join: {win1: [containerd, flanneld]}}\n"),
            "`flanneld` is no service in a lab that joins by `kubeadm`",
        ),
    ] {
        assert_eq!(messages(&text), [message]);
    }
}

#[test]
fn joining_by_kubeadm_is_not_refused() {
    let steps = "  - {name: r, restart: [win1/kube-proxy, lin1/flanneld], hold: 1s, expect: [{hns: win1/networks}]}\n";
    assert_eq!(messages(&by_kubeadm("v1.23.17", "", steps)), Vec::<String>::new());
}

#[test]
fn faults_of_the_api_server_need_the_embedded_one() {
    let text = small("", "  - {name: outage, fault: {at: api, refuse: true}}\n");
    assert!(refused(&text).is_empty());
    let scenario = read(&text);
    let placement = Placement { control_plane: Some(ControlPlane::Binaries), ..Placement::default() };
    let refused = refuse(&scenario, &scenario.cases[0], &placement);
    let [one] = refused.as_slice() else { panic!("{refused:?}") };
    assert!(one.render(&scenario.sources).contains("with another control plane is not supported"), "{one:?}");
}
