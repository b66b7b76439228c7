//! The shim DLLs as a Windows program sees them: `probe.exe` under Wine, against a fake host behind the wire.
//!
//! `cargo xtask shims` builds what is tested here; where that or Wine is missing, every test is ignored and the reason
//! is printed; where `WINLAB_REQUIRE` has `wine`, every test fails with it.

mod cases;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use winlab_shims_tests::harness::{is_required, say_ignored, trial};
use winlab_shims_tests::prefix::Prefix;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let prefix = Prefix::find(env!("CARGO_TARGET_TMPDIR"));
    if let Err(missing) = &prefix {
        say_ignored(missing);
    }
    let trials = cases::ALL
        .iter()
        .map(|(name, case)| trial(*name, prefix.clone(), is_required("wine"), |prefix| case(&prefix)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
