//! The same seed twice: the same bytes.

use winlab_engine::Mode;
use winlab_events::Journal;

use crate::harness::{mixed, read, run_into};

fn journal(seed: u64) -> String {
    let scenario = read(&mixed(
        r"
  - name: deployed
    apply: [web.yaml]
    expect: [{k8s: deployment/web, match: {status: {readyReplicas: 2}}}]
    within: 2m
  - name: reached
    fault: {at: hns/win1, stop: 5s}
    reach: |
      from            service/web:80
      pod/client@lin1 ok x2
    hold: 10s
",
    ));
    let journal = Journal::new(Vec::new());
    run_into(&scenario, Mode::Test, seed, &journal);
    String::from_utf8(journal.finish().unwrap()).unwrap()
}

#[test]
fn journals_are_equal_by_seed() {
    let (first, again, other) = (journal(3), journal(3), journal(4));
    assert!(first.lines().count() > 100);
    if let Some((a, b)) = first.lines().zip(again.lines()).find(|(a, b)| a != b) {
        panic!("the first lines that differ:\n{a}\n{b}");
    }
    assert_eq!(first.len(), again.len());
    assert_ne!(first, other);
}
