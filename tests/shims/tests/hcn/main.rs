//! hcsshim's own tests of HCN, unmodified, as Windows programs under Wine against the fake HNS.
//!
//! Microsoft wrote them to run on Windows hosts. Each is a test here, for each version of hcsshim and each Windows build
//! that runs containers; one run of the program answers for all of a build, as it does on a real host.
//! [`known`] names those that cannot pass on a build, with the reason.
//!
//! `cargo xtask peers --only hcn.test` builds them, `cargo xtask shims` what they load. What is missing makes the tests
//! ignored, or failed where `WINLAB_REQUIRE` has `peers`.

mod known;
mod names;
mod outcome;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};
use winlab_shims_tests::harness::{is_required, say_ignored, trial};
use winlab_shims_tests::lab::Lab;
use winlab_shims_tests::peers;
use winlab_shims_tests::prefix::Prefix;

use crate::outcome::Outcomes;

/// The builds of Windows Server that run containers.
const BUILDS: [&str; 4] = ["ltsc2019", "ltsc2022", "23h2", "ltsc2025"];
/// The version that CI builds comes first; the other is built by `cargo xtask peers-all`.
const VERSIONS: [&str; 2] = ["v0.13.0", "v0.15.0"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for version in VERSIONS {
        let found = find(version);
        if let Err(missing) = &found {
            say_ignored(missing);
        }
        let is_required = is_required("peers") && version == VERSIONS[0] || is_required("peers-all");
        for build in BUILDS {
            trials.extend(of_build(version, build, &found, is_required));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One program on one Windows build; it runs once, when its first test is asked for.
struct Suite {
    prefix: Arc<Prefix>,
    program: std::path::PathBuf,
    build: &'static str,
    outcomes: OnceLock<Result<Outcomes, String>>,
}

impl Suite {
    fn outcomes(&self) -> Result<&Outcomes, String> {
        let run = || {
            let lab = Lab::start(self.build);
            let words = ["-test.v", "-test.timeout=300s"];
            let (_, printed) = self.prefix.run(&self.program, &lab.address, &words)?;
            Ok(Outcomes::read(&printed))
        };
        self.outcomes.get_or_init(run).as_ref().map_err(Clone::clone)
    }
}

type Found = Result<(Arc<Prefix>, std::path::PathBuf), String>;

fn find(version: &str) -> Found {
    let program = peers::windows(&format!("hcsshim-{version}/hcn.test.exe"))?;
    Ok((Prefix::find(env!("CARGO_TARGET_TMPDIR"))?, program))
}

fn of_build(version: &str, build: &'static str, found: &Found, is_required: bool) -> Vec<Trial> {
    let suite = found
        .clone()
        .map(|(prefix, program)| Arc::new(Suite { prefix, program, build, outcomes: OnceLock::new() }));
    let name_of = |name: &str| format!("hcn::{version}::{build}::{name}");
    let trials = names::ALL.iter().map(|&name| {
        trial(name_of(name), suite.clone(), is_required, move |suite| {
            suite.outcomes()?.of(name).judge(known::reason(name, build).as_deref())
        })
    });
    let whole = trial(name_of("no_other_test_ran"), suite.clone(), is_required, |suite| {
        suite.outcomes()?.none_but(names::ALL)
    });
    trials.chain([whole]).collect()
}
