//! The scenarios that winlab is checked with, all of them, as `winlab test` runs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use winlab_cli::{Environment, scenarios};
use winlab_engine::{Interrupt, Job, Mode, Placement, Settings, Timeout, default_threads, run_cases};
use winlab_events::{Detail, Event, Happening, Sink};

use crate::figure::{Figure, median, timed};

const ROUNDS: usize = 3;

/// Reading and running the whole corpus on all cores, and the case in the middle.
pub(crate) fn measure() -> Vec<Figure> {
    let (mut whole, mut middle, mut cases) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (walls, wall) = timed(run);
        cases = walls.len();
        whole.push(wall);
        middle.push(median(walls));
    }
    let cores = default_threads();
    vec![
        Figure::wall(
            format!("corpus of {cases} cases on {cores} cores: wall"),
            median(whole),
            Duration::from_secs(10),
        ),
        Figure::wall("corpus: median case", median(middle), Duration::from_millis(150)),
    ]
}

/// How long each case took.
fn run() -> Vec<Duration> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let environment = Environment { directory, ..Environment::default() };
    let (loaded, problems) =
        scenarios::load(&[PathBuf::from("scenarios")], &environment).expect("the corpus is readable");
    assert!(problems.is_empty(), "{problems:?}");
    let jobs: Vec<Job> = loaded
        .iter()
        .flat_map(|loaded| loaded.scenario.cases.iter().map(move |case| (loaded, case)))
        .map(|(loaded, case)| Job {
            name: case.name.as_str().into(),
            file: scenarios::shown(&loaded.file),
            scenario: Arc::clone(&loaded.scenario),
            case: Arc::clone(case),
            seed: loaded.scenario.seed.map_or(1, |seed| seed.number()),
            rerun: String::new(),
        })
        .collect();
    let settings = Settings {
        threads: default_threads(),
        fail_fast: false,
        mode: Mode::Test,
        placement: Placement::default(),
        timeout: Timeout::Never,
    };
    let stopwatch = Stopwatch::default();
    let results = run_cases(&jobs, &settings, &Interrupt::new(), &stopwatch);
    let red: Vec<_> = results.iter().filter(|result| result.outcome.is_red()).collect();
    assert!(red.is_empty(), "red cases: {red:#?}");
    let walls = stopwatch.walls.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(!walls.is_empty(), "the corpus has cases");
    walls
}

/// Wall time from each case's first event to its last.
#[derive(Default)]
struct Stopwatch {
    begun: Mutex<BTreeMap<String, Instant>>,
    walls: Mutex<Vec<Duration>>,
}

impl Sink for Stopwatch {
    fn emit(&self, event: &Event) {
        let Some(case) = &event.case else { return };
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        match event.what {
            Happening::CaseStarted(_) => drop(begun.insert(case.to_string(), Instant::now())),
            Happening::CaseFinished(_) => {
                let began = begun.remove(&case.to_string()).expect("it was started");
                self.walls.lock().unwrap_or_else(PoisonError::into_inner).push(began.elapsed());
            }
            _ => {}
        }
    }

    fn detail(&self) -> Detail {
        Detail::Outcomes
    }
}
