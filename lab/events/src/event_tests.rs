//! The lines are a public contract: their bytes are written down here.

use crate::{
    BoundaryCall, CaseFinished, Code, Collector, Detail, Event, FanOut, Happening, Journal, Outcome,
    ResultCode, RunFinished, RunStarted, Sink, StepFinished, Summary, Wall, WallStamp,
};

fn call() -> Event {
    let call = BoundaryCall {
        host: "win1".into(),
        service: "hns".into(),
        caller: Some("kube-proxy".into()),
        call: "HcnCreateEndpoint".into(),
        arguments: "network=flannel.4096 ip=10.244.1.7".into(),
        error: Some(ResultCode {
            code: Code(0x803b_0013),
            name: Some("HCN_E_ADDR_INVALID_OR_RESERVED".into()),
        }),
        answer: "{\"Success\":false}".into(),
        latency_ns: 2_000_000,
    };
    Event {
        wall: Some(Wall { at_ns: 7, took_ns: None }),
        ..Event::of_step(15, "c[k=1]".into(), "s".into(), call)
    }
}

#[test]
fn a_line_has_its_keys_in_the_documented_order_and_reads_back() {
    let line = call().to_line();
    assert_eq!(
        line,
        concat!(
            r#"{"at_ns":15,"wall":{"at_ns":7},"case":"c[k=1]","step":"s","event":"boundary-call","host":"win1","#,
            r#""service":"hns","caller":"kube-proxy","call":"HcnCreateEndpoint","#,
            r#""arguments":"network=flannel.4096 ip=10.244.1.7","#,
            r#""error":{"code":"0x803b0013","name":"HCN_E_ADDR_INVALID_OR_RESERVED"},"#,
            r#""answer":"{\"Success\":false}","latency_ns":2000000}"#
        )
    );
    assert_eq!(Event::from_line(&line).unwrap(), call());
}

#[test]
fn a_key_of_a_later_version_is_skipped_and_an_event_of_one_is_an_error() {
    let line =
        r#"{"at_ns":1,"case":"c","event":"step-finished","outcome":"passed","virtual_ns":3,"later":[1]}"#;
    let finished = StepFinished { outcome: Outcome::Passed, virtual_ns: 3 };
    assert_eq!(Event::from_line(line).unwrap(), Event::of_case(1, "c".into(), finished));
    assert!(Event::from_line(r#"{"at_ns":1,"event":"tomorrow"}"#).is_err());
}

#[test]
fn whole_numbers_of_64_bits_survive() {
    let finished = StepFinished { outcome: Outcome::Passed, virtual_ns: u64::MAX };
    let event = Event::of_case(u64::MAX, "c".into(), finished);
    assert_eq!(Event::from_line(&event.to_line()).unwrap(), event);
}

#[test]
fn a_journal_leaves_real_time_out_and_keeps_it_when_asked() {
    let (without, with) = (Journal::new(Vec::new()), Journal::with_wall(Vec::new()));
    for journal in [&without as &dyn Sink, &with] {
        journal.emit(&call());
    }
    let text = |journal: Journal<Vec<u8>>| String::from_utf8(journal.finish().unwrap()).unwrap();
    assert_eq!(text(without), format!("{}\n", call().without_wall().to_line()));
    assert_eq!(text(with), format!("{}\n", call().to_line()));
}

#[test]
fn a_journal_reports_the_first_write_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let journal = Journal::new(Full);
    journal.emit(&call());
    journal.emit(&call());
    assert_eq!(journal.finish().err().unwrap().to_string(), "disk full");
}

#[test]
fn wall_time_counts_from_the_run_and_from_each_start() {
    let collector = Collector::new();
    let ticks = std::sync::atomic::AtomicU64::new(1_000);
    let clock = || ticks.fetch_add(10, std::sync::atomic::Ordering::SeqCst);
    let stamp = WallStamp::new(clock, &collector);
    let started = RunStarted {
        format: 1,
        winlab: "0".into(),
        seed: "1".into(),
        rerun: String::new(),
        cases: Vec::new(),
    };
    stamp.emit(&Event::of_run(started));
    let case = crate::CaseStarted {
        scenario: "s".into(),
        file: "f".into(),
        cell: Default::default(),
        seed: "1".into(),
        pace: None,
    };
    stamp.emit(&Event::of_case(0, "c".into(), case));
    stamp.emit(&call().without_wall());
    let end =
        CaseFinished { outcome: Outcome::Passed, virtual_ns: 9, seed: "1".into(), rerun: String::new() };
    stamp.emit(&Event::of_case(9, "c".into(), end));
    let end = RunFinished {
        summary: Summary::default(),
        virtual_ns: 9,
        seed: "1".into(),
        rerun: String::new(),
        unmodelled: Vec::new(),
    };
    stamp.emit(&Event::of_run(end));

    let walls: Vec<_> = collector.events().iter().map(|event| event.wall.unwrap()).collect();
    let wall = |at_ns, took_ns| Wall { at_ns, took_ns };
    assert_eq!(
        walls,
        [wall(0, None), wall(10, None), wall(20, None), wall(30, Some(20)), wall(40, Some(40))]
    );
}

#[test]
fn a_fan_out_wants_what_its_most_curious_sink_wants() {
    struct Calm;
    impl Sink for Calm {
        fn emit(&self, _: &Event) {}
        fn detail(&self) -> Detail {
            Detail::Outcomes
        }
    }
    let collector = Collector::new();
    assert_eq!(FanOut::new().detail(), Detail::Outcomes);
    assert_eq!(FanOut::new().with(Calm).detail(), Detail::Outcomes);
    let both = FanOut::new().with(Calm).with(&collector);
    assert_eq!(both.detail(), Detail::Everything);
    both.emit(&call());
    assert!(matches!(collector.events()[0].what, Happening::BoundaryCall(_)));
}
