//! Cases that are ended from outside: by the clock on the wall, or by somebody.

use std::sync::Mutex;
use std::time::Duration;

use winlab_engine::{Interrupt, Mode, Settings, Timeout, run_cases};
use winlab_events::{Collector, Detail, Event, Happening, Outcome, Sink, Summary, Tally};

use crate::harness::{jobs, read, settings, small};

/// Far longer than a lab takes to start on the slowest machine, and as short as a test may wait.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Three worlds that keep a year of their own time under observation.
fn endless() -> String {
    let quick = "  - name: quick\n    expect: [{k8s: node/lin1, count: 1}]\n    within: 1s\n";
    let hold = "  - name: held\n    always: [{k8s: node/lin1, count: 1}]\n    hold: 365d\n";
    small("matrix:\n  axes: {kube: [v1.35.1, v1.36.1, v1.37.2]}\n", &format!("{quick}{hold}"))
        .replace("kube: v1.36.1", "kube: $kube")
}

/// A world that does not come back to its runtime: an expression of 20 to the 9th steps.
fn stuck() -> String {
    let list = format!("{:?}", (0..20).collect::<Vec<_>>());
    let all =
        ('a'..='i').rev().fold("a >= 0".to_owned(), |inner, name| format!("{list}.all({name}, {inner})"));
    small("", &format!("  - name: counted\n    expect: [{{k8s: node/lin1, that: '{all}'}}]\n"))
}

/// Runs the case beside one that takes no time, and gives what the first one failed with.
fn timed_out(text: &str) -> (String, Option<String>) {
    let mut jobs = jobs(&read(text), 7);
    jobs.truncate(1);
    jobs.extend(crate::harness::jobs(&read(&small("", "  - name: short\n    wait: 1s\n")), 7));
    let settings = Settings { timeout: Timeout::After(TIMEOUT), ..settings(Mode::Test) };
    let sink = Collector::new();
    let results = run_cases(&jobs, &settings, &Interrupt::new(), &sink);
    let outcomes: Vec<Outcome> = results.iter().map(|result| result.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Passed]);
    let events = sink.take();
    let ends = events.iter().filter(|event| matches!(event.what, Happening::CaseFinished(_))).count();
    assert_eq!(ends, 2);
    let mut failed = events.iter().filter_map(|event| match &event.what {
        Happening::ActionFailed(failed) => {
            Some((failed.error.clone()?, event.step.as_ref().map(|step| step.to_string())))
        }
        _ => None,
    });
    let only = failed.next().expect("the case says why it failed");
    assert_eq!(failed.next(), None);
    only
}

#[test]
fn a_case_that_takes_too_long_fails_with_what_it_did_last_and_the_others_go_on() {
    let (error, step) = timed_out(&endless());
    assert!(
        error.starts_with("ran 3s of real time without coming to an end\nits own time stood at +"),
        "{error}"
    );
    assert_eq!(step.as_deref(), Some("held"));
}

#[test]
fn a_case_that_cannot_even_be_asked_to_end_is_left_behind() {
    let (error, step) = timed_out(&stuck());
    assert!(error.starts_with("ran 3s of real time without coming to an end"), "{error}");
    assert_eq!(step.as_deref(), Some("counted"));
}

/// Raises the interrupt when the first step of a case has ended.
struct Raise {
    interrupt: Interrupt,
    tally: Tally,
    remarks: Mutex<Vec<String>>,
}

impl Sink for Raise {
    fn emit(&self, event: &Event) {
        self.tally.emit(event);
        match &event.what {
            Happening::StepFinished(_) => self.interrupt.raise(),
            Happening::Remark(remark) => self.remarks.lock().unwrap().push(remark.message.clone()),
            _ => {}
        }
    }

    fn detail(&self) -> Detail {
        Detail::Outcomes
    }
}

#[test]
fn an_interrupt_begins_nothing_more_and_gives_up_what_runs() {
    let scenario = read(&endless());
    let interrupt = Interrupt::new();
    let sink = Raise { interrupt: interrupt.clone(), tally: Tally::new(), remarks: Mutex::default() };
    let results = run_cases(&jobs(&scenario, 7), &settings(Mode::Test), &interrupt, &sink);
    assert!(interrupt.is_raised());
    assert_eq!(results.len(), 2, "the third case was never begun");
    assert!(results.iter().all(|result| result.outcome == Outcome::NotFinished));
    let summary = sink.tally.finished(3, "7", "").summary;
    assert_eq!(summary, Summary { not_finished: 3, ..Summary::default() });
    let remarks = sink.remarks.into_inner().unwrap();
    assert_eq!(
        remarks,
        ["interrupted: 2 running and 1 waiting cases are given up; once more ends winlab at once"]
    );
    // It cannot be taken back: the next run ends before it begins anything that matters.
    let again = run_cases(&jobs(&scenario, 7), &settings(Mode::Test), &interrupt, &Collector::new());
    assert!(again.iter().all(|result| result.outcome == Outcome::NotFinished));
}
