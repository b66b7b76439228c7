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

use std::process::ExitCode;

use libtest_mimic::Arguments;
use winlab_shims_tests::harness::{is_required, say_ignored};
use winlab_shims_tests::suite;

/// The builds of Windows Server that run containers.
const BUILDS: [&str; 4] = ["ltsc2019", "ltsc2022", "23h2", "ltsc2025"];
/// The version that CI builds comes first; the other is built by `cargo xtask peers-all`.
const VERSIONS: [&str; 2] = ["v0.13.0", "v0.15.0"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for version in VERSIONS {
        let found = suite::find(&format!("hcsshim-{version}/hcn.test.exe"), env!("CARGO_TARGET_TMPDIR"));
        if let Err(missing) = &found {
            say_ignored(missing);
        }
        let is_required = is_required("peers") && version == VERSIONS[0] || is_required("peers-all");
        for build in BUILDS {
            let name = format!("hcn::{version}");
            trials.extend(suite::trials((&name, build), &found, is_required, names::ALL, known::reason));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
