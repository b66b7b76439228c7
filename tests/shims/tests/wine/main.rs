//! The shim DLLs as a Windows program sees them: `probe.exe` under Wine, against a fake host behind the wire.
//!
//! `cargo xtask shims` builds what is tested here; where that or Wine is missing, every test is ignored and the reason
//! is printed; where `WINLAB_REQUIRE` has `wine`, every test fails with it.

mod cases;
mod lab;
mod prefix;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::prefix::Prefix;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let prefix = Prefix::find();
    let trials = cases::ALL
        .iter()
        .map(|(name, case)| {
            let prefix = prefix.clone();
            let trial = Trial::test(*name, move || {
                let prefix: Arc<Prefix> = prefix.map_err(|missing| missing.to_owned())?;
                case(&prefix).map_err(Into::into)
            });
            trial.with_ignored_flag(Prefix::find().is_err() && !prefix::is_required())
        })
        .collect();
    if let Err(missing) = Prefix::find() {
        say(&format!("ignored: {missing}"));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
fn say(line: &str) {
    eprintln!("{line}");
}
