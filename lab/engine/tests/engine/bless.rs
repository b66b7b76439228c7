//! Blessing: cells are asked, written down, and fail nothing.

use winlab_engine::Mode;
use winlab_events::Outcome;

use crate::harness::{mixed, read, run_as};

#[test]
fn cells_are_found_as_they_are() {
    let scenario = read(&mixed(
        r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: reached
    reach: |
      from            service/web:80  pod/web@win1:80  service/web:81
      pod/client@lin1 ok x4           timeout          -
    within: 5s
",
    ));
    let ran = run_as(&scenario, Mode::Bless);
    assert_eq!(ran.outcome(), Outcome::Passed);
    let found: Vec<(&str, &str)> =
        ran.results[0].reach.iter().map(|cell| (cell.expected.as_str(), cell.found.as_str())).collect();
    assert_eq!(found, [("ok x4", "ok x2"), ("timeout", "ok")]);
}
