//! The Host Compute Service by its real client, under Wine against the fake HCS: hcsshim's public API over vmcompute.dll,
//! and computecore.dll by a binding of our own.
//!
//! The client is a Go test program, `tests/peers/hcs-client-v0.13.0`, which knows what must come back. `cargo xtask peers
//! --only hcs-client.test` builds it, `cargo xtask shims` what it loads. What is missing makes the tests ignored, or failed
//! where `WINLAB_REQUIRE` has `peers`.

use std::process::ExitCode;

use libtest_mimic::Arguments;
use winlab_shims_tests::harness::{is_required, say_ignored};
use winlab_shims_tests::suite;

const PROGRAM: &str = "hcs-client-v0.13.0/hcs-client.test.exe";
const BUILDS: [&str; 3] = ["ltsc2019", "ltsc2022", "ltsc2025"];
const TESTS: &[&str] = &[
    "TestComputecoreCreateIsUnique",
    "TestComputecoreOperationBeforeItsCall",
    "TestComputecoreStartsOnce",
    "TestComputecoreOpen",
    "TestComputecoreEnumerate",
    "TestComputecoreProcessStreams",
    "TestComputecoreProcessOpened",
    "TestComputecoreProcessSignalled",
    "TestComputecoreShutdown",
    "TestComputecoreTerminate",
    "TestComputecoreCrash",
    "TestComputecoreCrashOfAContainer",
    "TestComputecoreProcessesEndWithTheirSystem",
    "TestComputecoreNothingAfterTheEnd",
    "TestComputecoreServiceProperties",
    "TestVmcomputeCreateIsUnique",
    "TestVmcomputeStartsOnce",
    "TestVmcomputeNoProcessBeforeStart",
    "TestVmcomputeOpenUnknown",
    "TestVmcomputeClosedHandle",
    "TestVmcomputeProcessStreams",
    "TestVmcomputeProcessEndsWithItsInput",
    "TestVmcomputeProcessEnvironment",
    "TestVmcomputeProcessExitCode",
    "TestVmcomputeProcessUnknownProgram",
    "TestVmcomputeProcessUnknownFolder",
    "TestVmcomputeProcessKilled",
    "TestVmcomputeProcessOpened",
    "TestVmcomputeProperties",
    "TestVmcomputeEnumerate",
    "TestVmcomputeShutdown",
    "TestVmcomputeTerminateEndsProcesses",
    "TestVmcomputeEndsWithItsLastHandle",
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let found = suite::find(PROGRAM, env!("CARGO_TARGET_TMPDIR"));
    if let Err(missing) = &found {
        say_ignored(missing);
    }
    let is_required = is_required("peers") || is_required("peers-all");
    let trials = BUILDS
        .into_iter()
        .flat_map(|build| suite::trials(("hcs", build), &found, is_required, TESTS, |_, _| None));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
