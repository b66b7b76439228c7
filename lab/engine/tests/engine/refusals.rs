//! What cannot be run is told before anything starts.

use crate::harness::{mixed, refused, small};

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
fn what_is_there_is_not_refused() {
    let steps = r"
  - name: f
    fault: [{at: hns/*, fail: 'Hcn*', rate: 1%}, {at: kubelet/win1, crash: true}, {at: api, gone: true}]
    hold: 1s
    expect: [{hns: win1/networks}]
";
    assert_eq!(messages(&mixed(steps)), Vec::<String>::new());
}
