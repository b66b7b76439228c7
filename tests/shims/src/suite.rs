//! A Go test program of others, or of ours, as tests of this crate.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use libtest_mimic::Trial;

use crate::harness::trial;
use crate::lab::Lab;
use crate::outcome::Outcomes;
use crate::peers;
use crate::prefix::Prefix;

/// A program and the prefix it runs in, or what is missing.
pub type Found = Result<(Arc<Prefix>, PathBuf), String>;

/// Looks for a program, and for what it needs.
///
/// # Errors
///
/// What is missing.
pub fn find(program: &str, scratch: &str) -> Found {
    let program = peers::windows(program)?;
    Ok((Prefix::find(scratch)?, program))
}

/// One program on one Windows build. It runs once, as it does on a real host, when its first test is asked for.
struct Suite {
    prefix: Arc<Prefix>,
    program: PathBuf,
    build: &'static str,
    outcomes: OnceLock<Result<Outcomes, String>>,
}

impl Suite {
    fn outcomes(&self) -> Result<&Outcomes, String> {
        let run = || {
            let lab = Lab::start(self.build);
            // A test that hangs is named by Go itself.
            let words = ["-test.v", "-test.timeout=300s"];
            let (_, printed) = self.prefix.run(&self.program, &lab.address, &words)?;
            Ok(Outcomes::read(&printed))
        };
        self.outcomes.get_or_init(run).as_ref().map_err(Clone::clone)
    }
}

/// A trial for each of the program's tests, and one for the list of them.
///
/// `known` says why a test fails on a build, where it must.
pub fn trials(
    (name, build): (&str, &'static str),
    found: &Found,
    is_required: bool,
    tests: &'static [&'static str],
    known: fn(&str, &str) -> Option<String>,
) -> Vec<Trial> {
    let suite = found
        .clone()
        .map(|(prefix, program)| Arc::new(Suite { prefix, program, build, outcomes: OnceLock::new() }));
    let named = |test: &str| format!("{name}::{build}::{test}");
    let each = tests.iter().map(|&test| {
        trial(named(test), suite.clone(), is_required, move |suite| {
            suite.outcomes()?.of(test).judge(known(test, build).as_deref())
        })
    });
    let whole = trial(named("no_other_test_ran"), suite.clone(), is_required, |suite| {
        suite.outcomes()?.none_but(tests)
    });
    each.chain([whole]).collect()
}
