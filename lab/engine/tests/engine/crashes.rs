//! A program of a node panics: its case has crashed and says what did, and the case beside it is what it is alone.

use winlab_clock::VirtualSpan;
use winlab_component::{Context, Exit, Programs};
use winlab_engine::{Interrupt, Job, Means, Mode, Placement, Settings, run_cases};
use winlab_events::{Collector, Event, FanOut, Happening, Outcome, Summary, Tally};

use crate::harness::{jobs, read, settings, small};

/// A kube-proxy that does nothing on most nodes, and on one panics in the midst of a step.
fn programs() -> Programs {
    Programs::new().with("kube-proxy", |mut context: Context| async move {
        if context.node == "broken" {
            context.clock.sleep(VirtualSpan::from_secs(5)).await;
            panic!("kube-proxy broke on {}", context.node);
        }
        context.stop.asked().await;
        Exit::SUCCESS
    })
}

fn case(name: &str, node: &str) -> Vec<Job> {
    let steps = "  - {name: held, wait: 30s}\n  - {name: deployed, apply: [web.yaml], expect: [{k8s: pods, count: 3}]}\n";
    let text = small("", steps).replace("name: t\n", &format!("name: {name}\n")).replace("lin1", node);
    jobs(&read(&text), 7)
}

fn ran(jobs: &[Job]) -> (Vec<Outcome>, Vec<Event>, Summary) {
    let means = Means { stand_ins: programs(), ..Means::default() };
    let settings =
        Settings { placement: Placement { means, ..Placement::default() }, ..settings(Mode::Test) };
    let (tally, events) = (Tally::new(), Collector::new());
    let results = run_cases(jobs, &settings, &Interrupt::new(), &FanOut::new().with(&tally).with(&events));
    let finished = tally.finished(jobs.len(), "7", "winlab test");
    (results.into_iter().map(|result| result.outcome).collect(), events.take(), finished.summary)
}

#[test]
fn a_panic_of_a_program_is_told_and_its_neighbour_is_not_harmed() {
    let (broken, sound) = (case("broken", "broken"), case("sound", "lin1"));
    let (outcomes, events, summary) = ran(&[broken, sound.clone()].concat());
    assert_eq!(outcomes, [Outcome::Crashed, Outcome::Passed]);
    // What `winlab test` exits with 70 for.
    assert_eq!((summary.crashed, summary.passed, summary.failed), (1, 1, 0));

    let of = |case: &str| -> Vec<Event> {
        let of_case = |event: &&Event| event.case.as_ref().is_some_and(|name| name.to_string() == case);
        events.iter().filter(of_case).cloned().collect()
    };
    let (of_broken, of_sound) = (of("broken"), of("sound"));
    let crashes: Vec<_> = of_broken
        .iter()
        .filter_map(|event| match &event.what {
            Happening::Crash(crash) => Some(crash),
            _ => None,
        })
        .collect();
    let [crash] = crashes[..] else { panic!("{crashes:?}") };
    // The crate whose file the panic is in.
    assert_eq!((&*crash.component, &*crash.message), ("lab/engine", "kube-proxy broke on broken"));
    assert!(crash.location.as_deref().is_some_and(|place| place.contains("crashes.rs:")), "{crash:?}");
    // It ends where the program broke, within its first step.
    let steps = |event: &Event| event.step.as_ref().map(ToString::to_string);
    assert!(!of_broken.iter().any(|event| steps(event).as_deref() == Some("deployed")));

    let (outcomes, alone, _) = ran(&sound);
    assert_eq!(outcomes, [Outcome::Passed]);
    assert_eq!(of_sound, alone);
}
