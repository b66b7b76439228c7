//! Versions that the skew policy does not allow: they run, and the run says so.

use winlab_events::{Happening, Outcome};

use crate::harness::{run, small};

/// What a lab with this kubelet is told beforehand, each with its line.
fn warnings(kubelet: &str) -> Vec<(String, u32)> {
    let text = small("", "  - {name: up, expect: {k8s: node/lin1, count: 1}}\n")
        .replace("{os: linux}", &format!("{{os: linux, kubelet: {kubelet}}}"));
    let ran = run(&text);
    assert_eq!(ran.outcome(), Outcome::Passed);
    ran.all(|what| match what {
        Happening::Remark(remark) if remark.code.as_deref() == Some("version-skew") => {
            Some((remark.message.clone(), remark.place.as_ref()?.line))
        }
        _ => None,
    })
}

#[test]
fn a_kubelet_outside_the_policy_is_told_with_its_place_and_runs() {
    assert_eq!(warnings("v1.33.1"), []);
    for kubelet in ["v1.32.1", "v1.37.2"] {
        let told = warnings(kubelet);
        let [(message, line)] = &told[..] else { panic!("{told:?}") };
        assert!(message.starts_with("lin1: ") && message.contains(&kubelet[..5]), "{message}");
        assert_eq!(*line, 9);
    }
}
