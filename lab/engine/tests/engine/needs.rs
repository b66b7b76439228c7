//! What a machine lacks keeps a case from running, and is told.

use winlab_engine::{Mode, Placement, RealComponent};
use winlab_events::{CaseSkipped, Collector, Happening};
use winlab_scenario::ControlPlane;

use crate::harness::{mixed, read, run_placed};

/// What kept the case from running on a machine that has nothing.
fn skipped(text: &str, placement: &Placement) -> CaseSkipped {
    let sink = Collector::new();
    let results = run_placed(&read(text), Mode::Test, placement, 7, &sink);
    assert!(results.is_empty(), "{results:?}");
    let events = sink.take();
    match events.as_slice() {
        [event] => match &event.what {
            Happening::CaseSkipped(skipped) => skipped.clone(),
            other => panic!("{other:?}"),
        },
        more => panic!("{more:?}"),
    }
}

const WAIT: &str = "  - {name: w, wait: 1s}\n";

#[test]
fn a_real_component_of_file_or_command_line_needs_its_program() {
    let in_file =
        mixed(WAIT).replace("{os: ltsc2022}", "{os: ltsc2022, real: [kube-proxy], kube-proxy: v1.34.4}");
    let told = skipped(&in_file, &Placement::default());
    assert!(told.reason.contains("no kube-proxy.exe v1.34.4"), "{told:?}");
    assert!(told.need.is_some());
    let on_command_line = Placement { real: vec![RealComponent::KubeProxy], ..Placement::default() };
    let told = skipped(&mixed(WAIT), &on_command_line);
    assert!(told.reason.contains("no kube-proxy.exe v1.36.1"), "{told:?}");
}

#[test]
fn a_control_plane_of_programs_needs_them() {
    let placement = Placement { control_plane: Some(ControlPlane::Binaries), ..Placement::default() };
    let told = skipped(&mixed(WAIT), &placement);
    assert_eq!(told.need.as_deref(), Some("control plane v1.36.1"));
    assert!(told.reason.contains("kube-apiserver"), "{told:?}");
}
