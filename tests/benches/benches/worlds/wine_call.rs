//! What one boundary call costs a program under Wine, beside a bare exchange of the same size over TCP.

use std::process::Command;
use std::time::Duration;

use winlab_cli::{Environment, Exit, Streams};

use crate::figure::Figure;

/// Its name on the command line.
pub(crate) const NAME: &str = "wine-call";
/// The world that only prints what the program under Wine does, for this one to read.
pub(crate) const PROBE: &str = "wine-call-probe";
/// How many of each.
const CALLS: &str = "2000";
/// How many times a bare exchange a call may take.
const TARGET: f64 = 1.3;

/// A call's median, and how many times a bare exchange's that is.
pub(crate) fn measure() -> Vec<Figure> {
    let Some(medians) = Medians::measure() else { return Vec::new() };
    vec![
        Figure::told_wall("boundary call of a program under Wine: median", medians.call),
        Figure::ratio(
            format!("  beside a bare exchange of {} us", medians.bare.as_micros()),
            medians.ratio(),
            TARGET,
        ),
    ]
}

/// Medians of two thousand of each, taken in turn.
pub(crate) struct Medians {
    bare: Duration,
    pub(crate) call: Duration,
}

impl Medians {
    /// Asks a process of its own, whose output is read; `None` if this machine cannot, which it has said.
    pub(crate) fn measure() -> Option<Self> {
        let program = std::env::current_exe().expect("a running program has a path");
        let output = Command::new(program).args(["--bench", PROBE]).output().expect("it starts");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{talk}");
        eprint!("{talk}");
        let text = String::from_utf8(output.stdout).expect("it prints text");
        if text.is_empty() {
            return None;
        }
        let micros = |name: &str| {
            let number =
                text.split(name).nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            Duration::from_micros(number.unwrap_or_else(|| panic!("the probe does not say `{name}`: {text}")))
        };
        Some(Self { bare: micros("bare "), call: micros("call ") })
    }

    fn ratio(&self) -> f64 {
        self.call.as_secs_f64() / self.bare.as_secs_f64()
    }
}

/// The tests' own program under Wine measures, and prints.
pub(crate) fn probe() {
    let environment = Environment::read();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let shims = root.expect("the crate is two folders deep").join("fakes/shims/target/shims");
    let probe = environment.shims.clone().unwrap_or(shims).join("probe.exe");
    if !probe.exists() {
        eprintln!("not measured: {} is not built, `cargo xtask shims` does it", probe.display());
        return;
    }
    let words = ["winlab".into(), "exec".into(), "--".into(), probe.into(), "speed".into(), CALLS.into()];
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let exit = winlab_cli::run(words, &environment, &mut Streams { out: &mut out, talk: &mut talk });
    let talk = String::from_utf8_lossy(&talk);
    match exit {
        Exit::NeedAbsent => eprintln!("not measured: {talk}"),
        exit => assert_eq!(exit, Exit::Program(0), "{talk}"),
    }
}
