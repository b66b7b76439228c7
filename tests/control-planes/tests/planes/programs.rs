//! The programs, a runtime for them, and one plane at a time.
#![expect(clippy::disallowed_methods, reason = "tests read the environment as the command line does")]

use std::env;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::{Clock, Pace, Seed};
use winlab_component::{Level, LogSink};
use winlab_control_plane::{BinariesSpec, Listen, PlaneSetting, ProgramFolders, Switches};

/// The version that the tests run with: the one that CI builds.
pub(crate) const VERSION: &str = "v1.34.4";
/// The one besides that `cargo xtask peers-all` builds.
pub(crate) const NEWER: &str = "v1.36.3";

/// A plane needs a processor: those of several tests run one after the other.
static TURN: Mutex<()> = Mutex::new(());

/// What a test of a real plane runs with.
pub(crate) struct Means {
    pub(crate) spec: BinariesSpec,
    pub(crate) scratch: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// The means, or a printed reason why there are none.
pub(crate) fn means() -> Option<Means> {
    means_of(VERSION, "binaries")
}

/// Those of a version; `need` is the word of `WINLAB_REQUIRE` for it.
pub(crate) fn means_of(version: &str, need: &str) -> Option<Means> {
    let folders = folders();
    if let Err(missing) = folders.find(version.parse().expect("it is a version")) {
        let required = env::var("WINLAB_REQUIRE").unwrap_or_default();
        assert!(required.split(',').all(|word| word != need), "{missing}\nhint: {}", missing.hint());
        say(&format!("skipped: {missing}"));
        return None;
    }
    let scratch = tempfile::tempdir().expect("a folder can be made");
    let spec =
        BinariesSpec { programs: folders, scratch: scratch.path().to_path_buf(), listen: Listen::Loopback };
    Some(Means { spec, scratch, _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner) })
}

/// A line for whoever reads the test's output.
#[expect(clippy::print_stdout, reason = "the harness shows it with --nocapture, and with a failure")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// What the command line would read: the cache that `cargo xtask peers` fills, envtest's variables, and PATH.
fn folders() -> ProgramFolders {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let named = |program: &str| {
        let path = env::var_os(ProgramFolders::variable(program))?;
        Some((program.to_owned(), PathBuf::from(path)))
    };
    ProgramFolders {
        named: winlab_control_plane::PROGRAMS.into_iter().filter_map(named).collect(),
        assets: env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from),
        layouts: cache.into_iter().map(|cache| cache.join("winlab/bin")).collect(),
        path: env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default(),
    }
}

/// Runs a world on a clock that goes by itself.
pub(crate) fn real_world<F: Future>(world: impl FnOnce(Clock) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .expect("the machine gives sockets")
        .block_on(async { world(Clock::start(Pace::Real, jiff::Timestamp::now())).await })
}

/// What a plane is given.
pub(crate) fn setting(clock: Clock, parts: Switches) -> PlaneSetting {
    PlaneSetting {
        version: VERSION.parse().expect("it is a version"),
        parts,
        advertise_address: Some("192.168.0.2".parse().expect("it is an address")),
        service_cidr: "10.96.0.0/12",
        cluster_cidr: "10.244.0.0/16",
        access: Default::default(),
        outside: Default::default(),
        clock,
        seed: Seed::new(1),
        logs: Arc::new(Unread),
    }
}

struct Unread;

impl LogSink for Unread {
    fn wants(&self, _: Level) -> bool {
        false
    }

    fn line(&self, _: &str, _: &str, _: Level, _: &str) {}
}
