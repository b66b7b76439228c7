//! The order of cases, however their threads interleave.

use std::collections::BTreeMap;

use crate::{
    CaseFinished, CaseName, CaseSkipped, Collector, Event, Happening, InOrder, Outcome, PlannedCase, Remark,
    RunFinished, RunStarted, Severity, Sink, Summary,
};

fn started(names: &[&str]) -> Event {
    let cases = names
        .iter()
        .map(|name| PlannedCase {
            name: CaseName::from(*name),
            scenario: (*name).into(),
            file: "f".into(),
            cell: BTreeMap::new(),
        })
        .collect();
    Event::of_run(RunStarted {
        format: crate::FORMAT,
        winlab: "0".into(),
        seed: "1".into(),
        rerun: String::new(),
        cases,
    })
}

fn remark(case: &str, message: &str) -> Event {
    let remark = Remark {
        severity: Severity::Note,
        code: None,
        message: message.into(),
        hint: None,
        place: None,
        excerpt: None,
    };
    Event::of_case(0, case.into(), remark)
}

fn finished(case: &str) -> Event {
    let data =
        CaseFinished { outcome: Outcome::Passed, virtual_ns: 0, seed: "1".into(), rerun: String::new() };
    Event::of_case(0, case.into(), data)
}

fn run_finished() -> Event {
    Event::of_run(RunFinished {
        summary: Summary::default(),
        virtual_ns: 0,
        seed: "1".into(),
        rerun: String::new(),
        unmodelled: Vec::new(),
    })
}

fn seen(collector: &Collector) -> Vec<String> {
    collector
        .take()
        .into_iter()
        .map(|event| match (event.case, event.what) {
            (Some(case), Happening::Remark(remark)) => format!("{case}:{}", remark.message),
            (Some(case), Happening::CaseSkipped(_)) => format!("{case}:skipped"),
            (Some(case), _) => format!("{case}:end"),
            (None, Happening::RunFinished(_)) => "end".into(),
            (None, _) => "begin".into(),
        })
        .collect()
}

#[test]
fn a_later_case_waits_until_the_earlier_ones_have_ended() {
    let collector = Collector::new();
    let sink = InOrder::new(&collector);
    sink.emit(&started(&["b", "a", "c"]));
    sink.emit(&remark("a", "1"));
    sink.emit(&remark("b", "1"));
    assert_eq!(seen(&collector), ["begin", "b:1"]);

    sink.emit(&finished("a"));
    let skip = CaseSkipped { reason: "no wine".into(), need: Some("wine".into()) };
    sink.emit(&Event::of_case(0, "c".into(), skip));
    assert_eq!(seen(&collector), Vec::<String>::new());

    sink.emit(&remark("b", "2"));
    sink.emit(&finished("b"));
    assert_eq!(seen(&collector), ["b:2", "b:end", "a:1", "a:end", "c:skipped"]);
    sink.emit(&run_finished());
    assert_eq!(seen(&collector), ["end"]);
}

#[test]
fn an_interrupted_run_keeps_what_its_cases_said() {
    let collector = Collector::new();
    let sink = InOrder::new(&collector);
    sink.emit(&started(&["a", "b", "c"]));
    sink.emit(&remark("c", "1"));
    sink.emit(&remark("unplanned", "1"));
    sink.emit(&remark("b", "1"));
    sink.emit(&run_finished());
    assert_eq!(seen(&collector), ["begin", "b:1", "c:1", "unplanned:1", "end"]);
}

#[test]
fn a_case_that_goes_on_after_its_turn_came_is_handed_on_at_once() {
    let collector = Collector::new();
    let sink = InOrder::new(&collector);
    sink.emit(&started(&["a", "b"]));
    sink.emit(&remark("b", "1"));
    sink.emit(&finished("a"));
    assert_eq!(seen(&collector), ["begin", "a:end", "b:1"]);
    sink.emit(&remark("b", "2"));
    assert_eq!(seen(&collector), ["b:2"]);
}
