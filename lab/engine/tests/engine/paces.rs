//! Worlds of models on clocks that go on by themselves.

use winlab_engine::{Mode, Placement};
use winlab_events::{Collector, FailureReason, Happening, Outcome};
use winlab_scenario::ClockDemand;

use crate::harness::{Ran, mixed, read, run, run_placed, small};

fn paces(ran: &Ran) -> Vec<Option<&str>> {
    ran.all(|what| if let Happening::CaseStarted(start) = what { Some(start.pace.as_deref()) } else { None })
}

/// Runs with `--clock` on the command line.
fn run_clocked(text: &str, clock: ClockDemand) -> Ran {
    let sink = Collector::new();
    let placement = Placement { clock: Some(clock), ..Placement::default() };
    let results = run_placed(&read(text), Mode::Test, &placement, 7, &sink);
    Ran { results, events: sink.take() }
}

const SERVED: &str = "
  - name: served
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    reach: |
      from            service/web:80
      pod/client@lin1 ok x2
    within: 5m
";

#[test]
fn a_lab_of_models_runs_many_times_faster_than_the_wall() {
    let ran = run_clocked(&mixed(SERVED), ClockDemand::Scaled(50));
    ran.expect_passed();
    assert_eq!(paces(&ran), [Some("scaled 50x")]);
}

#[test]
fn a_clock_in_the_file_is_heard_and_the_command_line_wins() {
    let text = small("clock: {scaled: 100}\n", "  - {name: w, wait: 10s}\n");
    let ran = run(&text);
    ran.expect_passed();
    assert_eq!(paces(&ran), [Some("scaled 100x")]);
    let ran = run_clocked(&text, ClockDemand::Virtual);
    ran.expect_passed();
    assert_eq!(paces(&ran), [None]);
}

/// Programs beside the models may still do something that nobody here sees coming.
#[test]
fn only_a_virtual_world_gives_up_at_rest() {
    let steps = "  - {name: n, expect: [{k8s: configmap/none, count: 1}], within: 18m}\n";
    let reasons = |ran: &Ran| ran.failed_checks().iter().map(|failed| failed.reason).collect::<Vec<_>>();
    let ran = run(&small("", steps));
    assert_eq!((ran.outcome(), reasons(&ran)), (Outcome::Failed, vec![FailureReason::AtRest]));
    let ran = run_clocked(&small("", steps), ClockDemand::Scaled(100));
    assert_eq!((ran.outcome(), reasons(&ran)), (Outcome::Failed, vec![FailureReason::Timeout]));
}
