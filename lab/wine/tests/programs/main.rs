//! The runner as a lab uses it: `probe.exe` on nodes under Wine.
//!
//! Where Wine or the shims are missing, every test is ignored and the reason is printed; so are those that need a right
//! or a library of the machine. What `WINLAB_REQUIRE` names (`wine`, `namespaces`, `faketime`) fails with it.

mod bench;
mod cases;
mod doomed;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::bench::Bench;
use crate::cases::{ALL, Case};

fn main() -> ExitCode {
    let bench = Bench::look();
    if doomed::is_asked_for() {
        return doomed::run(&bench);
    }
    let arguments = Arguments::from_args();
    let trials = ALL
        .iter()
        .map(|(name, needs, case)| {
            let (case, bench): (Case, _) = (*case, bench.clone());
            let is_required = bench::is_required(*needs);
            let lacking = bench.lacking(*needs);
            if let Some(lacking) = &lacking {
                say(&format!("{}: {name}: {lacking}", if is_required { "fails" } else { "ignored" }));
            }
            let is_ignored = lacking.is_some() && !is_required;
            let trial = Trial::test(*name, move || match lacking {
                Some(lacking) => Err(lacking.into()),
                None => case(&bench).map_err(Into::into),
            });
            trial.with_ignored_flag(is_ignored)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
fn say(line: &str) {
    eprintln!("{line}");
}
